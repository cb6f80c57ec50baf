import Foundation

/// Parameters with and without embeddings, N_T = N + γ N^(1/3), and what a law in one looks like in the other (Pearce and
/// Song 2024, arXiv 2406.12907). With a fixed ratio of width to layers, N = 12 d³/ratio, and the embedding is V d.
public struct EmbeddingConvention: Sendable, Equatable {
    /// γ.
    public let gamma: Double

    /// A convention with its γ.
    public init(gamma: Double) { self.gamma = gamma }

    /// γ = V (ratio/12)^(1/3) for models of one ratio of width to layers.
    public init(vocabulary: Double, aspect: Double) { gamma = vocabulary * cbrt(aspect / 12) }

    /// As fitted to the models of Hoffmann et al.'s table A9, with a vocabulary of 32,000: γ = 47,491.
    public static let chinchilla = EmbeddingConvention(gamma: 47_491)

    /// N_T of `n` non-embedding parameters.
    public func total(nonEmbedding n: Double) -> Double { n + gamma * cbrt(n) }

    /// N of `total` parameters: Newton's method on u³ + γ u = N_T, u = N^(1/3), which is convex and has one root.
    public func nonEmbedding(total: Double) -> Double {
        var u = cbrt(total)
        for _ in 0..<100 {
            let next = u - (u * u * u + gamma * u - total) / (3 * u * u + gamma)
            if abs(next - u) <= 1e-15 * u { break }
            u = next
        }
        return u * u * u
    }

    /// d ln N*/d ln C at `n` non-embedding parameters, where C = 6 N D counts no embeddings and N* minimises a law in
    /// total parameters: from the first-order condition αA N_T^(−α−1) N_T′ N = βB D^(−β), differentiated along it.
    public func localExponent(_ law: ChinchillaLaw, nonEmbedding n: Double) -> Double {
        let share = (n + gamma * cbrt(n) / 3) / (n + gamma * cbrt(n))  // d ln N_T/d ln N
        let bend = -(2.0 / 9) * gamma * cbrt(n) / (n + gamma * cbrt(n) / 3)  // d ln N_T′/d ln N
        let tokens = ((law.alpha + 1) * share - 1 - bend) / law.beta  // d ln D/d ln N
        return 1 / (1 + tokens)
    }

    /// The FLOPs without embeddings at which `n` non-embedding parameters are the optimum.
    public func compute(_ law: ChinchillaLaw, forOptimalNonEmbedding n: Double) -> Double {
        let gain =
            law.alpha * law.capacityTerm(total(nonEmbedding: n)) * (n + gamma * cbrt(n) / 3) / total(nonEmbedding: n)
        return 6 * n * exp(log(law.beta * law.data / gain) / law.beta)
    }

    /// The exponent of N* on C that a study in non-embedding terms reads off a law in total parameters between two
    /// sizes: a line through exact minima at sizes spread evenly in ln N.
    public func exponent(_ law: ChinchillaLaw, from low: Double, to high: Double, count: Int = 100) -> Double {
        let sizes = Self.logSpaced(low, high, count)
        return LinearRegression(sizes.map { log(compute(law, forOptimalNonEmbedding: $0)) }, sizes.map(log)).slope
    }

    /// The same read as Pearce and Song read it, off a grid: at every budget, of every size the point of its curve
    /// nearest in compute, and of these the lowest loss. Their range is Kaplan et al.'s: sizes of 10^2.9 to 10^9.2.
    public func griddedExponent(_ law: ChinchillaLaw, sizes: [Double], tokens: [Double], budgets: [Double]) -> Double {
        let winners = budgets.map { budget in
            sizes.map { n in
                let d = tokens.min { abs(6 * n * $0 - budget) < abs(6 * n * $1 - budget) } ?? 1
                return (n: n, loss: law.loss(n: total(nonEmbedding: n), d: d))
            }.min { $0.loss < $1.loss }?.n ?? 1
        }
        return LinearRegression(budgets.map(log), winners.map(log)).slope
    }

    static func logSpaced(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
        (0..<count).map { low * pow(high / low, Double($0) / Double(count - 1)) }
    }
}
