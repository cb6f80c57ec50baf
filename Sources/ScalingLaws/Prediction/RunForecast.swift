import Foundation

/// The final loss of a run that is under way, from its curve so far, its known schedule, and complete siblings.
public struct RunForecast: Sendable {
    /// How a sibling, cut at the same share of its schedule, would have been predicted from the others.
    public struct Check: Sendable, Equatable {
        /// The sibling.
        public let name: String
        /// What was predicted and what came, nats per token.
        public let predicted: Double, actual: Double
        /// ln predicted − ln actual.
        public var error: Double { log(predicted / actual) }
    }

    /// Predicted final loss, nats per token: held-out where the run evaluates, else training.
    public let loss: Double
    /// 95 %.
    public let interval: ClosedRange<Double>
    /// The loss is a held-out one.
    public let isHeldOut: Bool
    /// The law of the training losses.
    public let law: AnnealingLaw
    /// Updates taken, of how many.
    public let step: Int, steps: Int
    /// Share of the annealing area that lies behind the run: near 0 its effect can only be borrowed.
    public let annealed: Double
    /// Of ln loss: from the block bootstrap of the residuals, and from the checks on siblings (the larger default
    /// without them).
    public let bootstrapError: Double, checkError: Double
    /// Leave-one-out over the siblings.
    public let checks: [Check]

    /// ln of what a forecast without any sibling is off by, one standard deviation, when half of the schedule is ahead.
    /// The law alone misses by about that on curves that it was not tuned on.
    static let unchecked = 0.02

    /// Forecasts a run.
    /// - Parameter siblings: runs of the same corpus, batch and kind of schedule; complete ones count.
    /// - Throws: `TableError` when the run is complete, has too few steps behind its warm-up, or shows no law yet.
    public init(_ curve: ScheduledCurve, siblings: [ScheduledCurve] = [], resamples: Int = 200, seed: UInt64 = 1) throws
    {
        guard !curve.isComplete else {
            throw TableError("\(curve.name) is complete: nothing is left to predict; compare its loss itself")
        }
        let complete = siblings.filter { $0.isComplete && $0.finalLoss != nil }
        guard let core = Core(curve, siblings: complete) else {
            throw TableError(
                "\(curve.name) has taken \(curve.step) of \(curve.steps) steps and warms up for \(curve.peakStep + 1): a "
                    + "forecast needs at least 16 steps behind that and the first twentieth; wait for more")
        }
        guard core.isCredible else {
            throw TableError(
                "it is too early to forecast \(curve.name): by its first \(curve.step) of \(curve.steps) steps alone the "
                    + "loss would end at \(Number.short(core.final)) nats per token with an exponent of "
                    + "\(Number.short(core.law.exponent)); wait for more steps, or name complete siblings")
        }
        checks = Self.checks(complete, share: Double(curve.step) / Double(curve.steps))
        (loss, isHeldOut, law) = (core.final, core.isHeldOut, core.law)
        (step, steps) = (curve.step, curve.steps)
        annealed = (core.binned.annealed.last ?? 0) / max(core.binned.end.annealed, 1e-12)
        bootstrapError = core.bootstrapError(resamples: resamples, seed: seed)
        let ahead = 1 - Double(curve.step) / Double(curve.steps)
        let squares = checks.reduce(0) { $0 + $1.error * $1.error }
        // Fewer than two checks tell little: the default counts as one of them.
        let default2 = pow(Self.unchecked, 2) * 2 * ahead
        let count = Double(checks.count)
        checkError = (checks.count < 2 ? (squares + default2) / (count + 1) : squares / count).squareRoot()
        let freedom = Double(max(checks.count, 2))
        let reach =
            StudentT.halfWidth(level: 0.95, degreesOfFreedom: freedom)
            * (bootstrapError * bootstrapError + checkError * checkError).squareRoot()
        interval = (loss * exp(-reach))...(loss * exp(reach))
    }

    private static func checks(_ siblings: [ScheduledCurve], share: Double) -> [Check] {
        siblings.indices.compactMap { i in
            var others = siblings
            let sibling = others.remove(at: i)
            let cut = sibling.truncated(to: max(1, Int(share * Double(sibling.steps))))
            guard let core = Core(cut, siblings: others), let actual = sibling.finalLoss, core.isCredible else {
                return nil
            }
            return Check(name: sibling.name, predicted: core.final, actual: actual)
        }
    }
}

extension RunForecast {
    /// The forecast without its interval.
    struct Core {
        let binned: BinnedCurve
        let prior: AnnealingPrior
        let law: AnnealingLaw
        /// Held-out minus training loss at one point of a run.
        let gap: Double
        let isHeldOut: Bool
        var final: Double { binned.final(law) + gap }
        /// A loss is above 0, and an exponent at the edge of the search says that the curve shows no power law yet.
        var isCredible: Bool { final > 0 && law.exponent > 1.01 * BinnedCurve.leastExponent }

        init?(_ curve: ScheduledCurve, siblings: [ScheduledCurve]) {
            let prior = AnnealingPrior(siblings: siblings) ?? .unknown
            guard let binned = BinnedCurve(curve, decay: prior.decay) else { return nil }
            let law = binned.fit(prior)
            let gap = Self.gap(curve, law)
            (self.prior, self.binned, self.law, self.gap, isHeldOut) = (prior, binned, law, gap ?? 0, gap != nil)
        }

        /// Of the last third of the evaluations behind warm-up, against the law; nil when there are none.
        private static func gap(_ curve: ScheduledCurve, _ law: AnnealingLaw) -> Double? {
            let areas = AnnealingAreas(rates: curve.rates, decay: law.decay)
            let usable = curve.evaluations.filter { $0.step > max(curve.peakStep, curve.step / 20) }
            let late = usable.suffix(max(1, usable.count / 3))
            guard !late.isEmpty else { return nil }
            let gaps = late.map {
                $0.loss - law.loss(forward: areas.forward[$0.step - 1], annealed: areas.annealing[$0.step - 1])
            }
            return gaps.reduce(0, +) / Double(gaps.count)
        }

        /// Standard deviation of ln of the final loss over refits of the law plus residuals drawn in circular blocks
        /// (Politis and Romano 1992), because neighbouring residuals are alike.
        func bootstrapError(resamples: Int, seed: UInt64) -> Double {
            guard resamples > 1 else { return 0 }
            let residuals = binned.residuals(law, binned.losses)
            let fitted = zip(binned.losses, residuals).map { $0 - $1 }
            let block = max(2, Int(pow(Double(residuals.count), 1.0 / 3).rounded()) + 1)
            var generator = SplitMix64(seed: seed)
            let finals = (0..<resamples).map { _ in
                var drawn: [Double] = []
                while drawn.count < residuals.count {
                    let start = Int.random(in: 0..<residuals.count, using: &generator)
                    drawn += (0..<block).map { residuals[(start + $0) % residuals.count] }
                }
                return log(max(binned.final(binned.fit(prior, losses: zip(fitted, drawn).map { $0 + $1 })) + gap, 1e-9))
            }
            let mean = finals.reduce(0, +) / Double(resamples)
            return (finals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(resamples - 1)).squareRoot()
        }
    }
}

extension AnnealingPrior {
    /// λ that fits the siblings best, and the mean and spread of their α and of their schedules' fall; nil without any
    /// that is long enough. The spread of few siblings is itself unknown, so it has a floor.
    init?(siblings: [ScheduledCurve]) {
        let fits = [0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999].map {
            decay -> (decay: Double, cost: Double, laws: [Known]) in
            let known = siblings.compactMap { Known($0, decay: decay) }
            return (decay, known.reduce(0) { $0 + $1.cost }, known)
        }
        guard let best = fits.filter({ !$0.laws.isEmpty }).min(by: { $0.cost < $1.cost }) else { return nil }
        decay = best.decay
        exponent = Self.summary(best.laws.map(\.exponent), floor: 0.1)
        fall = Self.summary(best.laws.map(\.fall), floor: 0.1)
    }

    private static func summary(_ values: [Double], floor: Double) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let spread = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0.5 * abs(mean)
        return (mean, max(spread, floor * abs(mean), 1e-3))
    }

    /// A complete run's own law.
    private struct Known {
        let exponent: Double
        let fall: Double
        let cost: Double

        init?(_ curve: ScheduledCurve, decay: Double) {
            // Next to no prior: a complete run tells by itself.
            let prior = AnnealingPrior(exponent: (0.5, 2), fall: (0.05, 0.3), decay: decay)
            guard let binned = BinnedCurve(curve, decay: decay) else { return nil }
            let law = binned.fit(prior)
            exponent = law.exponent
            fall = law.annealing * binned.end.annealed / (binned.losses.last ?? 1)
            cost =
                binned.residuals(law, binned.losses).reduce(0) { $0 + $1 * $1 }
                / pow(binned.losses.last ?? 1, 2) / Double(binned.losses.count)
        }
    }
}
