/// How large a probe of a run is.
public struct ProbeSize: Sendable, Equatable, Codable {
    public var ranks: Int
    public var slotsPerRank: Int

    public init(ranks: Int, slotsPerRank: Int) {
        self.ranks = ranks
        self.slotsPerRank = slotsPerRank
    }
}

/// What a short run on random tokens measured, as `apus-worker plan --probe-slots` tells `apus plan`.
public struct ProbeReport: Sendable, Equatable, Codable {
    public var ranks: Int
    public var slotsPerRank: Int
    public var steps: Int
    /// Median of whole steps.
    public var secondsPerStep: Double
    /// Of a step, what no slot adds to.
    public var secondsOfReduction: Double
    public var secondsOfOptimizer: Double
    /// Of `slotsPerRank` slots on every rank.
    public var secondsPerEvaluation: Double
    public var secondsPerCheckpoint: Double
    /// Of all steps, evaluations and the checkpoint.
    public var secondsInAll: Double
    public var partialsOfAllRanks: Int
    /// Resident at the peak beyond the planned arenas, of the rank that has the most.
    public var baseBytes: Int
    /// Of these, pages of files, which ranks of one host have in common.
    public var sharedBaseBytes: Int

    public init(
        ranks: Int, slotsPerRank: Int, steps: Int, secondsPerStep: Double, secondsOfReduction: Double,
        secondsOfOptimizer: Double, secondsPerEvaluation: Double, secondsPerCheckpoint: Double, secondsInAll: Double,
        partialsOfAllRanks: Int, baseBytes: Int, sharedBaseBytes: Int
    ) {
        self.ranks = ranks
        self.slotsPerRank = slotsPerRank
        self.steps = steps
        self.secondsPerStep = secondsPerStep
        self.secondsOfReduction = secondsOfReduction
        self.secondsOfOptimizer = secondsOfOptimizer
        self.secondsPerEvaluation = secondsPerEvaluation
        self.secondsPerCheckpoint = secondsPerCheckpoint
        self.secondsInAll = secondsInAll
        self.partialsOfAllRanks = partialsOfAllRanks
        self.baseBytes = baseBytes
        self.sharedBaseBytes = sharedBaseBytes
    }
}
