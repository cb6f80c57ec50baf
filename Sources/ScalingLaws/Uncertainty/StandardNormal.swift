import Foundation

/// The normal distribution of mean 0 and standard deviation 1.
enum StandardNormal {
    /// The probability of a value below `z`.
    static func share(below z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

    /// The z below which a value lies with probability `p`, by halving; `p` is above 0 and below 1.
    static func quantile(_ p: Double) -> Double {
        precondition(p > 0 && p < 1, "a quantile needs a probability between 0 and 1, not \(p)")
        var (low, high) = (-38.0, 38.0)
        for _ in 0..<64 {
            let middle = 0.5 * (low + high)
            if share(below: middle) < p { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }
}
