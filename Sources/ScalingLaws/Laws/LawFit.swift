import Foundation

/// A law of any form fitted to runs, with what is needed to judge it.
public struct LawFit: Sendable {
    /// The law.
    public let form: LawForm
    /// The runs that were fitted.
    public let points: [FitPoint]
    /// How the fit was made.
    public let options: FitOptions
    /// The law's parameters at the lowest minimum found, in the order of `form.parameterNames`.
    public let values: [Double]
    /// The weighted sum of losses there.
    public let objective: Double
    /// How the minimum was reached.
    public let certificate: Certificate
    /// nil when none was asked for or no resample could be fitted.
    public let bootstrap: Bootstrap?
    /// Parameters that were given and not fitted.
    public let given: Set<String>

    /// Fits a law of this form to `points`.
    /// - Throws: `TableError` when there are too few points or places for the form, when a parameter has no bound, or when
    ///   the options cannot be used.
    public init(_ form: LawForm, _ points: [FitPoint], options: FitOptions = FitOptions()) throws {
        try Self.requireFittable(form, points, options)
        switch form {
        case .chinchilla: try self.init(ChinchillaModel(points), form, points, options)
        case .kaplan: try self.init(JointKaplanModel(points, hasIrreducible: false), form, points, options)
        case .kaplanIrreducible: try self.init(JointKaplanModel(points, hasIrreducible: true), form, points, options)
        case .compute:
            try self.init(PowerTermModel(points.map(\.compute), points, floorFirst: false), form, points, options)
        case .parametersOnly:
            try self.init(PowerTermModel(points.map(\.n), points, floorFirst: true), form, points, options)
        case .tokensOnly:
            try self.init(PowerTermModel(points.map(\.d), points, floorFirst: true), form, points, options)
        case .dataConstrained:
            let model = DataConstrainedModel(points, given: nil, bases: try Self.freshLaws(points, options))
            try self.init(model, form, points, options)
        }
    }

    /// Fits R_D and R_N of the data-constrained form to `points`, with the law for fresh tokens given.
    /// - Throws: `TableError` when no point has read tokens again.
    public init(dataConstrainedFrom law: ChinchillaLaw, _ points: [FitPoint], options: FitOptions = FitOptions()) throws
    {
        try Self.requireFittable(.dataConstrained, points, options, parameters: 2)
        let model = DataConstrainedModel(points, given: law, bases: [])
        try self.init(
            model, .dataConstrained, points, options, given: Set(LawForm.chinchilla.parameterNames))
    }

    private init<Model: FittableLaw>(
        _ model: Model, _ form: LawForm, _ points: [FitPoint], _ options: FitOptions, given: Set<String> = []
    ) throws {
        let objective = LossObjective(model, points, penalty: options.loss.penalty())
        try Self.requirePlaces(model, form, points)
        let search = StartSearch(objective: objective, loss: options.loss).run()
        guard !search.minima.isEmpty else {
            let losses = points.map(\.loss).sorted()
            throw TableError(
                "no start of the search for \(form.formula) has a finite \(options.loss.description): the \(points.count) "
                    + "losses, from \(Number.short(losses[0])) to \(Number.short(losses[losses.count - 1])), or their N and D "
                    + "are beyond what can be summed; look at the table and its units")
        }
        let best = search.best
        values = model.values(best.parameters)
        guard best.value.isFinite, values.allSatisfy(\.isFinite) else {
            let found = zip(form.parameterNames, values).map { "\($0) = \(Number.short($1))" }
            throw TableError(
                "the fit of \(points.count) runs runs away (\(found.joined(separator: ", "))): the losses show no law "
                    + "\(form.formula), look at the table")
        }
        self.form = form
        self.points = points
        self.options = options
        self.given = given
        self.objective = best.value
        certificate = search.certificate(
            conditionNumber: objective.sensitivity(at: best.parameters).scaledConditionNumber())
        bootstrap = Bootstrap(objective, form, points, best: best, options)
    }

    /// The fitted parameters by name.
    public var parameters: [(name: String, value: Double)] { Array(zip(form.parameterNames, values)) }

    /// The loss of `n` parameters after `d` fresh tokens (C = 6ND where the law is one of compute), nats per token.
    public func loss(n: Double, d: Double) -> Double { loss(of: FitPoint(n: n, d: d, loss: 0)) }

    /// The loss of a run of `point`'s N, D, C and unique tokens; its own loss is not looked at.
    public func loss(of point: FitPoint) -> Double { form.loss(values, of: point) }

    /// ln L̂ − ln L, in the order of `points`.
    public var residuals: [Double] { points.map { log(loss(of: $0) / $0.loss) } }

    /// Root mean square of `residuals`.
    public var residualSpread: Double {
        let residuals = residuals
        return (residuals.reduce(0) { $0 + $1 * $1 } / Double(residuals.count)).squareRoot()
    }

    /// The bootstrap's parameter vectors, each in the order of `parameters`; empty without one.
    public var resampled: [[Double]] { bootstrap?.parameters ?? [] }

    /// The losses at (n, d) by the laws of the resamples: the spread of the law, not of a single run.
    public func resampledLosses(n: Double, d: Double) -> [Double] { resampledLosses(of: FitPoint(n: n, d: d, loss: 0)) }

    /// The losses of a run like `point` by the laws of the resamples.
    public func resampledLosses(of point: FitPoint) -> [Double] { resampled.map { form.loss($0, of: point) } }

    /// The 95 % interval of a named parameter, where there is a bootstrap.
    public func interval(_ name: String) -> ClosedRange<Double>? {
        given.contains(name) ? nil : bootstrap?.interval(name)
    }

    /// The 95 % interval, of the same kind, of what follows from the parameters, given in the order of
    /// `form.parameterNames`; resamples in which it is not finite are left out. nil without a bootstrap.
    public func interval(of derived: ([Double]) -> Double) -> ClosedRange<Double>? {
        bootstrap.flatMap { resamples in
            let drawn = resamples.parameters.map(derived).filter(\.isFinite)
            return Bootstrap.correctedInterval(drawn, around: derived(values))
        }
    }

    /// The standard error of a named parameter, where there is a bootstrap.
    public func standardError(_ name: String) -> Double? {
        given.contains(name) ? nil : bootstrap?.standardError(name)
    }

    /// What a reader must know before trusting the numbers, in words.
    public var warnings: [FitWarning] {
        (form == .chinchilla ? DesignCheck(points).warnings : []) + FitCheck(self).warnings
    }

    /// No warning says that a parameter cannot be trusted (`apus fit --strict`).
    public var isTrustworthy: Bool { !warnings.contains(where: \.isGrave) }
}

extension LawFit {
    /// Laws for fresh tokens from which the data-constrained form starts: of the runs that read no token again, and of
    /// all runs at the tokens that their own are worth by the published R_D*.
    private static func freshLaws(_ points: [FitPoint], _ options: FitOptions) throws -> [ChinchillaLaw] {
        let published = 15.387756
        var plain = options
        plain.resamples = 0
        plain.indices = nil
        let fresh = points.filter { $0.d <= 1.01 * ($0.uniqueTokens ?? $0.d) }
        let worth = points.map { point in
            var result = point
            let unique = min(point.d, point.uniqueTokens ?? point.d)
            result.d = unique * (1 - published * expm1(-(point.d / unique - 1) / published))
            return result
        }
        let fits = [fresh, worth].compactMap { try? LawFit(.chinchilla, $0, options: plain) }
        guard !fits.isEmpty else {
            throw TableError(
                "neither the \(fresh.count) runs without repeats nor all \(points.count) show a law to start from: add "
                    + "runs of other sizes and lengths on fresh tokens")
        }
        return fits.map { LawForm.chinchilla($0.values) }
    }

    private static func requireFittable(
        _ form: LawForm, _ points: [FitPoint], _ options: FitOptions, parameters: Int? = nil
    ) throws {
        try options.loss.requireUsable()
        for drawn in options.indices ?? [] {
            if let wrong = drawn.first(where: { !points.indices.contains($0) }) {
                throw TableError(
                    "a resample draws point \(wrong), and there are \(points.count), counted from 0: give the indices of "
                        + "this table's points")
            }
        }
        if form == .chinchilla { return try DesignCheck(points).requireFittable() }
        let fewest = (parameters ?? form.parameterNames.count) + 1
        guard points.count >= fewest else {
            throw TableError(
                "the \(fewest - 1) parameters of \(form.formula) need at least \(fewest) runs, and there "
                    + "\(points.count == 1 ? "is" : "are") \(points.count): add runs")
        }
    }

    private static func requirePlaces<Model: FittableLaw>(
        _ model: Model, _ form: LawForm, _ points: [FitPoint]
    ) throws {
        guard !model.isFittable(weights: points.map(\.weight)) else { return }
        let missing =
            switch form {
            case .compute: "runs at three or more budgets"
            case .parametersOnly: "runs at three or more N"
            case .tokensOnly: "runs at three or more D"
            case .dataConstrained: "runs of different N and D, some of which read their tokens more than once"
            case .chinchilla, .kaplan, .kaplanIrreducible: "runs at two or more N and D"
            }
        throw TableError("\(form.formula) needs \(missing), and the \(points.count) given are not that: add runs")
    }
}
