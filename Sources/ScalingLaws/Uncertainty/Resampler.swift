/// The fit of one resample: from the optimum of all points, and from the best place that a linear search finds, in case
/// the resample's lowest minimum is another.
struct Resampler<Model: FittableLaw>: Sendable {
    let objective: LossObjective<Model>
    let loss: FitLoss
    let best: ParameterVector

    /// nil when the drawn points do not have the places that the law needs.
    func fit(_ drawn: [Int]) -> ParameterVector? {
        var resample = objective
        resample.weights = objective.weights.map { _ in 0 }
        for i in drawn { resample.weights[i] += objective.weights[i] }
        guard objective.model.isFittable(weights: resample.weights) else { return nil }
        let minimizer = Minimizer(majorizingSteps: 15, exactSteps: 60, tolerance: 1e-9)
        var end = minimizer.minimize(resample, loss, from: best)
        let rounded = LossObjective(resample, penalty: loss.penalty(smoothing: 1e-3))
        let walk = Minimizer(majorizingSteps: 10, exactSteps: 5)
        let other = objective.model.linearStarts(weights: resample.weights).prefix(1)
            .map { walk.minimize(rounded, from: $0) }
        for start in other where start.value < rounded.value(at: end.parameters) {
            let rival = minimizer.minimize(resample, loss, from: start.parameters)
            if rival.value < end.value { end = rival }
        }
        return end.value.isFinite ? end.parameters : nil
    }
}
