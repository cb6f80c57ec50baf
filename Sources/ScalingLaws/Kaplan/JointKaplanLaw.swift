import Foundation

/// L(N, D) = [(N_c/N)^(α_N/α_D) + D_c/D]^α_D (Kaplan et al. 2020, eq. 1.5), by least squares of ln L as they did.
public struct JointKaplanLaw: Sendable, Equatable {
    /// α_N.
    public let alphaN: Double
    /// α_D.
    public let alphaD: Double
    /// N_c.
    public let scaleN: Double
    /// D_c, tokens.
    public let scaleD: Double
    /// Σ (ln L̂ − ln L)².
    public let objective: Double

    /// A law with known constants.
    public init(alphaN: Double, alphaD: Double, scaleN: Double, scaleD: Double, objective: Double = 0) {
        self.alphaN = alphaN
        self.alphaD = alphaD
        self.scaleN = scaleN
        self.scaleD = scaleD
        self.objective = objective
    }

    /// The law of a fit of form `kaplan` or `kaplan+E`, without its E.
    init(_ fit: LawFit) {
        self.init(
            alphaN: fit.values[0], alphaD: fit.values[1], scaleN: fit.values[2], scaleD: fit.values[3],
            objective: fit.objective)
    }

    /// Nats per token.
    public func loss(n: Double, d: Double) -> Double {
        pow(pow(scaleN / n, alphaN / alphaD) + scaleD / d, alphaD)
    }
}
