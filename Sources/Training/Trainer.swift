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
    /// [arena of the model's layout], equal on all ranks; one copy for those that share memory.
    public var parameters: Floats { reduction.parameters }
    let optimizer: ShardedAdamW
    let shards: Shards
    let work: Workspace
    let heldOut: HeldOutData
    let reduction: TreeReduction<Link>
    let slotGradients: SlotGradients<Link>
    var data: TrainingData
    private var evaluationBatch: Batch
    var gathering: Gathering

    /// - Throws: `Failure(.usage)` for more ranks than slots or a vocabulary that the corpus exceeds,
    ///   `Failure(.badData)` for a corpus that is too short, `Failure(.usage)` for sources that it does not have.
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
        model = GPT2(
            shape: shape, dropout: config.model.dropout, seed: config.seed.initialization,
            parametrization: Parametrization(config.model), kernels: kernels)
        data = try TrainingData(corpus, config: config)
        heldOut = try HeldOutData(corpus, config: config)
        shards = Shards(blocks: model.layout.blocks, blockSize: ParameterLayout.blockSize, ranks: link.ranks)
        reduction = try TreeReduction(
            link: link, tree: SlotTree(slots: config.slots), shards: shards, kernels: kernels,
            order: config.reduction == .tree ? .tree : .library)
        work = Workspace(shape: shape, sequences: config.batch.slot, recomputes: config.recompute)
        slotGradients = SlotGradients(
            model: model, work: work, sequencesPerSlot: config.batch.slot, reduction: reduction)
        optimizer = ShardedAdamW(
            config: config.optimizer, layout: model.layout, parametrization: model.parametrization, shards: shards,
            rank: link.rank, kernels: kernels)
        gathering = Gathering(slots: config.slots, shards: shards)
        evaluationBatch = Batch(capacity: config.batch.slot, context: shape.context)
    }

    /// Why ranks of one host do not share memory, where they should and cannot.
    public var notice: String? { reduction.notice }

    /// What this rank sends to others in a step, gradients and parameters, and how much of it the last step began to send
    /// while backward still ran.
    public var bytesSent: (all: Int, begunInBackward: Int) { (reduction.bytesSent, reduction.bytesBegunInBackward) }

    /// Writes the initial parameters; each rank makes its own shards of them.
    public func initialize() throws {
        for range in optimizer.owned {
            model.initialize(parameters, range: range, seed: config.seed.initialization)
        }
        try reduction.shareParameters()
    }

    /// One update: slot gradients, their sum along the tree, clip, AdamW on the own shards, all parameters again.
    /// - Parameter stops: whether this rank asks all to stop after the step; asked late in it.
    /// - Throws: `Failure(.worker)` when the loss or the gradient is not finite; then nothing was updated.
    public func takeStep(stops: () -> Bool = { false }) throws -> StepResult {
        let begun = Stopwatch()
        try reduction.begin()
        try slotGradients.run(step: step, data: &data, parameters: parameters)
        let computed = begun.seconds

        try reduction.finish()
        let batch = try gatherReports(stops: stops())
        let norm = try gradientNorm() / Double(batch.counted)
        let reduced = begun.seconds
        guard batch.loss.isFinite, norm.isFinite else { throw try nonFinite(batch) }

        let learningRate = config.learningRate(update: step)
        let clip = config.optimizer.clip.map { min(1, $0 / (norm + 1e-6)) } ?? 1
        optimizer.update(
            parameters, gradients: reduction.partials[0], number: step + 1, learningRate: learningRate,
            scale: clip / Double(batch.counted))
        let updated = begun.seconds
        try reduction.shareParameters()
        let epoch = data.epoch(step: step)
        step += 1
        var seconds = slotGradients.seconds
        seconds.optimizer = updated - reduced
        seconds.total = begun.seconds
        seconds.reduction += reduced - computed + seconds.total - updated
        return StepResult(
            loss: batch.loss, gradientNorm: norm, gradientNoise: gradientNoise(norm: norm), learningRate: learningRate,
            epoch: epoch, stops: batch.stops,
            seconds: seconds)
    }

    /// The ledger's `unique_tokens`, now.
    public var uniqueTokens: Int { data.uniqueTokens(ofTokens: step * config.tokensPerStep) }

    /// What the whole run reads of each source, and what it leaves.
    public var readings: [SourceReading] { data.readings(steps: config.steps) }

    /// The held-out loss of the initial parameters, whatever they are now: they are made again from the seed.
    public func evaluateInitial() throws -> Evaluation {
        let present = Arena(count: max(1, optimizer.ownedCount))
        defer { withExtendedLifetime(present) {} }
        try link.barrier()
        optimizer.forEachOwned { present.floats[$1].copy(from: parameters[$0]) }
        try initialize()
        let evaluation = try evaluate()
        try link.barrier()
        optimizer.forEachOwned { parameters[$0].copy(from: present.floats[$1]) }
        try reduction.shareParameters()
        return evaluation
    }

    /// Mean loss over the held-out sequences, in nats per token; equal bits on any number of ranks.
    public func evaluate() throws -> Evaluation {
        let tree = SlotTree(slots: heldOut.slots)
        let most = (heldOut.slots + link.ranks - 1) / link.ranks * heldOut.slot
        let own = tree.leaves(rank: link.rank, ranks: link.ranks)
        var losses: [Double] = []
        for slot in own.low..<own.high {
            heldOut.fill(slot: slot, into: &evaluationBatch)
            losses += model.sequenceLosses(evaluationBatch, parameters: parameters, work: work)
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
