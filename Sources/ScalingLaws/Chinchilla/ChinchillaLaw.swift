import Foundation

/// L(N, D) = E + A/N^α + B/D^β (Hoffmann et al. 2022, eq. 2), in nats per token, N in parameters, D in tokens.
public struct ChinchillaLaw: Sendable, Equatable {
    /// E: the irreducible loss, nats per token.
    public var irreducible: Double
    /// A: the loss, in nats, that a model of one parameter would add.
    public var capacity: Double
    /// B: the loss, in nats, that training on one token would add.
    public var data: Double
    /// The exponent of N.
    public var alpha: Double
    /// The exponent of D.
    public var beta: Double

    /// The law with E, A, B, α and β in this order.
    public init(irreducible: Double, capacity: Double, data: Double, alpha: Double, beta: Double) {
        self.irreducible = irreducible
        self.capacity = capacity
        self.data = data
        self.alpha = alpha
        self.beta = beta
    }

    /// The loss of a model of `n` parameters after `d` tokens.
    public func loss(n: Double, d: Double) -> Double { irreducible + capacityTerm(n) + dataTerm(d) }

    /// A/N^α; by logarithms, because A alone may be beyond the range of a Double times its power.
    public func capacityTerm(_ n: Double) -> Double { exp(log(capacity) - alpha * log(n)) }

    /// B/D^β.
    public func dataTerm(_ d: Double) -> Double { exp(log(data) - beta * log(d)) }

    /// How N and D share a budget: N_opt = G (C/6)^a, D_opt = (C/6)^b / G (Hoffmann et al. 2022, eq. 4).
    public var optimum: ComputeOptimum {
        let sum = alpha + beta
        let logG = (log(alpha * capacity) - log(beta * data)) / sum
        return ComputeOptimum(a: beta / sum, b: alpha / sum, g: exp(logG))
    }

    /// The lowest loss for a budget of `compute` FLOPs at C = 6ND: E + K (C/6)^−γ.
    public func optimalLoss(compute: Double) -> Double {
        let best = optimum
        return loss(n: best.parameters(compute: compute), d: best.tokens(compute: compute))
    }

    /// The FLOPs that bring the compute-optimal loss down to `loss`; nil at or below E, which no budget reaches.
    public func compute(forLoss loss: Double) -> Double? {
        guard loss > irreducible else { return nil }
        let g = optimum.g
        let k = capacityTerm(g) + dataTerm(1 / g)
        let gamma = alpha * beta / (alpha + beta)
        return 6 * pow((loss - irreducible) / k, -1 / gamma)
    }

    /// The tokens that bring a model of `n` parameters down to `loss`; nil when no number of tokens does.
    public func tokens(forLoss loss: Double, n: Double) -> Double? {
        let room = loss - irreducible - capacityTerm(n)
        guard room > 0 else { return nil }
        return exp((log(data) - log(room)) / beta)
    }
}

/// N_opt = G (C/6)^a and D_opt = (C/6)^b / G at C = 6ND.
public struct ComputeOptimum: Sendable, Equatable {
    /// The exponent of N_opt.
    public var a: Double
    /// The exponent of D_opt.
    public var b: Double
    /// N_opt at C = 6.
    public var g: Double

    /// The rule with exponents `a` and `b` and factor `g`.
    public init(a: Double, b: Double, g: Double) {
        self.a = a
        self.b = b
        self.g = g
    }

    /// N_opt for a budget in FLOPs.
    public func parameters(compute: Double) -> Double { g * pow(compute / 6, a) }

    /// D_opt for a budget in FLOPs, tokens.
    public func tokens(compute: Double) -> Double { pow(compute / 6, b) / g }
}
