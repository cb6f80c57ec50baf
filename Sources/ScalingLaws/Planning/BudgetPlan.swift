import Foundation

/// How a training budget is best spent by a law of Chinchilla's form, or the budget that a loss needs, at C = 6ND; with
/// intervals where the law came with a bootstrap.
public struct BudgetPlan: Sendable {
    /// A number and its 95 % interval over the resampled laws: what the fit leaves open, not the scatter of runs.
    public struct Estimate: Sendable, Equatable {
        /// By the law itself.
        public let value: Double
        /// nil without a bootstrap; without an upper bound (infinite) when too many of the resampled laws never get there.
        public let interval: ClosedRange<Double>?
    }

    /// A choice of N other than the best.
    public struct Alternative: Sendable, Equatable {
        /// N over the best N.
        public let ratio: Double
        /// Parameters.
        public let n: Double
        /// Tokens that the same budget pays for.
        public let tokens: Double
        /// Nats per token for the same budget.
        public let loss: Double
        /// The tokens that bring this N down to the loss of the best; nil when none do.
        public let tokensForSameLoss: Double?
        /// The budget that the same loss needs with this N, over the best one's; nil when no budget does.
        public let excessCompute: Double?
    }

    /// FLOPs.
    public let compute: Estimate
    /// Parameters.
    public let n: Estimate
    /// Tokens.
    public let d: Estimate
    /// D/N.
    public let tokensPerParameter: Estimate
    /// Nats per token.
    public let loss: Estimate
    /// nil for Kaplan's rule, which has closed forms of its own.
    private let law: ChinchillaLaw?

    init(
        compute: Estimate, n: Estimate, d: Estimate, tokensPerParameter: Estimate, loss: Estimate, law: ChinchillaLaw?
    ) {
        self.compute = compute
        self.n = n
        self.d = d
        self.tokensPerParameter = tokensPerParameter
        self.loss = loss
        self.law = law
    }

    /// The best use of `compute` FLOPs.
    public init(_ law: ChinchillaLaw, resampled: [ChinchillaLaw] = [], compute: Double) {
        self.init(law, resampled) { _ in compute }
    }

    /// The least budget that reaches `loss` nats per token; nil at or below E, which no budget reaches.
    public init?(_ law: ChinchillaLaw, resampled: [ChinchillaLaw] = [], loss: Double) {
        guard law.compute(forLoss: loss) != nil else { return nil }
        self.init(law, resampled) { $0.compute(forLoss: loss) ?? .infinity }
    }

    private init(_ law: ChinchillaLaw, _ resampled: [ChinchillaLaw], _ budget: (ChinchillaLaw) -> Double) {
        func estimate(_ value: (ChinchillaLaw, Double) -> Double) -> Estimate {
            let values = resampled.map { value($0, budget($0)) }.map { $0.isNaN ? .infinity : $0 }
            return Estimate(value: value(law, budget(law)), interval: Bootstrap.centralInterval(values))
        }
        self.law = law
        compute = estimate { $1 }
        n = estimate { $0.optimum.parameters(compute: $1) }
        d = estimate { $0.optimum.tokens(compute: $1) }
        // D/N as one power, which has a limit where D and N are both infinite.
        tokensPerParameter = estimate { law, budget in
            let best = law.optimum
            return pow(budget / 6, best.b - best.a) / (best.g * best.g)
        }
        loss = estimate { $1.isFinite ? $0.optimalLoss(compute: $1) : $0.irreducible }
    }

    /// What it costs to be off the best N.
    public func alternatives(_ ratios: [Double] = [0.25, 0.5, 0.7, 1, 1.5, 2, 4]) -> [Alternative] {
        ratios.map { alternative(n: $0 * n.value) }
    }

    /// What another number of parameters costs, as when a smaller model is cheaper to use.
    public func alternative(n other: Double) -> Alternative {
        guard let law else { return kaplanAlternative(n: other) }
        let tokens = compute.value / (6 * other)
        let same = law.tokens(forLoss: loss.value * (1 + 1e-12), n: other)
        return Alternative(
            ratio: other / n.value, n: other, tokens: tokens, loss: law.loss(n: other, d: tokens),
            tokensForSameLoss: same, excessCompute: same.map { 6 * other * $0 / compute.value })
    }
}
