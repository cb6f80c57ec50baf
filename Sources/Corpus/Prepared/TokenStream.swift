import Experiment
import Foundation

/// One side's tokens, over shards that are mapped into memory; a range may straddle shards.
public struct TokenStream: Sendable {
    /// Tokens of all shards.
    public let count: Int
    private let shards: [Shard]
    private let element: CorpusIndex.ElementType

    private struct Shard {
        let data: Data
        let tokens: Range<Int>
    }

    /// Sizes must have been checked against the index.
    init(folder: URL, side: CorpusIndex.Side, element: CorpusIndex.ElementType) throws {
        self.element = element
        var shards: [Shard] = []
        var start = 0
        for shard in side.shards {
            let data = try PreparedCorpus.map(folder.appending(component: shard.file))
            shards.append(Shard(data: data, tokens: start..<start + shard.tokens))
            start += shard.tokens
        }
        self.shards = shards
        count = start
    }

    /// Non-overlapping windows of `context` + 1 tokens, the last of one shared with the next (DESIGN §6).
    public func sequences(context: Int) -> Int { max(0, (count - 1) / context) }

    /// Tokens behind the last window.
    public func unusedTokens(context: Int) -> Int {
        let sequences = sequences(context: context)
        return sequences == 0 ? count : count - (sequences * context + 1)
    }

    /// Writes tokens `range` to `ids` from position `offset` on. O(range), plus log(shards).
    public func copy(_ range: Range<Int>, into ids: inout [Int32], at offset: Int) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "tokens \(range) are outside of 0..<\(count)")
        var next = range.lowerBound
        var shard = shardIndex(of: next)
        while next < range.upperBound {
            let here = shards[shard]
            let end = min(range.upperBound, here.tokens.upperBound)
            let local = next - here.tokens.lowerBound..<end - here.tokens.lowerBound
            copy(local, of: here.data, into: &ids, at: offset + next - range.lowerBound)
            next = end
            shard += 1
        }
    }

    /// Tokens `range` as an array.
    public subscript(range: Range<Int>) -> [Int32] {
        var ids = [Int32](repeating: 0, count: range.count)
        copy(range, into: &ids, at: 0)
        return ids
    }

    private func shardIndex(of token: Int) -> Int {
        var low = 0
        var high = shards.count
        while low < high {
            let middle = (low + high) / 2
            if shards[middle].tokens.upperBound <= token { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func copy(_ range: Range<Int>, of data: Data, into ids: inout [Int32], at offset: Int) {
        let bytes = data.span
        switch element {
        case .uint16:
            for i in range {
                ids[offset + i - range.lowerBound] = Int32(bytes[2 * i]) | Int32(bytes[2 * i + 1]) << 8
            }
        case .uint32:
            for i in range {
                let low = UInt32(bytes[4 * i]) | UInt32(bytes[4 * i + 1]) << 8
                let high = UInt32(bytes[4 * i + 2]) | UInt32(bytes[4 * i + 3]) << 8
                ids[offset + i - range.lowerBound] = Int32(bitPattern: low | high << 16)
            }
        }
    }
}
