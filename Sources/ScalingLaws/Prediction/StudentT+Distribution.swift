import Foundation

extension StudentT {
    /// P(|T| > |t|) for Student's t with any number of degrees of freedom above 0, Welch's fractional ones too:
    /// I_x(ν/2, 1/2) at x = ν/(ν + t²) (Abramowitz and Stegun 26.7.1 and 26.5.27).
    static func twoSidedProbability(_ t: Double, degreesOfFreedom: Double) -> Double {
        guard t.isFinite else { return t.isNaN ? 1 : 0 }
        return incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5)
    }

    /// The t that is exceeded, in size, with probability 1 − level; by bisection, right to 1e-10.
    static func halfWidth(level: Double, degreesOfFreedom: Double) -> Double {
        var (low, high) = (0.0, 1.0)
        while twoSidedProbability(high, degreesOfFreedom: degreesOfFreedom) > 1 - level, high < 1e12 { high *= 2 }
        while high - low > 1e-10 * high {
            let middle = 0.5 * (low + high)
            if twoSidedProbability(middle, degreesOfFreedom: degreesOfFreedom) > 1 - level {
                low = middle
            } else {
                high = middle
            }
        }
        return 0.5 * (low + high)
    }

    /// The regularised incomplete beta function I_x(a, b), by the continued fraction of Abramowitz and Stegun 26.5.8
    /// evaluated as Lentz did; relative error about 1e-14.
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(1 - x))
        return x < (a + 1) / (a + b + 2)
            ? front * continuedFraction(x, a, b) / a : 1 - front * continuedFraction(1 - x, b, a) / b
    }

    private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / away(1 - (a + b) * x / (a + 1))
        var result = d
        for m in stride(from: 1.0, through: 1000, by: 1) {
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / away(1 + even * d)
            c = away(1 + even / c)
            result *= c * d
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / away(1 + odd * d)
            c = away(1 + odd / c)
            let factor = c * d
            result *= factor
            if abs(factor - 1) < 1e-15 { break }
        }
        return result
    }

    /// ln Γ(x) for x > 0: Stirling's series after the recurrence has brought x above 12 (Abramowitz and Stegun 6.1.41).
    private static func logGamma(_ x: Double) -> Double {
        var (shift, y) = (0.0, x)
        while y < 12 {
            shift += log(y)
            y += 1
        }
        let inverse = 1 / (y * y)
        let series = (1 / 12.0 - inverse * (1 / 360.0 - inverse * (1 / 1260.0 - inverse / 1680))) / y
        return (y - 0.5) * log(y) - y + 0.5 * log(2 * Double.pi) + series - shift
    }
}
