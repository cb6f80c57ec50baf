import Experiment

/// How long runs take on one core: what a token costs in proportion to its FLOPs, and what it costs besides.
struct SweepPace: Equatable {
    let secondsPerFLOP: Double
    /// What narrow layers lose to latency.
    let secondsPerToken: Double
    /// Of an evaluated token over a trained one.
    let evaluationShare: Double
    let secondsOfStart: Double
    /// Of an evaluation of all held-out text.
    let heldOutTokens: Double
    /// Whether short runs measured it, or the rate of matrix products is all that is known.
    let isProbed: Bool

    /// What a narrow model's token costs besides, as FLOPs, and a start's seconds, where nothing was measured.
    private static let usualOverhead = 60_000.0
    private static let usualStart = 1.0
    private static let usualShare = 0.8

    /// From the measured rate of matrix products of one core.
    init(sgemmGigaflops: Double, heldOutTokens: Double = 0) {
        secondsPerFLOP = 1 / (Self.usualShare * 1e9 * sgemmGigaflops)
        secondsPerToken = Self.usualOverhead * secondsPerFLOP
        evaluationShare = 1.0 / 3
        secondsOfStart = Self.usualStart
        self.heldOutTokens = heldOutTokens
        isProbed = false
    }

    /// A probe on one rank of one run.
    struct Probe {
        let run: SweepRun
        let report: ProbeReport
        let secondsOfStart: Double

        var flopsPerToken: Double { Double(run.shape.flopsPerToken) }
        /// Of a step of the run: what no slot adds to counts once for all of its slots, of which a probe may have fewer.
        var secondsPerToken: Double {
            let once = min(report.secondsOfReduction + report.secondsOfOptimizer, report.secondsPerStep)
            return (report.secondsPerStep - once) / tokens + once / Double(run.config.tokensPerStep)
        }
        var evaluationShare: Double { report.secondsPerEvaluation / tokens / max(secondsPerToken, 1e-12) }

        /// Of a step of the probe.
        private var tokens: Double { Double(report.slotsPerRank * run.config.batch.slot * run.shape.context) }
    }

    /// The line through the smallest and the largest; through nothing where they are alike.
    init(small: Probe, large: Probe, heldOutTokens: Double = 0) {
        let slope = (large.secondsPerToken - small.secondsPerToken) / (large.flopsPerToken - small.flopsPerToken)
        let rest = small.secondsPerToken - slope * small.flopsPerToken
        let isLine = slope.isFinite && slope > 0 && rest >= 0
        secondsPerFLOP = isLine ? slope : large.secondsPerToken / large.flopsPerToken
        secondsPerToken = isLine ? rest : 0
        evaluationShare = (small.evaluationShare + large.evaluationShare) / 2
        secondsOfStart = (small.secondsOfStart + large.secondsOfStart) / 2
        self.heldOutTokens = heldOutTokens
        isProbed = true
    }

    /// Of the part of a run after `step` steps, on one core.
    func seconds(_ run: SweepRun, from step: Int = 0) -> Double {
        let config = run.config
        let steps = max(0, config.steps - max(step, run.branchStep))
        guard steps > 0 else { return 0 }
        let perToken = secondsPerFLOP * Double(run.shape.flopsPerToken) + secondsPerToken
        // Before the first step, at its regular steps, and at the end.
        let times = 1 + (config.evaluate.every.map { (steps + $0 - 1) / $0 } ?? 1)
        let evaluated =
            switch config.evaluate.tokens {
            case .tokens(let tokens): Double(times) * Double(tokens)
            case .all: Double(times) * heldOutTokens
            }
        return secondsOfStart
            + perToken * (Double(steps) * Double(config.tokensPerStep) + evaluationShare * evaluated)
    }
}
