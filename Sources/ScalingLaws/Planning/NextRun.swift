import Foundation

/// The run that would tell most: which N and D, within a budget, would narrow the interval of a predicted loss most if
/// they were run next. To first order the information about the parameters θ is the sum of g gᵀ over the runs, with
/// g = ∂ ln L/∂θ; one more run adds its own (Fedorov 1972; V-optimality for one prediction).
public struct NextRun: Sendable {
    /// A run that could be made.
    public struct Candidate: Sendable, Equatable {
        /// Parameters.
        public let n: Double
        /// Tokens.
        public let d: Double
        /// The standard error of the predicted ln L with this run added, over the one without.
        public let shrinkage: Double
        /// 6ND.
        public var compute: Double { 6 * n * d }
    }

    /// The standard error of ln L at the target, from the runs there are.
    public let standardError: Double
    /// For each part of the budget the best run, the dearest first.
    public let candidates: [Candidate]

    /// - Parameters:
    ///   - law: fitted to `points`.
    ///   - target: the N and D whose loss is to be predicted.
    ///   - budget: the most FLOPs that a run may take; halves, quarters and eighths of it are looked at too.
    /// nil when the points do not identify the five parameters.
    public init?(law: ChinchillaLaw, points: [FitPoint], target: (n: Double, d: Double), budget: Double) {
        guard points.count > 5 else { return nil }
        let count = Double(points.count)
        let centreN = points.reduce(0) { $0 + log($1.n) } / count
        let centreD = points.reduce(0) { $0 + log($1.d) } / count
        // Only the ratios of weights count; the new run has the mean one.
        let meanWeight = points.reduce(0) { $0 + $1.weight } / count
        var matrix = SmallMatrix(size: 5)
        for point in points {
            let gradient = Self.gradient(law, n: point.n, d: point.d, centreN, centreD)
            matrix.addOuterProduct(gradient, weight: point.weight / meanWeight)
        }
        let squares = points.reduce(0) {
            $0 + $1.weight / meanWeight * pow(log(law.loss(n: $1.n, d: $1.d) / $1.loss), 2)
        }
        let aim = Self.gradient(law, n: target.n, d: target.d, centreN, centreD)
        guard let direction = matrix.solve(aim, damping: .zero) else { return nil }
        let variance = (aim * direction).sum()
        guard variance > 0, variance.isFinite else { return nil }
        standardError = (variance * squares / (count - 5)).squareRoot()
        candidates = Self.choices(points, budget: budget).compactMap { choices in
            choices.map { choice -> Candidate in
                let g = Self.gradient(law, n: choice.n, d: choice.d, centreN, centreD)
                let own = matrix.solve(g, damping: .zero).map { (g * $0).sum() } ?? 0
                // Sherman and Morrison: one more outer product takes (gᵀ M⁻¹ h)²/(1 + gᵀ M⁻¹ g) off the variance.
                let covariance = (g * direction).sum()
                let left = 1 - covariance * covariance / ((1 + own) * variance)
                return Candidate(n: choice.n, d: choice.d, shrinkage: max(0, left).squareRoot())
            }.min { $0.shrinkage < $1.shrinkage }
        }
    }

    /// For each part of the budget, sizes in steps of 2^¼ whose D/N is not far from what the table has.
    private static func choices(_ points: [FitPoint], budget: Double) -> [[(n: Double, d: Double)]] {
        let ratios = points.map { $0.d / $0.n }
        guard let low = ratios.min(), let high = ratios.max(), let smallest = points.map(\.n).min() else { return [] }
        let sizes = (0...160).map { smallest / 4 * exp2(Double($0) / 4) }
        return [1, 2, 4, 8].map { part in
            sizes.map { n in (n: n, d: budget / part / (6 * n)) }
                .filter { $0.d / $0.n >= low / 2 && $0.d / $0.n <= high * 2 }
        }
    }

    /// ∂ ln L/∂(ln A′, ln B′, ln E, α, β), with A′ and B′ at the points' centre, which keeps the matrix well conditioned;
    /// a variance of ln L does not depend on that choice.
    private static func gradient(_ law: ChinchillaLaw, n: Double, d: Double, _ centreN: Double, _ centreD: Double)
        -> ParameterVector
    {
        let loss = law.loss(n: n, d: d)
        let (capacity, data) = (law.capacityTerm(n) / loss, law.dataTerm(d) / loss)
        return ParameterVector(
            capacity, data, law.irreducible / loss, -capacity * (log(n) - centreN), -data * (log(d) - centreD), 0, 0, 0)
    }
}
