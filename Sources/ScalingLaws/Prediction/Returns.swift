import Foundation

/// What more of everything brings at one place of a law: nats per token for a doubling.
public struct Returns: Sendable {
    /// What is doubled.
    public enum Resource: String, CaseIterable, Sendable {
        /// Parameters, at the same tokens.
        case parameters = "N"
        /// Tokens, at the same parameters.
        case tokens = "D"
        /// Compute 6ND, shared between both in the best way from here.
        case compute = "C"
    }

    /// The fall of the loss for one doubling.
    public struct Gain: Sendable {
        /// What is doubled.
        public let resource: Resource
        /// Nats per token; above 0 where the loss falls.
        public let nats: Double
        /// 95 % from the resampled laws, where there are any.
        public let interval: ClosedRange<Double>?
    }

    /// Where.
    public let n: Double, d: Double
    /// The law's loss there, nats per token.
    public let loss: Double
    /// In the order N, D, C.
    public let gains: [Gain]

    /// At `n` parameters and `d` tokens of a fitted law.
    public init(_ fit: LawFit, n: Double, d: Double) {
        (self.n, self.d) = (n, d)
        loss = fit.loss(n: n, d: d)
        // The best share of the doubling, by the law itself: resampled laws are asked at the same place.
        let share = Self.bestShare { fit.loss(n: n * exp2($0), d: d * exp2(1 - $0)) }
        let here = fit.resampledLosses(n: n, d: d)
        gains = Resource.allCases.map { resource in
            let (fn, fd): (Double, Double) =
                switch resource {
                case .parameters: (2, 1)
                case .tokens: (1, 2)
                case .compute: (exp2(share), exp2(1 - share))
                }
            let there = fit.resampledLosses(n: n * fn, d: d * fd)
            let falls = zip(here, there).map { $0 - $1 }.sorted()
            return Gain(
                resource: resource, nats: fit.loss(n: n, d: d) - fit.loss(n: n * fn, d: d * fd),
                interval: falls.count > 20 ? Spread.quantile(falls, 0.025)...Spread.quantile(falls, 0.975) : nil)
        }
    }

    /// x in 0…1 with the lowest loss, by golden sections.
    private static func bestShare(_ loss: (Double) -> Double) -> Double {
        let ratio = (5.0.squareRoot() - 1) / 2
        var (low, high) = (0.0, 1.0)
        for _ in 0..<40 {
            let (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
            if loss(left) < loss(right) { high = right } else { low = left }
        }
        return 0.5 * (low + high)
    }
}

/// What reading the same tokens again is worth (Muennighoff et al. 2023, eq. 5): D' = U + U R* (1 − exp(−R/R*)), U
/// different tokens read 1 + R times.
public struct RepeatedData: Sendable, Equatable {
    /// The published R_D*, in repeats. It is not quite the optimum of its own objective, which lies at 47 (SCIENCE §3.1): what
    /// ten and more repeats are worth is known to a factor of three only.
    public static let publishedHalfLife = 15.387756

    /// U.
    public let uniqueTokens: Double
    /// R_D*.
    public let halfLife: Double

    /// Different tokens, and how fast their repeats lose worth.
    public init(uniqueTokens: Double, halfLife: Double = publishedHalfLife) {
        self.uniqueTokens = uniqueTokens
        self.halfLife = halfLife
    }

    /// The fresh tokens that `tokens` tokens of reading are worth.
    public func effectiveTokens(_ tokens: Double) -> Double {
        let repeats = max(0, tokens / uniqueTokens - 1)
        return min(tokens, uniqueTokens) + uniqueTokens * halfLife * -expm1(-repeats / halfLife)
    }

    /// What the next token is worth, a share of a fresh one, after `epochs` passes.
    public func worth(afterEpochs epochs: Double) -> Double { exp(-max(0, epochs - 1) / halfLife) }

    /// The passes after which the next token is worth `share` of a fresh one.
    public func epochs(untilWorth share: Double) -> Double { 1 - halfLife * log(share) }

    /// No number of passes is worth more fresh tokens than this: U (1 + R*).
    public var limit: Double { uniqueTokens * (1 + halfLife) }
}
