import Foundation

/// How far the parabolas of approach 2 miss a known surface at the same runs, without any noise (Czech 2026, arXiv
/// 2603.22339): a loss with unequal exponents is no parabola, and wide grids show it.
public struct IsoFLOPBias: Sendable, Equatable {
    /// One budget.
    public struct Miss: Sendable, Equatable {
        /// FLOPs.
        public let budget: Double
        /// N* by the parabola over the surface's own, less one.
        public let parameters: Double
        /// D* by the parabola over the surface's own, less one.
        public let tokens: Double
    }

    /// By rising budget.
    public let misses: [Miss]
    /// a by the parabolas less a along the surface's own minima.
    public let a: Double
    /// b by the parabolas less b along the surface's own minima.
    public let b: Double
    private let parameterLine: LinearRegression
    private let tokenLine: LinearRegression

    /// The bias of N* that the two power laws have at a budget in FLOPs, as a share.
    public func parameters(at budget: Double) -> Double {
        exp(parameterLine.intercept + parameterLine.slope * log(budget)) - 1
    }

    /// The bias of D* that the two power laws have at a budget in FLOPs, as a share.
    public func tokens(at budget: Double) -> Double {
        exp(tokenLine.intercept + tokenLine.slope * log(budget)) - 1
    }

    /// nil when the surface has a minimum inside fewer than two of the profiles.
    init?(_ profiles: [IsoFLOPProfile], under law: ChinchillaLaw) {
        let budgets: [(miss: Miss, x: Double, n: Double, d: Double)] = profiles.compactMap { profile in
            let exact = profile.replacingLosses { law.loss(n: $0.n, d: $0.d) }
            guard let n = exact.vertexParameters, let d = exact.vertexTokens,
                let best = Self.minimum(of: law, along: profile)
            else { return nil }
            let miss = Miss(budget: profile.budget, parameters: n / best.n - 1, tokens: d / best.d - 1)
            return (miss, log(profile.budget), log(n / best.n), log(d / best.d))
        }
        guard budgets.count > 1 else { return nil }
        misses = budgets.map(\.miss)
        parameterLine = LinearRegression(budgets.map(\.x), budgets.map(\.n))
        tokenLine = LinearRegression(budgets.map(\.x), budgets.map(\.d))
        (a, b) = (parameterLine.slope, tokenLine.slope)
    }

    public static func == (one: IsoFLOPBias, other: IsoFLOPBias) -> Bool { one.misses == other.misses }

    /// The lowest loss on the curve of (N, D) that the runs lie on; ln D is a parabola in ln N there, which is exact for
    /// C = 6ND and close for other counts of compute. By golden section over the runs' range, widened four times.
    private static func minimum(of law: ChinchillaLaw, along profile: IsoFLOPProfile) -> (n: Double, d: Double)? {
        guard let low = profile.points.first?.n, let high = profile.points.last?.n,
            let path = Parabola(profile.points.map { log($0.n) }, profile.points.map { log($0.d) })
        else { return nil }
        let x = GoldenSection.minimum(in: log(low / 4)...log(high * 4)) {
            law.loss(n: exp($0), d: exp(path.value(at: $0)))
        }
        guard x > log(low / 3.9), x < log(high * 3.9) else { return nil }
        return (exp(x), exp(path.value(at: x)))
    }
}

/// The minimum of a function that falls, then rises.
enum GoldenSection {
    static func minimum(in range: ClosedRange<Double>, of function: (Double) -> Double) -> Double {
        let ratio = (5.0.squareRoot() - 1) / 2
        var (low, high) = (range.lowerBound, range.upperBound)
        var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
        var (atLeft, atRight) = (function(left), function(right))
        for _ in 0..<80 {
            if atLeft < atRight {
                (high, right, atRight) = (right, left, atLeft)
                left = high - ratio * (high - low)
                atLeft = function(left)
            } else {
                (low, left, atLeft) = (left, right, atRight)
                right = low + ratio * (high - low)
                atRight = function(right)
            }
        }
        return (low + high) / 2
    }
}

extension IsoFLOPFit {
    /// The bias that the parabolas would have at these runs if `law` were the truth: give the parametric fit of the
    /// same runs. nil when its minima lie outside the profiles.
    public func bias(under law: ChinchillaLaw) -> IsoFLOPBias? {
        IsoFLOPBias(profiles.filter(\.isInterior), under: law)
    }

    /// Beyond this share the draws without a minimum are an end of a 95 % interval of their own.
    private static let largestLostShare = 0.025

    /// What a reader must know before trusting the exponents, in words.
    public var warnings: [FitWarning] {
        var result: [FitWarning] = []
        let outside = profiles.filter { !$0.isInterior }
        if !outside.isEmpty {
            let budgets = outside.map { Number.short($0.budget) }.joined(separator: ", ")
            result.append(
                .caution(
                    "\(outside.count) of \(profiles.count) budgets (\(budgets) FLOPs) have no minimum between their "
                        + "smallest and largest model and are left out: add sizes on the side where the loss still falls"
                ))
        }
        let used = profiles.filter(\.isInterior)
        if used.count < 3 {
            result.append(.grave("the power law goes through \(used.count) budgets: a line always fits them"))
        }
        let thin = used.count { $0.points.count == 3 }
        if thin > 0 {
            result.append(
                .caution("\(thin) \(thin == 1 ? "budget has" : "budgets have") 3 runs: a parabola always fits them"))
        }
        if gridWidth > 6 {
            result.append(
                .caution(
                    "sizes run from N/\(Number.short(gridWidth)) to N x \(Number.short(gridWidth)): parabolas over grids "
                        + "this wide miss the minimum by per cents (Czech 2026), the parametric fit does not"))
        }
        if unusedPoints > 0 {
            result.append(
                .caution(
                    "\(unusedPoints) \(unusedPoints == 1 ? "run shares" : "runs share") no budget with two other sizes")
            )
        }
        let losing = used.filter { $0.lostShare > Self.largestLostShare }
        if !losing.isEmpty {
            let shares = losing.map { "\(Number.short(100 * $0.lostShare)) % at \(Number.short($0.budget)) FLOPs" }
            result.append(
                .grave(
                    "draws of the noise that leave a budget without a minimum (\(shares.joined(separator: ", "))) are not in "
                        + "the intervals, which are too narrow: add sizes on both sides, or seeds"))
        }
        if options.resamples > 0, aInterval == nil || bInterval == nil {
            result.append(
                .grave(
                    noise == nil
                        ? "no intervals: nothing tells the noise of the losses; add sizes to the budgets, or seeds"
                        : "no intervals: hardly a draw of the noise leaves every budget its minimum"))
        }
        if let interval = aInterval, interval.upperBound - interval.lowerBound > 0.3 {
            result.append(
                .grave(
                    "a is not pinned down: 95 % interval \(Number.short(interval.lowerBound)) to "
                        + "\(Number.short(interval.upperBound)) around \(Number.short(a))"))
        }
        return result
    }

    /// No warning says that an exponent cannot be trusted.
    public var isTrustworthy: Bool { !warnings.contains(where: \.isGrave) }
}
