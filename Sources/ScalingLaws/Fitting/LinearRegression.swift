import Foundation

/// Weighted least squares of y = intercept + slope x, as Kaplan et al. fitted their power laws in log space. Weights
/// count relative to each other: the variance is estimated from the residuals.
struct LinearRegression: Sendable {
    let intercept: Double
    let slope: Double
    /// Σ w of squared residuals.
    let residualSum: Double
    let slopeError: Double
    let interceptError: Double
    /// Half the width of a 95 % interval in standard errors; infinite with fewer than three points.
    let halfWidth: Double
    /// Share of the weighted variance of y that the line explains.
    let rSquared: Double
    /// The weighted mean of x, where the line is known best.
    let centre: Double
    private let meanError: Double

    /// Needs at least two different x.
    init(_ x: [Double], _ y: [Double], weights: [Double]? = nil) {
        let weights = weights ?? Array(repeating: 1, count: x.count)
        let total = weights.reduce(0, +)
        func mean(_ value: (Int) -> Double) -> Double {
            x.indices.reduce(0) { $0 + weights[$1] * value($1) } / total
        }
        let (meanX, meanY) = (mean { x[$0] }, mean { y[$0] })
        let spread = total * mean { (x[$0] - meanX) * (x[$0] - meanX) }
        let slope = total * mean { (x[$0] - meanX) * (y[$0] - meanY) } / spread
        let intercept = meanY - slope * meanX
        residualSum =
            total
            * mean { i in
                let residual = y[i] - intercept - slope * x[i]
                return residual * residual
            }
        let variation = total * mean { (y[$0] - meanY) * (y[$0] - meanY) }
        rSquared = variation > 0 ? 1 - residualSum / variation : 1
        let freedom = x.count - 2
        let variance = freedom > 0 ? residualSum / Double(freedom) : .infinity
        self.slope = slope
        self.intercept = intercept
        centre = meanX
        meanError = (variance / total).squareRoot()
        slopeError = (variance / spread).squareRoot()
        interceptError = (variance * (1 / total + meanX * meanX / spread)).squareRoot()
        halfWidth = freedom > 0 ? StudentT.quantile975(degreesOfFreedom: freedom) : .infinity
    }

    /// The standard error of the line at x.
    func error(at x: Double) -> Double {
        let turn = slopeError * (x - centre)
        return (meanError * meanError + turn * turn).squareRoot()
    }
}

/// The 97.5 % point of Student's t.
enum StudentT {
    private static let table = [
        12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    ]

    /// Tabled to 10 degrees of freedom, beyond them the expansion around the normal (Abramowitz and Stegun 26.7.5),
    /// which is right to 2e-4 there.
    static func quantile975(degreesOfFreedom: Int) -> Double {
        precondition(degreesOfFreedom > 0, "Student's t needs a degree of freedom")
        if degreesOfFreedom <= table.count { return table[degreesOfFreedom - 1] }
        let z = 1.959964
        let v = Double(degreesOfFreedom)
        let first = (pow(z, 3) + z) / 4
        let second = (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96
        let third = (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384
        return z + first / v + second / (v * v) + third / (v * v * v)
    }
}
