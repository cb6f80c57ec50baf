import Foundation

/// What a law answers about a budget; each also over resampled laws, for an interval (`LawResamples`).
extension ChinchillaLaw {
    /// D_opt/N_opt for a budget in FLOPs at C = 6ND.
    public func tokensPerParameter(compute: Double) -> Double {
        optimum.tokens(compute: compute) / optimum.parameters(compute: compute)
    }

    /// The budget in FLOPs at which `n` parameters are the optimum.
    public func compute(forOptimalParameters n: Double) -> Double { 6 * pow(n / optimum.g, 1 / optimum.a) }

    /// C(k N_opt)/C for the loss that is optimal at `compute` FLOPs: what a model k times the best size costs, to train
    /// it just as far down. nil when a model so small never gets there.
    public func excessCompute(sizeFactor k: Double, compute: Double) -> Double? {
        let n = k * optimum.parameters(compute: compute)
        return tokens(forLoss: optimalLoss(compute: compute), n: n).map { 6 * n * $0 / compute }
    }

    /// L − L_opt in nats for a model k times the best size that spends the same `compute` FLOPs.
    public func excessLoss(sizeFactor k: Double, compute: Double) -> Double {
        let n = k * optimum.parameters(compute: compute)
        return loss(n: n, d: compute / (6 * n)) - optimalLoss(compute: compute)
    }

    /// A model whose size is set by where it will run, trained until it reaches a loss; nil when it never does.
    public func deployment(n: Double, loss: Double) -> Deployment? {
        guard let tokens = tokens(forLoss: loss, n: n), let least = compute(forLoss: loss) else { return nil }
        return Deployment(
            n: n, tokens: tokens, loss: loss, compute: 6 * n * tokens, leastCompute: least,
            leastComputeParameters: optimum.parameters(compute: least))
    }
}

/// A model of a given size trained to a given loss.
public struct Deployment: Sendable, Equatable {
    /// Parameters.
    public let n: Double
    /// Training tokens.
    public let tokens: Double
    /// Nats per token.
    public let loss: Double
    /// Training FLOPs, 6 N D.
    public let compute: Double
    /// FLOPs by which the best size reaches the same loss.
    public let leastCompute: Double
    /// That size.
    public let leastComputeParameters: Double

    /// Training compute against the least: 1 at the best size.
    public var excessCompute: Double { compute / leastCompute }

    /// How many tokens must be generated or read in use, at 2 N FLOPs each, until the smaller model has paid back its
    /// longer training; nil for a model that is not smaller than the best one.
    public var breakEvenTokens: Double? {
        guard n < leastComputeParameters else { return nil }
        return (compute - leastCompute) / (2 * (leastComputeParameters - n))
    }
}

/// The laws of a bootstrap, asked one question each.
public struct LawResamples: Sendable {
    /// One per resample.
    public let laws: [ChinchillaLaw]

    /// Laws of resamples.
    public init(_ laws: [ChinchillaLaw]) { self.laws = laws }

    /// The central 95 % of the answers; nil when more than one in forty has none, so that an end is not known.
    public func interval(_ question: (ChinchillaLaw) -> Double?) -> ClosedRange<Double>? {
        let answers = laws.compactMap(question).filter(\.isFinite)
        guard 40 * (laws.count - answers.count) <= laws.count else { return nil }
        return Percentiles.central(answers)
    }

    /// The share of the laws that have an answer: 0.8 when one law in five says that no training reaches the loss.
    public func answered(_ question: (ChinchillaLaw) -> Double?) -> Double {
        Double(laws.count { question($0)?.isFinite ?? false }) / Double(max(laws.count, 1))
    }
}
