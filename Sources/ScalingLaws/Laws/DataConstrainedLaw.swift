import Foundation

/// What a loss becomes when tokens are read again: Chinchilla's form in effective tokens and parameters (Muennighoff et
/// al. 2023, eq. 5 and 6). With U_D different tokens and U_N the parameters that are best for those,
/// D′ = U_D (1 + R_D* (1 − e^(−R_D/R_D*))), R_D = D/U_D − 1, and N′ likewise from U_N, R_N = N/U_N − 1.
public struct DataConstrainedLaw: Sendable, Equatable {
    /// The law for fresh tokens.
    public var base: ChinchillaLaw
    /// R_D*: epochs after which a repeat is worth 1/e of fresh tokens.
    public var repetition: Double
    /// R_N*: the same for parameters beyond those that the different tokens call for, in multiples of U_N.
    public var excess: Double

    /// The law `base` with R_D* and R_N*.
    public init(base: ChinchillaLaw, repetition: Double, excess: Double) {
        self.base = base
        self.repetition = repetition
        self.excess = excess
    }

    /// The loss of `n` parameters after `d` tokens of which `uniqueTokens` are different.
    public func loss(n: Double, d: Double, uniqueTokens: Double) -> Double {
        base.loss(
            n: effectiveParameters(n, uniqueTokens: uniqueTokens), d: effectiveTokens(d, uniqueTokens: uniqueTokens))
    }

    /// D′: the fresh tokens that `d` tokens of `uniqueTokens` different ones are worth.
    public func effectiveTokens(_ d: Double, uniqueTokens: Double) -> Double {
        Self.effective(d, unique: min(d, uniqueTokens), constant: repetition)
    }

    /// N′: the parameters that count with so few different tokens.
    public func effectiveParameters(_ n: Double, uniqueTokens: Double) -> Double {
        Self.effective(n, unique: min(n, parametersWanted(tokens: uniqueTokens)), constant: excess)
    }

    /// The parameters for which `tokens` fresh tokens are compute-optimal: G (G U_D)^(β/α).
    public func parametersWanted(tokens: Double) -> Double {
        let g = base.optimum.g
        return g * pow(g * tokens, base.beta / base.alpha)
    }

    private static func effective(_ x: Double, unique: Double, constant: Double) -> Double {
        unique * (1 - constant * expm1(-max(x / unique - 1, 0) / constant))
    }
}
