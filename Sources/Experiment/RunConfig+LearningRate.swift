extension RunConfig {
    /// The learning rate of update s + 1, s from 0: linear warm-up, then by the schedule's kind down to its floor.
    /// cosine: Loshchilov and Hutter 2017. wsd: constant, then 1 - sqrt over the last `decay_steps` (Hägele et al. 2024).
    public func learningRate(update s: Int) -> Double {
        let warmup = schedule.warmupSteps
        if s < warmup { return schedule.peak * Double(s + 1) / Double(warmup) }
        let range = schedule.peak - schedule.floor
        let progress = min(1, Double(s - warmup) / Double(max(1, steps - warmup)))
        switch schedule.kind {
        case .constant: return schedule.peak
        case .linear: return schedule.floor + range * (1 - progress)
        case .cosine: return schedule.floor + 0.5 * range * (1 + PortableMath.cosineOfHalfTurns(progress))
        case .wsd:
            let begun = s - (steps - decayStepsOfWSD)
            guard begun > 0 else { return schedule.peak }
            return schedule.floor + range * (1 - (min(1, Double(begun) / Double(decayStepsOfWSD))).squareRoot())
        }
    }
}
