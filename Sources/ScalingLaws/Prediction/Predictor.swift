import Foundation

/// Laws of several forms fitted to the runs there are, and what their errors on runs held out say of them: from it the
/// loss of larger runs is predicted.
///
/// Prediction of ln L: the mean over forms, each with a weight from its hold-out errors. Its variance: of the law
/// (bootstrap by clusters), of a single run around the law (residuals, which hold the seeds' noise), and between forms; the
/// whole times an inflation from the rollout. The interval is Student's t with n − p degrees of freedom. Tried on tables of
/// 30 runs with 0.3 % of noise, from laws that a form has and from one that none has, it covers 95 to 98 % of the runs at 2, 4
/// and 8 times the largest compute.
public struct Predictor: Sendable {
    /// A form's fit to all the runs, and its weight.
    public struct Member: Sendable {
        /// The law.
        public let fit: LawFit
        /// Its share in the prediction; 0 for a form that the hold-out refutes.
        public let weight: Double
        /// Standard deviation of a run's ln L around it.
        public let scatter: Double
        /// Root mean square of ln L̂ − ln L of the runs held out; nil when there was no cut to make.
        public let holdOutError: Double?
    }

    /// The runs that were fitted.
    public let points: [FitPoint]
    /// By falling weight.
    public let members: [Member]
    /// Cuts at successive budgets; the last holds out the top fifth.
    public let rollout: [HoldOut]
    /// Root mean square of the rollout's errors in their predicted standard deviations, drawn towards 1 where there are
    /// few, and at least 1.
    public let inflation: Double
    /// The largest factor in compute that the rollout has tested.
    public let testedReach: Double
    /// Standard deviation of ln L over seeds, where it is known.
    public let seedDeviation: Double?
    /// No cut tells the forms apart that can be fitted to all the runs: all of them weigh alike.
    public let weighsAlike: Bool

    /// The forms that are tried where nobody names others.
    public static let forms: [LawForm] = [.chinchilla, .kaplanIrreducible, .kaplan]
    /// A form whose weight is below is refuted.
    static let leastWeight = 0.01
    /// So many errors as predicted stand before the rollout's own.
    static let priorErrors = 4.0
    /// Errors at one cut share the fit, so together they count as so many.
    static let errorsPerCut = 2.0

    /// Fits and cuts.
    /// - Parameters:
    ///   - forms: those to try; with tokens read again in the runs, the data-constrained one joins.
    ///   - seedDeviation: of ln L over seeds, from replicates.
    /// - Throws: `TableError` when no form can be fitted.
    public init(
        _ points: [FitPoint], forms: [LawForm]? = nil, seedDeviation: Double? = nil,
        options: FitOptions = FitOptions()
    ) throws {
        let forms =
            forms
            ?? (points.contains { $0.d > 1.01 * ($0.uniqueTokens ?? $0.d) }
                ? Self.forms + [.dataConstrained] : Self.forms)
        var cutOptions = options
        cutOptions.resamples = min(options.resamples, 60)
        let rollout = HoldOut.rollout(points, forms: forms, seedDeviation: seedDeviation, options: cutOptions)
        let weights = Self.weights(forms, rollout)
        var problems: [String] = []
        var members: [Member] = []
        for form in forms {
            do {
                let fit = try LawFit(form, points, options: options)
                members.append(
                    Member(
                        fit: fit, weight: weights[form]?.weight ?? 0,
                        scatter: max(Self.scatter(fit), seedDeviation ?? 0), holdOutError: weights[form]?.error))
            } catch {
                problems.append("\(form.rawValue): \(error)")
            }
        }
        guard !members.isEmpty else {
            throw TableError(
                "no law can be fitted to these \(points.count) runs, so nothing can be predicted: "
                    + problems.joined(separator: "; "))
        }
        let total = members.reduce(0) { $0 + $1.weight }
        let even = 1 / Double(members.count)
        weighsAlike = !(total > 0) || !rollout.contains(where: Self.tells)
        self.points = points
        self.rollout = rollout
        self.seedDeviation = seedDeviation
        self.members = members.map {
            Member(
                fit: $0.fit, weight: total > 0 ? $0.weight / total : even, scatter: $0.scatter,
                holdOutError: $0.holdOutError)
        }.sorted { $0.weight > $1.weight }
        (inflation, testedReach) = Self.inflation(rollout, best: self.members[0].fit.form)
    }

    /// The largest compute among the runs, FLOPs.
    public var largestCompute: Double { points.map(\.compute).max() ?? 0 }

    /// Root mean square of the log residuals, those beyond four robust standard deviations drawn in to there, for n − p
    /// degrees of freedom: the fit is robust against wild runs, and so is the scatter.
    static func scatter(_ fit: LawFit) -> Double {
        let residuals = fit.residuals
        let sizes = residuals.map(abs).sorted()
        let robust = 1.4826 * sizes[sizes.count / 2]
        let drawn = residuals.map { robust > 0 ? min(max($0, -4 * robust), 4 * robust) : $0 }
        let freedom = max(1, residuals.count - fit.parameters.count)
        return (drawn.reduce(0) { $0 + $1 * $1 } / Double(freedom)).squareRoot()
    }

    /// Whether some form could be fitted below the cut.
    private static func tells(_ cut: HoldOut) -> Bool { cut.scores.contains { $0.fit != nil } }

    /// (best / own mean square error)^(m/2), m runs held out: the ratio of likelihoods of the errors when each form's own
    /// size of error is taken for its standard deviation. Mean squares are of the last two cuts at which some form could be
    /// fitted, or of the last alone where no form could at both; m is at most 10, since errors at one cut go together.
    /// Without any such cut all forms weigh alike.
    private static func weights(_ forms: [LawForm], _ rollout: [HoldOut]) -> [LawForm: (weight: Double, error: Double?)]
    {
        let late = rollout.filter(tells).suffix(2)
        guard let last = late.last else {
            return Dictionary(uniqueKeysWithValues: forms.map { ($0, (1.0, nil)) })
        }
        var squares = meanSquares(forms, late)
        if squares.isEmpty { squares = meanSquares(forms, late.suffix(1)) }
        guard let best = squares.values.min() else { return [:] }
        let power = 0.5 * Double(min(10, last.heldOut.count))
        let raw = squares.mapValues { best > 0 ? pow(best / $0, power) : ($0 == best ? 1 : 0) }
        // In the order of the forms: that of a dictionary is another in every process, and so would be the last bit.
        let total = forms.reduce(0) { $0 + (raw[$1] ?? 0) }
        return Dictionary(
            uniqueKeysWithValues: raw.map { form, value in
                let share = value / total
                return (form, (share < leastWeight ? 0 : share, squares[form]?.squareRoot()))
            })
    }

    /// Of every form that could be fitted at all the cuts.
    private static func meanSquares(_ forms: [LawForm], _ cuts: ArraySlice<HoldOut>) -> [LawForm: Double] {
        var squares: [LawForm: Double] = [:]
        for form in forms {
            let errors = cuts.compactMap { cut in cut.scores.first { $0.form == form }?.rootMeanSquare }
            guard errors.count == cuts.count else { continue }
            squares[form] = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
        }
        return squares
    }

    /// Over all cuts, of the form that weighs most: its errors against what its own bootstrap and scatter at that cut say.
    private static func inflation(_ rollout: [HoldOut], best form: LawForm) -> (inflation: Double, reach: Double) {
        var (sum, count, reach) = (priorErrors, priorErrors, 1.0)
        for cut in rollout {
            guard let score = cut.scores.first(where: { $0.form == form }), let fit = score.fit else { continue }
            let scatter = max(scatter(fit), cut.seedDeviation ?? 0)
            let squares = zip(score.runs, score.errors).map { run, error in
                error * error / (Spread.ofLaw(fit, at: run) + scatter * scatter)
            }
            sum += errorsPerCut * squares.reduce(0, +) / Double(squares.count)
            count += errorsPerCut
            reach = max(reach, (score.runs.map(\.compute).max() ?? 0) / cut.cut)
        }
        return (max(1, (sum / count).squareRoot()), reach)
    }
}

/// Variances of ln L.
enum Spread {
    /// Of a law at a run, from the resamples: from their middle 80 %, since some may run away; 0 without resamples. It is not
    /// made larger for the p parameters, since resamples of a robust fit to few runs scatter by more than fits do.
    static func ofLaw(_ fit: LawFit, at run: FitPoint) -> Double {
        let logs = fit.resampledLosses(of: run).map { log(max($0, 1e-300)) }.sorted()
        guard logs.count > 3 else { return 0 }
        let deviation = (quantile(logs, 0.9) - quantile(logs, 0.1)) / (2 * 1.281552)
        return deviation * deviation
    }

    /// By linear interpolation in sorted values.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
}
