/// The search for the lowest minimum of a fit's objective from many starts.
struct StartSearch<Model: FittableLaw>: Sendable {
    let objective: LossObjective<Model>
    let loss: FitLoss
    /// Starts that are walked a few steps, and the number polished.
    var walked = 216
    var polished = 32
    /// Two minima are one when their objectives differ by less than this, relative.
    static var sameMinimum: Double { 1e-6 }

    struct Result: Sendable {
        var best: Minimum
        /// Every polished minimum, lowest first.
        var minima: [Minimum]
        var startsScreened: Int
    }

    /// Screens all starts by their value, walks the most promising a few steps, and takes the best of those to the end.
    func run() -> Result {
        let rounded = LossObjective(objective, penalty: loss.penalty(smoothing: 1e-3))
        let grid = objective.model.starts
        let ranked = Self.lowest(grid, walked) { rounded.value(at: $0) }
        let shortWalk = Minimizer(majorizingSteps: 6, exactSteps: 0)
        let candidates = (ranked + objective.model.linearStarts(weights: objective.weights))
            .map { shortWalk.minimize(rounded, from: $0) }
            .filter(\.value.isFinite)
            .sorted { $0.value < $1.value }
        let minima = candidates.prefix(polished)
            .map { Minimizer().minimize(objective, loss, from: $0.parameters) }
            .sorted { $0.value < $1.value }
        return Result(best: minima[0], minima: minima, startsScreened: grid.count)
    }

    private static func lowest(
        _ starts: [ParameterVector], _ count: Int, by value: (ParameterVector) -> Double
    ) -> [ParameterVector] {
        starts.map { (start: $0, value: value($0)) }.sorted { $0.value < $1.value }.prefix(count).map(\.start)
    }
}

extension StartSearch.Result {
    /// What the search says for itself.
    func certificate(conditionNumber: Double) -> Certificate {
        let ceiling = best.value * (1 + StartSearch<Model>.sameMinimum)
        return Certificate(
            relativeGradient: best.relativeGradient, startsAtOptimum: minima.count { $0.value <= ceiling },
            startsPolished: minima.count, startsScreened: startsScreened,
            secondBasin: minima.map(\.value).first { $0 > ceiling && $0.isFinite }, conditionNumber: conditionNumber)
    }
}
