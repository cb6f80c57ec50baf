import Corpus
import Experiment
import Tensors
import Transformer

/// A held-out loss and how sure it is: the mean over all tokens that were evaluated, whatever source they are of.
public struct Evaluation: Sendable {
    /// Nats per token.
    public let loss: Double
    /// Of the loss, over sequences.
    public let standardError: Double
    /// For text: bits per byte of the held-out text.
    public let bitsPerByte: Double?
    /// For text: bits per character (Unicode scalar) of it.
    public let bitsPerCharacter: Double?
    /// That were evaluated.
    public let sequences: Int
    /// Of each sequence, in the order of the held-out data: nats per token.
    public let sequenceLosses: [Double]
    /// The same for each source by itself, in the corpus's order.
    public let sources: [Source]

    /// The part of an evaluation that is of one source.
    public struct Source: Sendable {
        public let name: String
        /// Nats per token.
        public let loss: Double
        /// Of the loss, over sequences.
        public let standardError: Double
        /// For text: bits per byte of the source's held-out text.
        public let bitsPerByte: Double?
        /// For text: bits per character of it.
        public let bitsPerCharacter: Double?
        /// That were evaluated.
        public let sequences: Int
    }

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
        let tokens = Double(heldOut.context)
        let mean = SlotTree(slots: heldOut.slots).sum(slots) / (Double(sequenceLosses.count) * tokens)
        loss = mean
        standardError = Self.standardError(sequenceLosses[...], mean: mean, tokens: tokens)
        bitsPerByte = Self.bits(mean, per: heldOut.bytesPerToken)
        bitsPerCharacter = Self.bits(mean, per: heldOut.charactersPerToken)
        sequences = sequenceLosses.count
        self.sequenceLosses = sequenceLosses.map { $0 / tokens }
        sources = heldOut.parts.map { part in
            let losses = sequenceLosses[part.range]
            // The only source's loss is the whole evaluation's, to the last bit.
            let own = heldOut.parts.count == 1 ? mean : losses.reduce(0, +) / (Double(losses.count) * tokens)
            return Source(
                name: part.name, loss: own, standardError: Self.standardError(losses, mean: own, tokens: tokens),
                bitsPerByte: Self.bits(own, per: part.bytesPerToken),
                bitsPerCharacter: Self.bits(own, per: part.charactersPerToken), sequences: losses.count)
        }
    }

    /// Of the mean over sequences of `tokens` tokens each.
    private static func standardError(_ losses: ArraySlice<Double>, mean: Double, tokens: Double) -> Double {
        let count = Double(losses.count)
        let squares = losses.reduce(0) { $0 + ($1 / tokens - mean) * ($1 / tokens - mean) }
        return count > 1 ? (squares / (count - 1) / count).squareRoot() : 0
    }

    private static func bits(_ nats: Double, per unitsPerToken: Double?) -> Double? {
        unitsPerToken.map { nats / PortableMath.log(2) / $0 }
    }

    /// The rows of `evaluations.csv`: one of each source, and where there are several, one of all.
    func rows(config: RunConfig, step: Int) -> [EvaluationRow] {
        let all = Source(
            name: MixtureRecipe.nameOfAll, loss: loss, standardError: standardError, bitsPerByte: bitsPerByte,
            bitsPerCharacter: bitsPerCharacter, sequences: sequences)
        return (sources.count == 1 ? sources : sources + [all]).map { source in
            EvaluationRow(
                run: config.name, step: step, tokens: step * config.tokensPerStep, source: source.name,
                loss: source.loss, lossStandardError: source.standardError, bitsPerByte: source.bitsPerByte,
                bitsPerCharacter: source.bitsPerCharacter, sequences: source.sequences)
        }
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
