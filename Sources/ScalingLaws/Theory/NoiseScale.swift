/// The gradient noise scale B_simple = S/|G|² (McCandlish et al. 2018, arXiv 1812.06162, appendix A) from the two
/// unbiased estimates of every step. Each may be negative by itself, so numerator and denominator are averaged apart, and
/// divided last. A diagnostic: it stands in for the critical batch only as far as all directions curve alike.
public struct NoiseScale: Sendable, Equatable {
    /// How much of the average a step keeps: 0.995 remembers about 200 steps.
    public let decay: Double
    /// The average of |G|², bias-corrected; nil before the first step.
    public var gradientSquare: Double? { weight > 0 ? squareSum / weight : nil }
    /// The average of S, the trace of the gradient's covariance per token, bias-corrected; nil before the first step.
    public var gradientNoise: Double? { weight > 0 ? noiseSum / weight : nil }
    private var squareSum = 0.0
    private var noiseSum = 0.0
    private var weight = 0.0

    /// An average without steps.
    public init(decay: Double = 0.995) {
        precondition(0 <= decay && decay < 1, "a decay is at least 0 and below 1, not \(decay)")
        self.decay = decay
    }

    /// Adds a step: the estimates of |G|² and of S as the ledger has them. One that is not finite is left out.
    public mutating func add(gradientSquare: Double, gradientNoise: Double) {
        guard gradientSquare.isFinite, gradientNoise.isFinite else { return }
        squareSum = decay * squareSum + (1 - decay) * gradientSquare
        noiseSum = decay * noiseSum + (1 - decay) * gradientNoise
        weight = decay * weight + (1 - decay)
    }

    /// B_simple in tokens; negative while the average of S is, which says that noise is too small to see; nil before the
    /// first step and while the average of |G|² is not above 0.
    public var tokens: Double? {
        guard let gradientSquare, let gradientNoise, gradientSquare > 0 else { return nil }
        return gradientNoise / gradientSquare
    }

    /// B_simple after every step of a ledger; a step without estimates repeats the one before.
    public static func smoothed(_ steps: [(gradientSquare: Double, gradientNoise: Double)?], decay: Double = 0.995)
        -> [Double?]
    {
        var scale = NoiseScale(decay: decay)
        return steps.map { step in
            if let step { scale.add(gradientSquare: step.gradientSquare, gradientNoise: step.gradientNoise) }
            return scale.tokens
        }
    }

    /// The two unbiased estimates from the squared norms of gradients over a small and a big batch (appendix A.1):
    /// |G|² = (B g²_B − b g²_b)/(B − b) and S = (g²_b − g²_B)/(1/b − 1/B); S is per token when batches are in tokens.
    public static func estimates(
        smallNormSquare: Double, smallBatch: Double, bigNormSquare: Double, bigBatch: Double
    ) -> (gradientSquare: Double, gradientNoise: Double) {
        precondition(0 < smallBatch && smallBatch < bigBatch, "two batches, the small one first")
        return (
            (bigBatch * bigNormSquare - smallBatch * smallNormSquare) / (bigBatch - smallBatch),
            (smallNormSquare - bigNormSquare) / (1 / smallBatch - 1 / bigBatch)
        )
    }
}
