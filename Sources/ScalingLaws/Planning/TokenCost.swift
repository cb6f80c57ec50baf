import Foundation

/// FLOPs per training token as a power of N, C/D = k N^ρ, over the runs of a table. By 6ND with the table's own N it is 6 N;
/// where C counts what N leaves out (embeddings, attention), ρ is another, and so is the exponent of the compute optimum
/// (Porian et al. 2024; Pearce and Song 2024).
public struct TokenCost: Sendable, Equatable {
    /// ρ.
    public let exponent: Double
    /// k.
    public let coefficient: Double

    /// C = 6ND.
    public static let sixND = TokenCost(exponent: 1, coefficient: 6)

    init(exponent: Double, coefficient: Double) {
        self.exponent = exponent
        self.coefficient = coefficient
    }

    /// Ordinary least squares of ln(C/D) on ln N; nil with fewer than two N, or where a point has no C of its own.
    public init?(_ points: [FitPoint]) {
        let costs = points.compactMap { point in point.c.map { (log(point.n), log($0 / point.d)) } }
        guard costs.count == points.count, Set(costs.map(\.0)).count > 1 else { return nil }
        let line = LinearRegression(costs.map(\.0), costs.map(\.1))
        self.init(exponent: line.slope, coefficient: exp(line.intercept))
    }

    /// N_opt ∝ C^a for L = E + A/N^α + B/D^β with D = C/(k N^ρ): the first-order condition α A N^−α = ρ β B D^−β gives
    /// a = β/(α + ρβ), which is β/(α + β) at C = 6ND.
    public func optimumExponent(alpha: Double, beta: Double) -> Double { beta / (alpha + exponent * beta) }
}
