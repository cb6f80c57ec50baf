/// The runs of a sweep, the smallest work first, and what was left out.
public struct SweepPlan: Sendable {
    public let name: String
    public let runs: [SweepRun]
    /// Combinations without a run, and why, a sentence each.
    public let dropped: [String]
    /// What was adapted, a sentence each.
    public let notes: [String]
    /// What all runs learn from.
    public let corpus: CorpusConfig
}

/// One run of a sweep.
public struct SweepRun: Sendable {
    public private(set) var config: RunConfig
    public let shape: ModelShape
    /// The longer run whose checkpoint after `branchStep` steps this one goes on from; nil for a run that begins by itself.
    public var trunk: String?
    /// Steps that this run has in common with its trunk.
    public var branchStep = 0

    public var name: String { config.name }
    /// Steps that are this run's own work.
    public var ownSteps: Int { config.steps - branchStep }
    /// Training FLOPs of a run made alone, exactly.
    public var flops: Double { shape.flopsExact(tokens: config.totalTokens) }
    /// Training FLOPs of the steps that it does not share.
    public var ownFLOPs: Double { shape.flopsExact(tokens: ownSteps * config.tokensPerStep) }

    init(config: RunConfig, shape: ModelShape) {
        self.config = config
        self.shape = shape
    }

    /// The state after so many steps is saved and stays, for another run to go on from.
    mutating func keepCheckpoint(at step: Int) {
        config.checkpoint.at = Array(Set(config.checkpoint.at + [step])).sorted()
    }
}
