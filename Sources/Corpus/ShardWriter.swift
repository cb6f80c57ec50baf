import Crypto
import Experiment
import Foundation

/// Writes one side's tokens as shards, `train-00000.bin` and so on, hashing as it goes.
final class ShardWriter {
    private let folder: URL
    private let side: CorpusSide
    private let element: CorpusIndex.ElementType
    private let shardTokens: Int
    private(set) var shards: [CorpusIndex.Shard] = []
    private(set) var tokens = 0
    private var open: OpenShard?

    private struct OpenShard {
        let file: String
        let handle: FileHandle
        var tokens = 0
        var pending: [UInt8] = []
        var hash = SHA256()
    }

    init(folder: URL, side: CorpusSide, element: CorpusIndex.ElementType, shardTokens: Int) {
        precondition(shardTokens > 0, "a shard holds at least one token")
        self.folder = folder
        self.side = side
        self.element = element
        self.shardTokens = shardTokens
    }

    /// Ids must be inside of the vocabulary that the element type was chosen for.
    func append(_ ids: [Int32]) throws {
        var rest = ids[...]
        while !rest.isEmpty {
            var shard = try open ?? create()
            open = nil  // so that `pending` has one owner and grows in place
            let part = rest.prefix(shardTokens - shard.tokens)
            for id in part {
                for byte in 0..<element.bytes { shard.pending.append(UInt8(truncatingIfNeeded: id >> (8 * byte))) }
            }
            shard.tokens += part.count
            rest = rest.dropFirst(part.count)
            if shard.pending.count >= 1 << 20 { try flush(&shard) }
            if shard.tokens == shardTokens { try finish(shard) } else { open = shard }
        }
    }

    /// Completes the last shard.
    func finish() throws {
        if let open { try finish(open) }
        open = nil
    }

    private func create() throws -> OpenShard {
        let number = String(shards.count)
        let file = side.rawValue + "-" + String(repeating: "0", count: max(0, 5 - number.count)) + number + ".bin"
        return try writing(file) {
            let url = folder.appending(component: file)
            try Data().write(to: url)
            return OpenShard(file: file, handle: try FileHandle(forWritingTo: url))
        }
    }

    private func flush(_ shard: inout OpenShard) throws {
        let bytes = Data(shard.pending)
        shard.hash.update(data: bytes)
        try writing(shard.file) { try shard.handle.write(contentsOf: bytes) }
        shard.pending.removeAll(keepingCapacity: true)
    }

    private func finish(_ shard: OpenShard) throws {
        var shard = shard
        try flush(&shard)
        try writing(shard.file) {
            try shard.handle.synchronize()
            try shard.handle.close()
        }
        tokens += shard.tokens
        shards.append(
            CorpusIndex.Shard(file: shard.file, tokens: shard.tokens, sha256: shard.hash.finalize().hexadecimal))
    }

    private func writing<Value>(_ file: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw Failure(
                .worker,
                "Writing the token shard \(folder.appending(component: file).path) failed (\(error.reason)); free some space "
                    + "there, or check that you may write there.")
        }
    }
}
