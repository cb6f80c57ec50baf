import Foundation

/// L(N, D) = [(N_c/N)^(α_N/α_D) + D_c/D]^α_D (Kaplan et al. 2020, eq. 1.5).
public struct JointKaplanLaw: Sendable, Equatable {
    /// α_N.
    public let alphaN: Double
    /// α_D.
    public let alphaD: Double
    /// N_c.
    public let scaleN: Double
    /// D_c, tokens.
    public let scaleD: Double

    /// A law with known constants.
    public init(alphaN: Double, alphaD: Double, scaleN: Double, scaleD: Double) {
        self.alphaN = alphaN
        self.alphaD = alphaD
        self.scaleN = scaleN
        self.scaleD = scaleD
    }

    /// Nats per token.
    public func loss(n: Double, d: Double) -> Double {
        pow(pow(scaleN / n, alphaN / alphaD) + scaleD / d, alphaD)
    }
}
