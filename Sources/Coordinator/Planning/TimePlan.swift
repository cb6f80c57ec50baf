import Experiment

/// How long a run will take: from a probe's times, or else from the measured rate of matrix products.
struct TimePlan: Equatable {
    let secondsPerStep: Double
    let secondsOfSteps: Double
    let secondsOfEvaluations: Double
    let secondsOfCheckpoints: Double
    let secondsOfStart: Double
    /// Of a step, messages between hosts over the assumed link; nothing is taken to hide behind backward.
    let secondsOfMessages: Double
    /// Nothing was probed.
    let isEstimated: Bool

    var seconds: Double { secondsOfSteps + secondsOfEvaluations + secondsOfCheckpoints + secondsOfStart }
    var hours: Double { seconds / 3_600 }

    /// A host's link to others, in bytes per second: 10 Gbit/s.
    static let linkBytesPerSecond = 1.25e9

    /// Of the matrix-product rate, what a step is taken to reach where nothing was measured.
    private static let usualShare = 0.8
    /// What then is taken for computing activations twice, a parameter's update, a checkpoint's bytes per second, and a start.
    private static let recomputing = 1.15
    private static let secondsPerUpdate = 1e-9
    private static let diskBytesPerSecond = 3e8
    private static let usualStart = 3.0

    /// - Parameters:
    ///   - cores: of this host, where the ranks are, when they are all on one.
    ///   - probe: with the seconds that it took to start and end.
    init(
        config: RunConfig, shape: ModelShape, memory: MemoryReport, cores: Int,
        probe: (report: ProbeReport, secondsOfStart: Double)?
    ) {
        // Ranks beyond the cores wait for each other; hosts elsewhere are taken to have a core for each.
        let crowding = memory.hosts == 1 ? max(1, Double(memory.ranks) / Double(cores)) : 1
        let parts = probe.map { Parts($0.report, memory) } ?? Parts(config, shape, memory)
        secondsOfMessages =
            memory.hosts == 1 ? 0 : Double(memory.bytesSentPerHostAndStep) / Self.linkBytesPerSecond
        secondsPerStep =
            crowding * (Double(memory.slotsOfBusiestRank) * parts.slot + parts.optimizer + parts.reduction)
            + secondsOfMessages
        secondsOfSteps = Double(config.steps) * secondsPerStep
        let evaluationSlots = (memory.evaluationSequences + config.batch.slot - 1) / config.batch.slot
        let slotsOfBusiest = (evaluationSlots + memory.ranks - 1) / memory.ranks
        secondsOfEvaluations =
            Double(Self.evaluations(config)) * crowding * Double(slotsOfBusiest) * parts.evaluationSlot
        secondsOfCheckpoints = Double(Self.times(config.checkpoint.every, in: config.steps)) * parts.checkpoint
        secondsOfStart = probe?.secondsOfStart ?? Self.usualStart
        isEstimated = probe == nil
    }

    /// Before the first step, when due, and after the last.
    private static func evaluations(_ config: RunConfig) -> Int { 1 + times(config.evaluate.every, in: config.steps) }

    /// Every so many steps, and at the end.
    private static func times(_ every: Int?, in steps: Int) -> Int {
        guard let every else { return 1 }
        return steps / every + (steps % every == 0 ? 0 : 1)
    }

    /// Seconds of a step's and a run's parts, of one rank with a core to itself.
    private struct Parts {
        let slot: Double
        let optimizer: Double
        let reduction: Double
        let evaluationSlot: Double
        let checkpoint: Double

        /// The optimizer works on a rank's shards, the reduction adds all partials of them.
        init(_ probe: ProbeReport, _ memory: MemoryReport) {
            let shards = Double(probe.ranks) / Double(memory.ranks)
            slot =
                (probe.secondsPerStep - probe.secondsOfOptimizer - probe.secondsOfReduction)
                / Double(probe.slotsPerRank)
            optimizer = probe.secondsOfOptimizer * shards
            reduction =
                probe.secondsOfReduction * shards * Double(memory.partialsOfAllRanks) / Double(probe.partialsOfAllRanks)
            evaluationSlot = probe.secondsPerEvaluation / Double(probe.slotsPerRank)
            checkpoint = probe.secondsPerCheckpoint
        }

        init(_ config: RunConfig, _ shape: ModelShape, _ memory: MemoryReport) {
            let tokens = Double(config.batch.slot * shape.context)
            let shard = Double(shape.totalParameters) / Double(memory.ranks)
            let plain = tokens * Double(shape.flopsPerToken) / (TimePlan.usualShare * 1e9 * memory.sgemmGflops)
            optimizer = shard * TimePlan.secondsPerUpdate
            reduction = shard * Double(memory.partialsOfAllRanks - 1) * TimePlan.secondsPerUpdate
            // Forward alone is a third.
            evaluationSlot = plain / 3
            slot = config.recompute ? plain * TimePlan.recomputing : plain
            checkpoint = 12 * Double(shape.totalParameters) / TimePlan.diskBytesPerSecond
        }
    }
}
