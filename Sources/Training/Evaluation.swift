import Corpus
import Experiment
import Tensors
import Transformer

/// A held-out loss and how sure it is.
public struct Evaluation: Sendable {
    /// Nats per token.
    public let loss: Double
    /// Of the loss, over sequences.
    public let standardError: Double
    /// For text: bits per byte of the held-out text.
    public let bitsPerByte: Double?

    /// Measures a model by itself; the same bits as a run's evaluation.
    public init(model: GPT2, parameters: Floats, heldOut: HeldOutData) {
        // Nothing goes backward here, so nothing is ever computed again.
        let work = Workspace(shape: model.shape, sequences: heldOut.slot, recomputes: true)
        var batch = Batch(capacity: heldOut.slot, context: heldOut.context)
        var losses: [Double] = []
        for slot in 0..<heldOut.slots {
            heldOut.fill(slot: slot, into: &batch)
            losses += model.sequenceLosses(batch, parameters: parameters, work: work)
        }
        self.init(sequenceLosses: losses, heldOut: heldOut)
    }

    /// - Parameter sequenceLosses: summed over each sequence's tokens, in the order of `heldOut`.
    init(sequenceLosses: [Double], heldOut: HeldOutData) {
        let slots = (0..<heldOut.slots).map { slot in
            let first = slot * heldOut.slot
            return sequenceLosses[first..<(first + heldOut.sequences(inSlot: slot))].reduce(0, +)
        }
        let count = Double(sequenceLosses.count)
        let tokens = Double(heldOut.context)
        let mean = SlotTree(slots: heldOut.slots).sum(slots) / (count * tokens)
        let squares = sequenceLosses.reduce(0) { $0 + ($1 / tokens - mean) * ($1 / tokens - mean) }
        loss = mean
        standardError = count > 1 ? (squares / (count - 1) / count).squareRoot() : 0
        bitsPerByte = heldOut.bytesPerToken.map { mean / PortableMath.log(2) / $0 }
    }
}

extension GPT2 {
    /// The losses of a batch's sequences, each summed over its tokens in double.
    public func sequenceLosses(_ batch: Batch, parameters: Floats, work: Workspace) -> [Double] {
        losses(
            tokens: batch.tokens, targets: batch.targets, counted: batch.counted, sequences: batch.sequences,
            parameters: parameters, work: work)
        return (0..<batch.sequences).map { sequence in
            var sum = 0.0
            for row in (sequence * shape.context)..<((sequence + 1) * shape.context) { sum += work.losses[row] }
            return sum
        }
    }
}
