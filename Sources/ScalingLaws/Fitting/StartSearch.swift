/// The search for the lowest minimum of a fit's objective from many starts.
struct StartSearch<Model: FittableLaw>: Sendable {
    let objective: LossObjective<Model>
    let loss: FitLoss
    /// Starts of each region that are walked a few steps, and the number polished.
    var walkedPerRegion = 8
    var polished = 32
    /// Two minima are one when their objectives differ by less than this, relative.
    static var sameMinimum: Double { 1e-6 }

    struct Result: Sendable {
        /// Of infinite value when no start has a finite one.
        var best: Minimum
        /// Every polished minimum, lowest first; empty when no start has a finite value.
        var minima: [Minimum]
        var startsScreened: Int
        /// The objective of residuals at rounding level: below it all minima are one, an exact fit.
        var rounding: Double
    }

    /// Screens all starts by their value, walks the most promising of every region a few steps together with what a
    /// linear search finds, and takes the best of those to the end.
    ///
    /// The starts of the paper's grid are screened and not each minimised: from most of them any descent ends where one
    /// of the three terms is nothing, whatever its method.
    func run() -> Result {
        let rounded = LossObjective(objective, penalty: loss.penalty(smoothing: 1e-3))
        let grid = objective.model.starts
        let region = objective.model.startsPerRegion
        let promising = stride(from: 0, to: grid.count, by: region).flatMap { first in
            Self.lowest(grid[first..<min(first + region, grid.count)], walkedPerRegion) { rounded.value(at: $0) }
        }
        let shortWalk = Minimizer(majorizingSteps: 6, exactSteps: 0)
        let candidates = (promising + objective.model.linearStarts(weights: objective.weights))
            .map { shortWalk.minimize(rounded, from: $0) }
            .filter(\.value.isFinite)
            .sorted { $0.value < $1.value }
        let minima = candidates.prefix(polished)
            .map { Minimizer().minimize(objective, loss, from: $0.parameters) }
            .sorted { $0.value < $1.value }
        let rounding = objective.weights.reduce(0) { $0 + $1 * objective.penalty.value(1e-13, logLoss: 0, loss: 1) }
        let none = Minimum(parameters: .zero, value: .infinity, relativeGradient: .infinity)
        return Result(best: minima.first ?? none, minima: minima, startsScreened: grid.count, rounding: rounding)
    }

    private static func lowest(
        _ starts: ArraySlice<ParameterVector>, _ count: Int, by value: (ParameterVector) -> Double
    ) -> [ParameterVector] {
        starts.map { (start: $0, value: value($0)) }.sorted { $0.value < $1.value }.prefix(count).map(\.start)
    }
}

extension StartSearch.Result {
    /// What the search says for itself.
    func certificate(conditionNumber: Double) -> Certificate {
        let ceiling = max(best.value * (1 + StartSearch<Model>.sameMinimum), rounding)
        return Certificate(
            relativeGradient: best.relativeGradient, startsAtOptimum: minima.count { $0.value <= ceiling },
            startsPolished: minima.count, startsScreened: startsScreened,
            secondBasin: minima.map(\.value).first { $0 > ceiling && $0.isFinite }, conditionNumber: conditionNumber)
    }
}
