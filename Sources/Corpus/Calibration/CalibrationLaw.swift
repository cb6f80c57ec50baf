import Experiment

/// The exact law of the calibration source (SCIENCE §4): facts k = 1...K, K = alphabet^key, drawn independently with
/// p_k ∝ k^-(1 + s), after Michaud et al. 2023, "The quantization model of neural scaling". All K terms are evaluated.
public struct CalibrationLaw: Sendable {
    /// The parameters.
    public let config: CalibrationConfig
    /// K.
    public let facts: Int
    /// Sums of k^-(1 + s) over the first facts; `cumulative[k - 1]` is that up to fact k.
    private let cumulative: [Double]
    /// Σ k^-(1 + s) ln k.
    private let logSum: Double

    /// O(K) time, 8 K bytes. - Precondition: a configuration that was validated.
    public init(_ config: CalibrationConfig) {
        self.config = config
        facts = (0..<config.key).reduce(1) { product, _ in product * config.alphabet }
        var cumulative = [Double](repeating: 0, count: facts)
        var total = 0.0
        var logSum = 0.0
        for k in 1...facts {
            let log = PortableMath.log(Double(k))
            let weight = PortableMath.exp(-(1 + config.exponent) * log)
            total += weight
            logSum += weight * log
            cumulative[k - 1] = total
        }
        self.cumulative = cumulative
        self.logSum = logSum
    }

    private var total: Double { cumulative[facts - 1] }

    /// p_k of fact `k`, from 1.
    public func probability(_ k: Int) -> Double {
        PortableMath.power(Double(k), -(1 + config.exponent)) / total
    }

    /// H(p) = -Σ p_k ln p_k = ln Z + (1 + s) Σ p_k ln k, in nats per fact.
    public var entropy: Double { PortableMath.log(total) + (1 + config.exponent) * logSum / total }

    /// E = H(p) / (key + value), in nats per token: no model of the source has a smaller mean loss.
    public var irreducibleLoss: Double { entropy / Double(config.factLength) }

    /// Σ_{k > n} p_k: how often a fact beyond the n most frequent ones comes.
    public func tail(after n: Int) -> Double { n == 0 ? 1 : (total - cumulative[min(n, facts) - 1]) / total }

    /// The fact, from 1, at `u` in (0, 1) of the distribution function. O(log K).
    public func fact(at u: Double) -> Int {
        let target = u * total
        var low = 0
        var high = facts - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return low + 1
    }
}
