import Foundation

/// Approach 1 of Hoffmann et al. 2022 (§3.1): at many values of compute the run whose curve is lowest, and power laws
/// through the winners' N and D.
public struct EnvelopeFit: Sendable {
    /// How curves are read and intervals drawn.
    public struct Options: Sendable, Equatable {
        /// Values of compute, log-spaced (the paper's 1,500).
        public var budgets: Int
        /// Points of the Gaussian that smooths each curve (the paper's 10 steps); 0 for curves that need none.
        public var smoothingWindow: Double
        /// Only the last share of every run may win: 0.15 for rates that decay to each run's own end, where earlier
        /// losses are too high for their compute; 1 for constant rates.
        public var usableShare: Double
        /// Draws of the runs behind the intervals.
        public var resamples: Int
        /// Of the draws.
        public var seed: UInt64

        /// As the paper: 1,500 values, a window of 10 points, whole curves; 300 draws.
        public init(
            budgets: Int = 1500, smoothingWindow: Double = 10, usableShare: Double = 1, resamples: Int = 300,
            seed: UInt64 = 1
        ) {
            self.budgets = budgets
            self.smoothingWindow = smoothingWindow
            self.usableShare = usableShare
            self.resamples = resamples
            self.seed = seed
        }
    }

    /// The winner at one value of compute.
    public struct Choice: Sendable, Equatable {
        /// FLOPs.
        public let compute: Double
        /// The winner's parameters.
        public let n: Double
        /// The winner's tokens by then.
        public let d: Double
        /// The winner's smoothed loss by then: the minimum-loss curve, nats per token.
        public let loss: Double
        /// The winner.
        public let run: String
        /// How far into its schedule the winner was: 1 at its end.
        public let progress: Double
        /// The winner is the smallest or the largest model that reaches this compute: the best one may lie beyond.
        public let isEdge: Bool
    }

    /// By rising compute; values that fewer than three sizes reach are left out.
    public let choices: [Choice]
    /// N* = k C^a through the winners that are not at an edge; its own errors and intervals take the choices, which are
    /// readings of few curves, for independent: see `spread`.
    public let parameters: PowerLaw
    /// D* = k' C^b, likewise.
    public let tokens: PowerLaw
    /// Over draws of whole clusters of runs; nil when fewer than half of the draws have a law.
    public let spread: Spread?
    /// Runs whose curves were read.
    public let curves: [LossCurve]
    /// How the fit was made.
    public let options: Options
    /// Whether the power laws had to take edge winners too, because others had fewer than two sizes.
    public let usesEdges: Bool

    /// a: the exponent of N*.
    public var a: Double { parameters.exponent }
    /// b: the exponent of D*.
    public var b: Double { tokens.exponent }
    /// 95 % of a over the draws.
    public var aInterval: ClosedRange<Double>? { spread?.a.interval }
    /// 95 % of b over the draws.
    public var bInterval: ClosedRange<Double>? { spread?.b.interval }

    /// How far the draws of the runs move the two power laws.
    public struct Spread: Sendable {
        /// The exponents.
        public let a: Drawn, b: Drawn
        /// The factors k and k'.
        public let sizeFactor: Drawn, tokenFactor: Drawn

        init?(_ laws: [(sizes: PowerLaw.Numbers, tokens: PowerLaw.Numbers)]) {
            guard let a = Drawn(laws.map(\.sizes.exponent)), let b = Drawn(laws.map(\.tokens.exponent)),
                let sizeFactor = Drawn(laws.map(\.sizes.coefficient)),
                let tokenFactor = Drawn(laws.map(\.tokens.coefficient))
            else { return nil }
            (self.a, self.b, self.sizeFactor, self.tokenFactor) = (a, b, sizeFactor, tokenFactor)
        }
    }

    /// A number over the draws.
    public struct Drawn: Sendable {
        /// The central 95 %.
        public let interval: ClosedRange<Double>
        /// The standard deviation.
        public let standardError: Double

        init?(_ values: [Double]) {
            guard let interval = Percentiles.central(values) else { return nil }
            let mean = values.reduce(0, +) / Double(values.count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            self.interval = interval
            standardError = (squares / Double(values.count - 1)).squareRoot()
        }
    }

    /// Takes the minimum over the curves. Values of compute run from the earliest end of any run to the latest.
    /// - Throws: `TableError` when fewer than three sizes share any compute, or one size always wins.
    public init(_ curves: [LossCurve], options: Options = Options()) throws {
        let usable = curves.filter { $0.points.count > 1 }
        let smooth = usable.map { $0.smoothed(window: options.smoothingWindow) }
        let readings = CurveReadings(smooth, options: options)
        let choices = readings.choices(of: Array(smooth.indices))
        guard let laws = Self.laws(choices) else {
            throw TableError(
                "the minimum over \(usable.count) curves needs 3 sizes that share a range of compute and 2 that win in "
                    + "turn; there are \(Set(usable.map(\.n)).count) sizes, of which \(Set(choices.map(\.n)).count) "
                    + "win: add sizes trained to equal compute")
        }
        self.curves = usable
        self.options = options
        self.choices = choices
        (parameters, tokens, usesEdges) = laws
        let draws = Self.draws(readings, clusters: smooth.map(\.cluster), options: options)
        spread = 2 * draws.count >= options.resamples ? Spread(draws) : nil
    }

    /// Edge winners only bound the best size, so the laws leave them out while at least two sizes remain.
    private static func laws(_ choices: [Choice]) -> (parameters: PowerLaw, tokens: PowerLaw, usesEdges: Bool)? {
        let inner = choices.filter { !$0.isEdge }
        let usesEdges = Set(inner.map(\.n)).count < 2
        let used = usesEdges ? choices : inner
        guard Set(used.map(\.n)).count > 1,
            let parameters = try? PowerLaw(used.map { .init(x: $0.compute, y: $0.n) }),
            let tokens = try? PowerLaw(used.map { .init(x: $0.compute, y: $0.d) })
        else { return nil }
        return (parameters, tokens, usesEdges)
    }

    private static func draws(_ readings: CurveReadings, clusters: [String], options: Options) -> [(
        sizes: PowerLaw.Numbers, tokens: PowerLaw.Numbers
    )] {
        var generator = SplitMix64(seed: options.seed)
        let members = Dictionary(grouping: clusters.indices, by: { clusters[$0] })
        let names = members.keys.sorted()
        return (0..<options.resamples).compactMap { _ in
            let drawn = Set(names.map { _ in names[Int.random(in: names.indices, using: &generator)] })
            let runs = drawn.sorted().flatMap { members[$0, default: []] }
            return laws(readings.choices(of: runs)).map { ($0.parameters.numbers, $0.tokens.numbers) }
        }
    }
}

/// Every curve read at every budget once, so that a draw of runs only compares numbers.
private struct CurveReadings {
    private let curves: [LossCurve]
    private let budgets: [Double]
    private let losses: [[Double]]  // [curves, budgets]; infinite where a curve does not reach

    init(_ curves: [LossCurve], options: EnvelopeFit.Options) {
        self.curves = curves
        let ends = curves.map(\.compute)
        let (low, high) = (ends.min() ?? 1, ends.max() ?? 1)
        let step = log(high / low) / Double(max(options.budgets - 1, 1))
        let budgets = (0..<options.budgets).map { low * exp(step * Double($0)) }
        self.budgets = budgets
        losses = curves.map { curve in
            let start = (1 - options.usableShare) * curve.compute
            return budgets.map { $0 < start ? .infinity : curve.at($0)?.loss ?? .infinity }
        }
    }

    func choices(of runs: [Int]) -> [EnvelopeFit.Choice] {
        budgets.indices.compactMap { choice(among: runs, at: $0) }
    }

    private func choice(among runs: [Int], at budget: Int) -> EnvelopeFit.Choice? {
        var winner: Int?
        var (smallest, largest, sizes) = (Double.infinity, 0.0, Set<Double>())
        for run in runs where losses[run][budget].isFinite {
            let n = curves[run].n
            (smallest, largest) = (min(smallest, n), max(largest, n))
            sizes.insert(n)
            if winner.map({ losses[run][budget] < losses[$0][budget] }) ?? true { winner = run }
        }
        guard let winner, sizes.count > 2, let reading = curves[winner].at(budgets[budget]) else { return nil }
        let curve = curves[winner]
        return EnvelopeFit.Choice(
            compute: budgets[budget], n: curve.n, d: reading.tokens, loss: reading.loss, run: curve.run,
            progress: budgets[budget] / curve.compute, isEdge: curve.n == smallest || curve.n == largest)
    }
}
