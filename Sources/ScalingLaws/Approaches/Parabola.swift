import Foundation

/// y = y₀ + s (x − x₀) + c (x − x₀)² by weighted least squares, x₀ the mean of x.
public struct Parabola: Sendable, Equatable {
    /// x₀: the mean of the points' x, about which the coefficients are.
    public let centre: Double
    /// y₀: the value at `centre`.
    public let level: Double
    /// s: the slope at `centre`.
    public let slope: Double
    /// c: half the second derivative.
    public let curvature: Double

    /// nil with fewer than three different x.
    init?(_ x: [Double], _ y: [Double], weights: [Double]? = nil) {
        guard Set(x).count > 2 else { return nil }
        let centre = x.reduce(0, +) / Double(x.count)
        // Lengths in units of the widest deviation keep the normal equations well scaled.
        let unit = x.map { abs($0 - centre) }.max() ?? 1
        var normal = SmallMatrix(size: 3)
        var right = ParameterVector.zero
        for i in x.indices {
            let u = (x[i] - centre) / unit
            let row = ParameterVector(1, u, u * u, 0, 0, 0, 0, 0)
            let weight = weights?[i] ?? 1
            normal.addOuterProduct(row, weight: weight)
            right += weight * y[i] * row
        }
        guard let solution = normal.solve(right, damping: .zero) else { return nil }
        self.centre = centre
        level = solution[0]
        slope = solution[1] / unit
        curvature = solution[2] / (unit * unit)
    }

    /// y at x.
    public func value(at x: Double) -> Double {
        let u = x - centre
        return level + slope * u + curvature * u * u
    }

    /// The x of the minimum; nil when the parabola opens downwards or is a line.
    public var vertex: Double? { curvature > 0 ? centre - slope / (2 * curvature) : nil }
}
