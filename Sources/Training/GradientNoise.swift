/// What the spread of a step's slot gradients tells of the gradient's noise (McCandlish et al. 2018, appendix A.1):
/// two unbiased estimates from the squared norms of gradients of a small batch, a slot, and of the whole one.
///
/// Their ratio, the simple noise scale B = S / |G|², is for readers to form from means over many steps: each estimate
/// of one step is noisy, and may be negative. The loss is a mean over tokens, so B is in tokens; since the tokens of a
/// sequence are not independent, S is what the noise of that many tokens *in sequences of this length* amounts to.
public struct GradientNoise: Sendable, Equatable {
    /// |G|² of the true gradient of the mean loss, in nats² per squared unit of the parameters.
    public let square: Double
    /// S, the trace of the per-token covariance of the gradient: a batch of B tokens has |G|² + S / B.
    public let trace: Double

    /// - Parameters:
    ///   - slots: of each slot, the squared norm of the gradient of the *sum* of its losses.
    ///   - counted: of each slot, the tokens in that sum.
    ///   - batchSquare: the squared norm of the gradient of the mean over all counted tokens.
    /// - Returns: nil for fewer than two slots with counted tokens, which have no spread.
    public init?(slots: [Double], counted: [Int], batchSquare: Double) {
        precondition(slots.count == counted.count, "one count per slot")
        var (used, tokens, squares, inverses) = (0, 0.0, 0.0, 0.0)
        for slot in slots.indices where counted[slot] > 0 {
            let inverse = 1 / Double(counted[slot])
            used += 1
            tokens += Double(counted[slot])
            squares += slots[slot] * inverse * inverse
            inverses += inverse
        }
        guard used > 1 else { return nil }
        // E|g|² = |G|² + S / B for a slot of B tokens: with slots of unequal counts, 1 / B is their mean inverse.
        let smallSquare = squares / Double(used)
        let small = Double(used) / inverses
        square = (tokens * batchSquare - small * smallSquare) / (tokens - small)
        trace = (smallSquare - batchSquare) / (1 / small - 1 / tokens)
    }
}
