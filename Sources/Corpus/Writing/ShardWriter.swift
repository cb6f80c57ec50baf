import Experiment
import Foundation

/// Writes one token stream as shards of equal size, `train-00000.bin` and so on.
final class ShardWriter {
    /// What a later process needs to go on.
    struct State: Codable, Equatable {
        var finished: [CorpusIndex.Shard] = []
        var open: GrowingFile.State?
    }

    private let folder: URL
    private let prefix: String
    private let bytesPerToken: Int
    private let shardTokens: Int
    private var finished: [CorpusIndex.Shard]
    private var open: GrowingFile?
    /// Tokens of all shards so far.
    private(set) var tokens: Int

    /// - Parameter prefix: what the files' names begin with.
    init(folder: URL, prefix: String, element: CorpusIndex.ElementType, shardTokens: Int, resuming state: State) throws
    {
        precondition(shardTokens > 0, "a shard holds at least one token")
        self.folder = folder
        self.prefix = prefix
        self.shardTokens = shardTokens
        bytesPerToken = element.bytes
        finished = state.finished
        open = try state.open.map { try GrowingFile(resuming: $0, in: folder) }
        tokens = finished.reduce(0) { $0 + $1.tokens } + (open?.bytes ?? 0) / bytesPerToken
    }

    /// Appends ids in the shards' element type.
    func append(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let shard = try open ?? create()
            open = shard
            let part = rest.prefix(shardTokens * bytesPerToken - shard.bytes)
            try shard.append(part)
            rest = rest.dropFirst(part.count)
            if shard.bytes == shardTokens * bytesPerToken { try finishShard(shard) }
        }
        tokens += bytes.count / bytesPerToken
    }

    func commit() throws -> State { State(finished: finished, open: try open?.commit()) }

    /// Completes the last shard.
    func finish() throws -> [CorpusIndex.Shard] {
        if let open { try finishShard(open) }
        return finished
    }

    private func create() throws -> GrowingFile {
        let number = String(finished.count)
        let zeros = String(repeating: "0", count: max(0, 5 - number.count))
        return try GrowingFile(creating: prefix + "-" + zeros + number + ".bin", in: folder)
    }

    private func finishShard(_ shard: GrowingFile) throws {
        let state = try shard.finish()
        finished.append(.init(file: state.file, tokens: state.bytes / bytesPerToken, sha256: state.sha256))
        open = nil
    }
}
