/// The pair bootstrap of a fit: runs, or whole clusters of them, drawn with replacement, each resample fitted anew
/// (Efron 1979; Besiroglu et al. 2024, §3). The draws are a pure function of the seed.
public struct Bootstrap: Sendable {
    /// The parameters of each resample that could be fitted, in the order of the form's `parameterNames`.
    public let parameters: [[Double]]
    /// The places in the fit's points that were drawn, of all resamples, fitted or not.
    public let indices: [[Int]]
    /// Resamples with too few places for the law, or without a finite optimum.
    public let skipped: Int
    /// Whether whole clusters were drawn.
    public let drewClusters: Bool
    /// The law.
    public let form: LawForm

    /// nil when no resamples are asked for or none could be fitted.
    init?<Model: FittableLaw>(
        _ objective: LossObjective<Model>, _ form: LawForm, _ points: [FitPoint], best: Minimum, _ options: FitOptions
    ) {
        let resampling = Resampling(points, clusters: options.clusters)
        var generator = SplitMix64(seed: options.seed)
        indices =
            options.indices ?? (0..<options.resamples).map { _ in resampling.draw(using: &generator) }
        let resampler = Resampler(objective: objective, loss: options.loss, best: best.parameters)
        parameters = indices.compactMap { drawn in
            guard let end = resampler.fit(drawn) else { return nil }
            let values = objective.model.values(end)
            return values.allSatisfy(\.isFinite) ? values : nil
        }
        guard !parameters.isEmpty else { return nil }
        skipped = indices.count - parameters.count
        drewClusters = options.indices == nil && resampling.hasClusters
        self.form = form
    }

    /// The values of a named parameter, or of one derived from them (`LawForm.value`), over the resamples; without those
    /// of resamples where it is not defined, such as the optimum of a law with a negative exponent.
    public func values(_ name: String) -> [Double] {
        parameters.compactMap { form.value(name, of: $0) }.filter(\.isFinite)
    }

    /// The central 95 % of a parameter over the resamples.
    public func interval(_ name: String) -> ClosedRange<Double>? { Self.centralInterval(values(name)) }

    /// The standard deviation of a parameter over the resamples.
    public func standardError(_ name: String) -> Double? {
        let values = values(name)
        guard values.count > 1 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }

    /// The central 95 % of the predicted loss at (n, d): the spread of the law, not of a single run.
    public func lossInterval(n: Double, d: Double) -> ClosedRange<Double>? {
        let point = FitPoint(n: n, d: d, loss: 0)
        return Self.centralInterval(parameters.map { form.loss($0, of: point) })
    }

    static func centralInterval(_ values: [Double]) -> ClosedRange<Double>? {
        guard values.count > 1 else { return nil }
        let sorted = values.sorted()
        return quantile(sorted, 0.025)...quantile(sorted, 0.975)
    }

    /// Linear between order statistics (Hyndman and Fan 1996, type 7).
    static func quantile(_ sorted: [Double], _ p: Double) -> Double {
        let place = p * Double(sorted.count - 1)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
}

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
