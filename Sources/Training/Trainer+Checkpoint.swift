import Checkpoints
import Communication
import Experiment
import Foundation
import Tensors

extension Trainer {
    private var specifications: [TensorSpecification] {
        model.layout.tensors.map { TensorSpecification(name: $0.name, shape: $0.shape) }
    }

    /// Writes the state after `step` updates. All ranks take part; rank 0 writes, tensor by tensor.
    /// - Parameter prepare: what rank 0 does first, such as making the ledger durable; its error is one of the
    ///   checkpoint's, met only when all ranks have done their part.
    /// - Returns: the record, on rank 0.
    /// - Throws: on rank 0, `CheckpointError` when it cannot be written; the older ones are as they were.
    public func saveCheckpoint(in folder: URL, attributes: [String: String], prepare: () throws -> Void) throws
        -> CommitRecord?
    {
        let header = CheckpointHeader(
            step: step, tokens: step * config.tokensPerStep, config: config.yaml, attributes: attributes)
        var file = Result { () throws -> CheckpointFile? in
            guard link.rank == 0 else { return nil }
            try prepare()
            return try CheckpointFile(folder: folder, header: header, tensors: specifications)
        }
        for tensor in model.layout.tensors {
            append(parameters[tensor.region.range], to: &file)
        }
        // A writer that failed still takes part: the other ranks send their shards all the same.
        for moment in [optimizer.firstMoment, optimizer.secondMoment] {
            for tensor in model.layout.tensors {
                let whole = try gatherOwned(moment.floats, range: tensor.region.range)
                if let whole { withExtendedLifetime(whole) { append($0.floats, to: &file) } }
            }
        }
        return try file.get()?.commit()
    }

    private func append(_ floats: Floats, to file: inout Result<CheckpointFile?, any Error>) {
        guard case .success(let writer?) = file else { return }
        do {
            try floats.withSpan { try writer.write($0) }
        } catch {
            file = .failure(error)
        }
    }

    /// The elements of `range` from their owners' shards, on rank 0.
    private func gatherOwned(_ moment: Floats, range: Range<Int>) throws -> Arena? {
        var sends: [Message] = []
        var receives: [Message] = []
        let whole = link.rank == 0 ? Arena(count: range.count) : nil
        for rank in 0..<link.ranks where rank == link.rank || link.rank == 0 {
            var tag = 0
            ShardedAdamW.overlaps(of: shards.owned(by: rank), with: [range]) { _, inArena, inShards in
                let place = (inArena.lowerBound - range.lowerBound)..<(inArena.upperBound - range.lowerBound)
                if link.rank != 0 {
                    sends.append(Message(peer: 0, tag: tag, floats: moment[inShards]))
                } else if let whole, rank == 0 {
                    whole.floats[place].copy(from: moment[inShards])
                } else if let whole {
                    receives.append(Message(peer: rank, tag: tag, floats: whole.floats[place]))
                }
                tag += 1
            }
        }
        try link.exchange(sends: sends, receives: receives)
        return whole
    }

    /// Takes the state of a checkpoint, which rank 0 brings; any number of ranks may have written it.
    /// - Parameter checkpoint: verified; nil on other ranks than 0.
    /// - Throws: `CheckpointError`, or `Failure(.badData)` for one of another model.
    public func restore(_ checkpoint: Checkpoint?) throws {
        if let checkpoint { try check(checkpoint) }
        step = try link.allGather([checkpoint?.step ?? 0])[0][0]
        let room = Arena(count: Self.piece)
        defer { withExtendedLifetime(room) {} }
        for group in TensorGroup.allCases {
            for tensor in model.layout.tensors {
                let whole = try checkpoint?.read(tensor.name, group: group)
                let range = tensor.region.range
                for start in stride(from: 0, to: range.count, by: Self.piece) {
                    let part = start..<min(start + Self.piece, range.count)
                    let floats = room.floats[0..<part.count]
                    if let whole { floats.copy(from: Array(whole[part])) }
                    try link.broadcast(floats, from: 0)
                    take(floats, of: (range.lowerBound + part.lowerBound)..<(range.lowerBound + part.upperBound), group)
                }
            }
        }
        try link.barrier()
    }

    /// Floats of a tensor that go round at a time: only rank 0 holds a whole one.
    private static var piece: Int { 1 << 20 }

    /// Takes what is this rank's of a range of the arena.
    private func take(_ floats: Floats, of range: Range<Int>, _ group: TensorGroup) {
        let moment: Arena
        switch group {
        case .parameters:
            // Those who share memory have it once.
            if reduction.isFirstOfGroup { parameters[range].copy(from: floats) }
            return
        case .firstMoment: moment = optimizer.firstMoment
        case .secondMoment: moment = optimizer.secondMoment
        }
        ShardedAdamW.overlaps(of: optimizer.owned, with: [range]) { _, inArena, inShards in
            let place = (inArena.lowerBound - range.lowerBound)..<(inArena.upperBound - range.lowerBound)
            moment.floats[inShards].copy(from: floats[place])
        }
    }

    private func check(_ checkpoint: Checkpoint) throws {
        guard checkpoint.tensors == specifications else {
            throw Failure(
                .badData,
                "\(checkpoint.file.path) holds the tensors of another model than \(config.name)'s; "
                    + "use its own run folder, or start with --fresh.")
        }
    }
}

/// A checkpoint writer that can be passed around while it is being filled.
private final class CheckpointFile {
    private var writer: CheckpointWriter?

    init(folder: URL, header: CheckpointHeader, tensors: [TensorSpecification]) throws {
        writer = try CheckpointWriter(folder: folder, header: header, tensors: tensors)
    }

    func write(_ floats: Span<Float>) throws { try writer?.write(floats) }

    func commit() throws -> CommitRecord? { try writer.take()?.commit() }
}
