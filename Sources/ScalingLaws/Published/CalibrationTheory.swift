import Foundation

/// The known law of the calibration source: keys drawn with p_k ∝ k^−(1+s) among K = b^m facts, each followed by a value
/// of r symbols that its key determines. So the irreducible loss is exactly the entropy of the keys, and the
/// quantization view of neural scaling (Michaud et al. 2023) predicts the exponents.
public struct CalibrationTheory: Sendable, Equatable {
    /// b: symbols of the alphabet, the vocabulary of the model.
    public let alphabet: Int
    /// m: symbols of a key.
    public let key: Int
    /// r: symbols of a value.
    public let value: Int
    /// s: facts fall off as k^−(1+s).
    public let exponent: Double
    /// K = b^m.
    public let facts: Int
    /// H(p), nats per fact.
    public let entropyPerFact: Double

    /// Sums over all K facts, in double precision from the smallest term up.
    public init(alphabet: Int, key: Int, value: Int, exponent: Double) {
        precondition(
            alphabet > 1 && key > 0 && value > 0 && exponent > 0,
            "a calibration source needs an alphabet above 1, key and value above 0, exponent above 0")
        self.alphabet = alphabet
        self.key = key
        self.value = value
        self.exponent = exponent
        facts = (0..<key).reduce(1) { product, _ in product * alphabet }
        let sums = Self.sums(over: 1...facts, exponent: exponent)
        normalization = sums.weights
        // −Σ p ln p with p = w/Z is ln Z − (Σ w ln w)/Z, and ln w = −(1+s) ln k.
        entropyPerFact = log(sums.weights) + (1 + exponent) * sums.weightedLogarithms / sums.weights
    }

    private let normalization: Double

    /// E = H(p)/(m + r), nats per token.
    public var irreducible: Double { entropyPerFact / Double(key + value) }

    /// α as K grows without bound: s.
    public var alpha: Double { exponent }

    /// β as K grows without bound: s/(1 + s).
    public var beta: Double { exponent / (1 + exponent) }

    /// Σ_{k>n} p_k: the share of facts that a model of the n most frequent ones does not know.
    public func tail(beyond n: Int) -> Double {
        guard n > 0 else { return 1 }
        guard n < facts else { return 0 }
        if n < facts / 2 { return 1 - Self.sums(over: 1...n, exponent: exponent).weights / normalization }
        return Self.sums(over: (n + 1)...facts, exponent: exponent).weights / normalization
    }

    /// −Δ ln tail / Δ ln n between two numbers of known facts: the exponent that runs within this range can show,
    /// above s because a finite tail ends. nil where no tail is left.
    public func slope(from low: Int, to high: Int) -> Double? {
        precondition(0 < low && low < high, "a slope needs 0 < from < to, not \(low) and \(high)")
        let (first, last) = (tail(beyond: low), tail(beyond: high))
        guard last > 0 else { return nil }
        return log(first / last) / log(Double(high) / Double(low))
    }

    /// How far below E a pure power law fitted well inside the range tends, nats per token: the tail is ∝ n^−s − K^−s,
    /// and the constant goes into the fitted E as r ln b · K^−s/(s Z) spread over m + r tokens.
    public var finiteOffset: Double {
        let constant = pow(Double(facts), -exponent) / (exponent * normalization)
        return Double(value) * log(Double(alphabet)) * constant / Double(key + value)
    }

    /// Σ k^−(1+s) and Σ k^−(1+s) ln k, from the smallest terms up.
    private static func sums(over range: ClosedRange<Int>, exponent: Double)
        -> (weights: Double, weightedLogarithms: Double)
    {
        var weights = 0.0
        var weightedLogarithms = 0.0
        for k in range.reversed() {
            let logarithm = log(Double(k))
            let weight = exp(-(1 + exponent) * logarithm)
            weights += weight
            weightedLogarithms += weight * logarithm
        }
        return (weights, weightedLogarithms)
    }
}
