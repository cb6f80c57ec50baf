import Foundation

/// What a set of (N, D) can identify, before any fit.
struct DesignCheck {
    private let points: [FitPoint]
    private let sizes: [Double]
    private let tokens: [Double]
    /// One more than the parameters of the law: the fewest points that leave a residual.
    static let fewestPoints = ChinchillaModel.parameterCount + 1

    init(_ points: [FitPoint]) {
        self.points = points
        sizes = Set(points.map(\.n)).sorted()
        tokens = Set(points.map(\.d)).sorted()
    }

    /// - Throws: `TableError` for a set that has no law at all.
    func requireFittable() throws {
        guard points.count >= Self.fewestPoints else {
            throw TableError(
                "the five parameters of L(N, D) need at least \(Self.fewestPoints) complete runs, and there "
                    + "\(points.count == 1 ? "is" : "are") \(points.count): add runs of other sizes and lengths")
        }
        guard sizes.count > 1 else {
            throw TableError(
                "all \(points.count) runs have the same N = \(Number.compact(sizes[0])), so A and alpha cannot be told from E: "
                    + "add runs of other model sizes")
        }
        guard tokens.count > 1 else {
            throw TableError(
                "all \(points.count) runs have the same D = \(Number.compact(tokens[0])) tokens, so B and beta cannot be told "
                    + "from E: add runs of other lengths")
        }
    }

    var warnings: [FitWarning] {
        axisWarnings("N", sizes, exponent: "alpha") + axisWarnings("D", tokens, exponent: "beta") + ridgeWarnings
            + countWarnings
    }

    /// Three parameters (E, a coefficient, an exponent) bend along each axis: fewer than 3 values cannot show a bend.
    private func axisWarnings(_ axis: String, _ values: [Double], exponent: String) -> [FitWarning] {
        let range = values[values.count - 1] / values[0]
        var result: [FitWarning] = []
        if values.count < 3 {
            result.append(
                .grave(
                    "only \(values.count) distinct \(axis): \(exponent) cannot be told from E, a power law needs at "
                        + "least 3 values and 5 for a fair interval"))
        } else if values.count < 4 {
            result.append(.caution("only \(values.count) distinct \(axis): \(exponent) and E rest on few values"))
        }
        if range < 4 {
            result.append(
                .grave(
                    "\(axis) spans only a factor of \(Number.short(range)): \(exponent) is not identified, spread "
                        + "\(axis) over a factor of 10 or more"))
        } else if range < 10 {
            result.append(
                .caution("\(axis) spans only a factor of \(Number.short(range)): extrapolation rests on \(exponent)"))
        }
        return result
    }

    /// When N and D move together, the two power terms are one.
    private var ridgeWarnings: [FitWarning] {
        let correlation = Self.correlation(points.map { log($0.n) }, points.map { log($0.d) })
        let ratios = points.map { $0.d / $0.n }
        guard let low = ratios.min(), let high = ratios.max() else { return [] }
        guard abs(correlation) > 0.98 || high / low < 2 else { return [] }
        return [
            .grave(
                "N and D move together (correlation of their logarithms \(Number.short(correlation)), D/N from "
                    + "\(Number.short(low)) to \(Number.short(high))): the two terms cannot be told apart, vary D at fixed N"
            )
        ]
    }

    private var countWarnings: [FitWarning] {
        guard points.count < 12 else { return [] }
        return [
            .caution("\(points.count) runs for 5 parameters: the intervals are rough and probably too narrow")
        ]
    }

    private static func correlation(_ x: [Double], _ y: [Double]) -> Double {
        let count = Double(x.count)
        let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for i in x.indices {
            let (dx, dy) = (x[i] - meanX, y[i] - meanY)
            xx += dx * dx
            yy += dy * dy
            xy += dx * dy
        }
        return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
    }
}
