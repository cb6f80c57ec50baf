import Foundation

/// Ordinary least squares of y = intercept + slope x, as Kaplan et al. fitted their power laws in log space.
struct LinearRegression: Sendable {
    let intercept: Double
    let slope: Double
    /// Σ of squared residuals.
    let residualSum: Double
    let slopeError: Double
    let interceptError: Double
    /// Half the width of a 95 % interval in standard errors; infinite with fewer than three points.
    let halfWidth: Double

    /// Needs at least two different x.
    init(_ x: [Double], _ y: [Double]) {
        let count = Double(x.count)
        let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
        let spread = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
        let slope = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / spread
        let intercept = meanY - slope * meanX
        let residualSum = zip(x, y).reduce(0) { sum, point in
            let residual = point.1 - intercept - slope * point.0
            return sum + residual * residual
        }
        let freedom = x.count - 2
        let variance = freedom > 0 ? residualSum / Double(freedom) : .infinity
        self.slope = slope
        self.intercept = intercept
        self.residualSum = residualSum
        slopeError = (variance / spread).squareRoot()
        interceptError = (variance * (1 / count + meanX * meanX / spread)).squareRoot()
        halfWidth = freedom > 0 ? StudentT.quantile975(degreesOfFreedom: freedom) : .infinity
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
