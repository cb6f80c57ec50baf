/// Elementary functions of our own, so that random numbers and sources have the same bits on every machine: a libm
/// may pick other code for another CPU. Plain IEEE operations in a fixed order; relative error about 1e-15.
public enum PortableMath {
    private static let ln2High = 0x1.62e42fefa3800p-1
    private static let ln2Low = 0x1.ef35793c76730p-45

    /// Natural logarithm of a positive normal number.
    public static func log(_ x: Double) -> Double {
        precondition(x > 0 && x.isNormal, "log takes a positive normal number")
        var exponent = Double(x.exponent)
        var mantissa = x.significand  // [1, 2)
        if mantissa > 1.4142135623730951 {
            mantissa /= 2
            exponent += 1
        }
        // log m = 2 atanh f, f = (m - 1) / (m + 1), |f| < 0.172
        let f = (mantissa - 1) / (mantissa + 1)
        let square = f * f
        var sum = 0.0
        for k in stride(from: 12, through: 1, by: -1) { sum = (sum + 1 / Double(2 * k + 1)) * square }
        return exponent * ln2High + (2 * f + (2 * f * sum + exponent * ln2Low))
    }

    /// e to the power x, for |x| < 700.
    public static func exp(_ x: Double) -> Double {
        precondition(x.magnitude < 700, "exp would overflow")
        let n = (x * 1.4426950408889634).rounded(.toNearestOrEven)
        let r = (x - n * ln2High) - n * ln2Low
        var sum = 1.0
        for k in stride(from: 14, through: 1, by: -1) { sum = 1 + r / Double(k) * sum }
        return Double(sign: .plus, exponent: Int(n), significand: sum)
    }

    /// `base` to the power `exponent`, base positive.
    public static func power(_ base: Double, _ exponent: Double) -> Double { exp(exponent * log(base)) }

    /// The standard normal's inverse distribution function, p in (0, 1): algorithm AS 241, PPND16 (Wichura 1988),
    /// with our own logarithm; relative error about 1e-15.
    public static func normalQuantile(_ p: Double) -> Double {
        let q = p - 0.5
        if q.magnitude <= 0.425 {
            let r = 0.180625 - q * q
            return q * ratio(r, centralNumerator, centralDenominator)
        }
        let tail = (-log(q < 0 ? p : 1 - p)).squareRoot()
        let value =
            tail <= 5
            ? ratio(tail - 1.6, middleNumerator, middleDenominator)
            : ratio(tail - 5, farNumerator, farDenominator)
        return q < 0 ? -value : value
    }

    private static func ratio(_ r: Double, _ numerator: [Double], _ denominator: [Double]) -> Double {
        polynomial(r, numerator) / polynomial(r, denominator)
    }

    private static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
        var sum = 0.0
        for coefficient in coefficients.reversed() { sum = sum * x + coefficient }
        return sum
    }

    private static let centralNumerator = [
        3.3871328727963666080, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
        4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
    ]
    private static let centralDenominator = [
        1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
        2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
    ]
    private static let middleNumerator = [
        1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
        1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ]
    private static let middleDenominator = [
        1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ]
    private static let farNumerator = [
        6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ]
    private static let farDenominator = [
        1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ]
}

extension PortableMath {
    /// cos(π x) for x in [0, 1], as -sin(π (x - 1/2)) by its Taylor series; absolute error below 1e-15.
    public static func cosineOfHalfTurns(_ x: Double) -> Double {
        precondition((0...1).contains(x), "half a turn at most")
        let angle = Double.pi * (x - 0.5)
        let square = angle * angle
        var sum = 1.0
        for k in stride(from: 24, through: 2, by: -2) { sum = 1 - square / Double(k * (k + 1)) * sum }
        return -angle * sum
    }

    /// `base` to a whole power, by multiplications alone.
    public static func power(_ base: Double, _ exponent: Int) -> Double {
        precondition(exponent >= 0, "a whole power of 0 or more")
        var result = 1.0
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }
}
