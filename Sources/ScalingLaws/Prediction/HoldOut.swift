import Foundation

/// How well laws fitted to the smaller runs tell the loss of the larger: what chooses among forms (SCIENCE: Choshen et
/// al. 2024; OLMo's `--rollout`).
public struct HoldOut: Sendable {
    /// One form's errors.
    public struct Score: Sendable {
        /// The form.
        public let form: LawForm
        /// Fitted to the runs at or below the cut; nil when that could not be done.
        public let fit: LawFit?
        /// Why there is no fit, in a sentence.
        public let problem: String?
        /// The runs held out that the form speaks of: all, or for L(C) those of the frontier.
        public let runs: [FitPoint]
        /// ln L̂ − ln L of `runs`.
        public let errors: [Double]

        /// Mean of |L̂/L − 1|, a share; nil without a fit.
        public var meanError: Double? { fit.map { _ in shares.reduce(0, +) / Double(shares.count) } }
        /// Largest of |L̂/L − 1|, a share.
        public var largestError: Double? { fit.flatMap { _ in shares.max() } }
        /// Root mean square of `errors`.
        public var rootMeanSquare: Double? {
            fit.map { _ in (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot() }
        }
        /// Akaike's criterion with the correction for few runs (Hurvich and Tsai 1989), on the log residuals of the runs
        /// fitted, taken for normal; nil when there are too few. Lower is better; only forms on the same runs compare.
        public var aicc: Double? { fit.flatMap(Self.aicc) }

        private var shares: [Double] { errors.map { abs(exp($0) - 1) } }

        private static func aicc(_ fit: LawFit) -> Double? {
            let count = Double(fit.points.count)
            let free = Double(fit.parameters.count + 1)  // and the variance
            guard count - free - 1 > 0 else { return nil }
            let sum = fit.residuals.reduce(0) { $0 + $1 * $1 }
            return count * log(sum / count) + 2 * free + 2 * free * (free + 1) / (count - free - 1)
        }
    }

    /// The largest compute that was fitted, FLOPs.
    public let cut: Double
    /// At or below the cut, by rising compute.
    public let fitted: [FitPoint]
    /// Above it, by rising compute.
    public let heldOut: [FitPoint]
    /// Best first, by root mean square; those without a fit last.
    public let scores: [Score]
    /// Standard deviation of ln L over seeds, where it is known.
    public let seedDeviation: Double?

    /// The fewest runs that a cut leaves to fit: two more than the longest form has parameters, and one.
    public static let fewestFitted = 8

    /// Holds out the top share of the runs by compute; runs of one budget (within 1 %) stay together.
    /// - Throws: `TableError` when fewer than `fewestFitted` are left, or none is held out.
    public init(
        _ points: [FitPoint], share: Double = 0.2, forms: [LawForm]? = nil, seedDeviation: Double? = nil,
        options: FitOptions = FitOptions(resamples: 0)
    ) throws {
        let sorted = points.sorted { $0.compute < $1.compute }
        let kept = Self.boundary(sorted, near: Int(((1 - share) * Double(sorted.count)).rounded()))
        guard kept >= Self.fewestFitted, kept < sorted.count else {
            throw TableError(
                "holding out the top \(Number.short(100 * share)) % of \(sorted.count) runs leaves \(kept) to fit and "
                    + "\(sorted.count - kept) to test; at least \(Self.fewestFitted) and 1 are needed: add runs")
        }
        self.init(
            fitted: Array(sorted.prefix(kept)), heldOut: Array(sorted.dropFirst(kept)), forms: forms,
            seedDeviation: seedDeviation, options: options)
    }

    /// Fits the runs of at most `budget` FLOPs and scores on the rest.
    /// - Throws: `TableError` when fewer than `fewestFitted` are left, or none is held out.
    public init(
        _ points: [FitPoint], below budget: Double, forms: [LawForm]? = nil, seedDeviation: Double? = nil,
        options: FitOptions = FitOptions(resamples: 0)
    ) throws {
        let sorted = points.sorted { $0.compute < $1.compute }
        let fitted = sorted.filter { $0.compute <= budget }
        guard fitted.count >= Self.fewestFitted, fitted.count < sorted.count else {
            throw TableError(
                "\(fitted.count) of \(sorted.count) runs have at most \(Number.short(budget)) FLOPs; at least "
                    + "\(Self.fewestFitted) are needed to fit and 1 to test: choose another budget")
        }
        self.init(
            fitted: fitted, heldOut: Array(sorted.dropFirst(fitted.count)), forms: forms,
            seedDeviation: seedDeviation, options: options)
    }

    init(
        fitted: [FitPoint], heldOut: [FitPoint], forms: [LawForm]?, seedDeviation: Double?, options: FitOptions
    ) {
        self.fitted = fitted
        self.heldOut = heldOut
        self.seedDeviation = seedDeviation
        cut = fitted.map(\.compute).max() ?? 0
        scores = (forms ?? Self.apt(fitted + heldOut))
            .map { Self.score($0, fitted, heldOut, options) }
            .sorted { ($0.rootMeanSquare ?? .infinity) < ($1.rootMeanSquare ?? .infinity) }
    }

    /// The forms that a table of these runs can speak of: those in N and D; with tokens read again the data-constrained
    /// one; and L(C) where five runs or more lie on the frontier.
    public static func apt(_ points: [FitPoint]) -> [LawForm] {
        var forms: [LawForm] = [.chinchilla, .kaplanIrreducible, .kaplan]
        if points.contains(where: { $0.d > 1.01 * ($0.uniqueTokens ?? $0.d) }) { forms.append(.dataConstrained) }
        if frontier(points).count > 4 { forms.append(.compute) }
        return forms
    }

    /// The runs that no run of as little compute beats, by rising compute.
    public static func frontier(_ points: [FitPoint]) -> [FitPoint] {
        var lowest = Double.infinity
        return points.sorted { ($0.compute, $0.loss) < ($1.compute, $1.loss) }.filter { point in
            defer { lowest = min(lowest, point.loss) }
            return point.loss < lowest
        }
    }

    private static func score(
        _ form: LawForm, _ fitted: [FitPoint], _ heldOut: [FitPoint], _ options: FitOptions
    ) -> Score {
        var (below, above) = (fitted, heldOut)
        if form == .compute {
            below = frontier(fitted)
            above = frontier(fitted + heldOut).filter { point in heldOut.contains(point) }
        }
        do {
            guard !above.isEmpty else { throw TableError("no run held out lies on the frontier") }
            let fit = try LawFit(form, below, options: options)
            let errors = above.map { log(fit.loss(of: $0) / $0.loss) }
            guard errors.allSatisfy(\.isFinite) else {
                throw TableError("the law has no loss above 0 at the runs held out")
            }
            return Score(form: form, fit: fit, problem: nil, runs: above, errors: errors)
        } catch {
            return Score(form: form, fit: nil, problem: "\(error)", runs: [], errors: [])
        }
    }

    /// The number of runs at or below `index` that no budget straddles: moved down to the end of a budget, and if that
    /// leaves too few, up.
    static func boundary(_ sorted: [FitPoint], near index: Int) -> Int {
        func splits(_ k: Int) -> Bool {
            k > 0 && k < sorted.count && sorted[k].compute <= 1.01 * sorted[k - 1].compute
        }
        var low = min(max(index, 0), sorted.count)
        var high = low
        while splits(low) { low -= 1 }
        while splits(high) { high += 1 }
        return low >= fewestFitted ? low : high
    }
}

extension HoldOut {
    /// Cuts at successive budgets, each scored on the runs of the next ones up to `reach` times its compute: how errors
    /// grow on the way up. At half, two thirds and four fifths of the runs; cuts that leave too few are left out.
    public static func rollout(
        _ points: [FitPoint], forms: [LawForm]? = nil, reach: Double = 10, seedDeviation: Double? = nil,
        options: FitOptions = FitOptions(resamples: 0)
    ) -> [HoldOut] {
        let sorted = points.sorted { $0.compute < $1.compute }
        let forms = forms ?? apt(points)
        let cuts = [0.5, 0.65, 0.8].map { boundary(sorted, near: Int(($0 * Double(sorted.count)).rounded())) }
        return Set(cuts).sorted().filter { $0 >= fewestFitted && $0 < sorted.count }.compactMap { cut in
            let top = sorted[cut - 1].compute
            let next = sorted.dropFirst(cut).filter { $0.compute <= reach * top }
            guard !next.isEmpty else { return nil }
            return HoldOut(
                fitted: Array(sorted.prefix(cut)), heldOut: Array(next), forms: forms, seedDeviation: seedDeviation,
                options: options)
        }
    }
}
