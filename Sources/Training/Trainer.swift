import Communication
import Corpus
import Experiment
import Tensors
import Transformer

/// One rank's part in a run: parameters, its shards of the optimizer's state, and the step that moves them.
///
/// The arithmetic is a function of the configuration alone; `link` decides who carries out which part of it.
public final class Trainer<Link: Communicator> {
    public let config: RunConfig
    public let model: GPT2
    public let link: Link
    /// Updates so far.
    public internal(set) var step = 0
    /// [arena of the model's layout], equal on all ranks.
    public let parameters: Arena
    let optimizer: ShardedAdamW
    let shards: Shards
    let work: Workspace
    let heldOut: HeldOutData
    private let reduction: TreeReduction<Link>
    private let slotGradients: SlotGradients
    private var data: TrainingData
    private var evaluationBatch: Batch

    /// - Throws: `Failure(.usage)` for more ranks than slots or a vocabulary that the corpus exceeds,
    ///   `Failure(.badData)` for a corpus that is too short.
    public init(config: RunConfig, corpus: PreparedCorpus, link: Link, kernels: Kernels) throws {
        guard link.ranks <= config.slots else {
            throw Failure(
                .usage,
                "\(link.ranks) ranks are more than the \(config.slots) slots of a global batch of "
                    + "\(config.batch.sequences) sequences; start at most \(config.slots), or make batch.slot smaller.")
        }
        let shape = config.model.shape(tokenizerVocabulary: corpus.vocabulary)
        guard corpus.vocabulary <= shape.vocabulary else {
            throw Failure(
                .usage,
                "model.vocabulary is \(shape.vocabulary), but the corpus has ids up to \(corpus.vocabulary - 1).")
        }
        self.config = config
        self.link = link
        model = GPT2(shape: shape, dropout: config.model.dropout, seed: config.seed.initialization, kernels: kernels)
        data = try TrainingData(corpus, config: config)
        heldOut = try HeldOutData(
            corpus, context: shape.context, amount: config.evaluate.tokens, slot: config.batch.slot)
        shards = Shards(blocks: model.layout.blocks, blockSize: ParameterLayout.blockSize, ranks: link.ranks)
        reduction = TreeReduction(
            link: link, tree: SlotTree(slots: config.slots), shards: shards, kernels: kernels,
            order: config.reduction == .tree ? .tree : .library)
        work = Workspace(shape: shape, sequences: config.batch.slot, recomputes: config.recompute)
        slotGradients = SlotGradients(
            model: model, work: work, sequencesPerSlot: config.batch.slot, partials: reduction.ownPartials)
        optimizer = ShardedAdamW(
            config: config.optimizer, layout: model.layout, shards: shards, rank: link.rank, kernels: kernels)
        parameters = Arena(count: model.layout.arenaCount)
        evaluationBatch = Batch(capacity: config.batch.slot, context: shape.context)
    }

    /// Writes the initial parameters; each rank makes its own shards of them.
    public func initialize() throws {
        for range in optimizer.owned {
            model.initialize(parameters.floats, range: range, seed: config.seed.initialization)
        }
        try reduction.allGather(parameters.floats)
    }

    /// One update: slot gradients, their sum along the tree, clip, AdamW on the own shards, all parameters again.
    /// - Parameter stops: this rank asks all to stop after the step.
    /// - Throws: `Failure(.worker)` when the loss or the gradient is not finite; then nothing was updated.
    public func takeStep(stops: Bool = false) throws -> StepResult {
        let begun = Stopwatch()
        let partials = slotGradients.run(step: step, data: &data, parameters: parameters.floats)
        let computed = begun.seconds

        let batch = try gatherReports(stops: stops)
        let gradients = try reduction.reduceScatter(partials)
        let norm = try gradientNorm(gradients) / Double(batch.counted)
        let reduced = begun.seconds
        guard batch.loss.isFinite, norm.isFinite else {
            throw try nonFinite(batch, partials: partials)
        }

        let learningRate = config.learningRate(update: step)
        let clip = config.optimizer.clip.map { min(1, $0 / (norm + 1e-6)) } ?? 1
        optimizer.update(
            parameters.floats, gradients: gradients, number: step + 1, learningRate: learningRate,
            scale: clip / Double(batch.counted))
        let updated = begun.seconds
        try reduction.allGather(parameters.floats)
        let epoch = data.epoch(step: step)
        step += 1
        return StepResult(
            loss: batch.loss, gradientNorm: norm, learningRate: learningRate, epoch: epoch,
            batchDigest: batch.digest, stops: batch.stops,
            seconds: StepSeconds(
                total: begun.seconds, data: slotGradients.dataSeconds, slots: computed - slotGradients.dataSeconds,
                reduction: reduced - computed, optimizer: updated - reduced, gather: begun.seconds - updated))
    }

    /// Tokens of the sequences that are trained on, for `unique_tokens`.
    public var trainingTokens: Int { data.trainingTokens }

    /// Tokens of the training stream that no step sees: the tail behind the last whole sequence.
    public var unusedTokens: Int { data.unusedTokens }

    /// The global batch of a step as all ranks see it.
    struct BatchReport {
        /// Mean over the counted tokens.
        let loss: Double
        let counted: Int
        let digest: String
        let stops: Bool
        /// Sums of the slots' losses.
        let slotLosses: [Double]
    }

    /// Losses of all slots, added along the tree in double.
    private func gatherReports(stops: Bool) throws -> BatchReport {
        let tree = SlotTree(slots: config.slots)
        let most = (config.slots + link.ranks - 1) / link.ranks
        var own = slotGradients.reports
        own += Array(repeating: SlotReport(), count: most - own.count)
        own[0].stops = stops
        let gathered = try link.allGather(own)
        var reports: [SlotReport] = []
        for rank in gathered.indices {
            reports += gathered[rank].prefix(tree.leaves(rank: rank, ranks: link.ranks).count)
        }
        let counted = reports.reduce(0) { $0 + $1.counted }
        let losses = reports.map(\.loss)
        return BatchReport(
            loss: tree.sum(losses) / Double(counted), counted: counted,
            digest: TrainingData.stepDigest(slotDigests: reports.map { bytes($0.digest) }),
            stops: reports.contains { $0.stops }, slotLosses: losses)
    }

    /// The norm of the summed gradient: squares of each block in double, blocks added in the order of the arena.
    private func gradientNorm(_ gradients: Floats) throws -> Double {
        let size = ParameterLayout.blockSize
        let counts = (0..<link.ranks).map { shards.ownedCount(by: $0) / size }
        var own = (0..<counts[link.rank]).map {
            model.kernels.sumOfSquares(gradients[($0 * size)..<(($0 + 1) * size)])
        }
        own += Array(repeating: 0, count: (counts.max() ?? 0) - own.count)
        let gathered = try link.allGather(own)
        var blocks = [Double](repeating: 0, count: model.layout.blocks)
        for rank in 0..<link.ranks {
            var next = 0
            for range in shards.owned(by: rank) {
                for block in (range.lowerBound / size)..<(range.upperBound / size) {
                    blocks[block] = gathered[rank][next]
                    next += 1
                }
            }
        }
        return blocks.reduce(0, +).squareRoot()
    }

    /// Mean loss over the held-out sequences, in nats per token; equal bits on any number of ranks.
    public func evaluate() throws -> Evaluation {
        let tree = SlotTree(slots: heldOut.slots)
        let most = (heldOut.slots + link.ranks - 1) / link.ranks * heldOut.slot
        let own = tree.leaves(rank: link.rank, ranks: link.ranks)
        var losses: [Double] = []
        for slot in own.low..<own.high {
            heldOut.fill(slot: slot, into: &evaluationBatch)
            losses += model.sequenceLosses(evaluationBatch, parameters: parameters.floats, work: work)
        }
        let gathered = try link.allGather(losses + Array(repeating: 0, count: most - losses.count))
        var all: [Double] = []
        for rank in gathered.indices {
            let slots = tree.leaves(rank: rank, ranks: link.ranks)
            let sequences = (slots.low..<slots.high).reduce(0) { $0 + heldOut.sequences(inSlot: $1) }
            all += gathered[rank].prefix(sequences)
        }
        return Evaluation(sequenceLosses: all, heldOut: heldOut)
    }
}
