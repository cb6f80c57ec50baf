import Foundation

/// How a parametric fit is made.
public struct ChinchillaOptions: Sendable, Equatable {
    /// Huber's δ on the residual of ln L (Hoffmann et al. 2022: 1e-3).
    public var huberDelta: Double
    /// Bootstrap resamples behind the intervals; 0 for none.
    public var resamples: Int
    /// Of the resamples.
    public var seed: UInt64

    /// A Huber δ of 1e-3 and 300 resamples, unless told otherwise.
    public init(huberDelta: Double = 1e-3, resamples: Int = 300, seed: UInt64 = 1) {
        self.huberDelta = huberDelta
        self.resamples = resamples
        self.seed = seed
    }
}

/// The parametric fit of Hoffmann et al. 2022 (approach 3) to a set of runs, with what is needed to judge it.
public struct ChinchillaFit: Sendable {
    /// The law at the lowest minimum found.
    public let law: ChinchillaLaw
    /// The runs that were fitted.
    public let points: [FitPoint]
    /// How the fit was made.
    public let options: ChinchillaOptions
    /// The summed Huber loss at the optimum.
    public let objective: Double
    /// The largest component of the gradient against the sum of its points' absolute contributions.
    public let relativeGradient: Double
    /// Of the starts polished to the end, how many reached this objective within 1e-6, relative.
    public let startsAtOptimum: Int
    /// Starts taken to a minimum.
    public let startsPolished: Int
    /// Starts whose objective was looked at: the paper's grid of 4,500.
    public let startsScreened: Int
    /// The lowest objective among polished starts that ended elsewhere, if any did.
    public let secondBasin: Double?
    /// Of the curvature JᵀJ with its diagonal scaled to one.
    public let conditionNumber: Double
    /// Root mean square of ln L̂ − ln L.
    public let residualSpread: Double
    /// Pair bootstrap; nil when none was asked for or no resample could be fitted.
    public let bootstrap: Bootstrap?

    /// E, A, B, alpha, beta, and the derived a, b, G, in this order.
    public static let parameterNames = ["E", "A", "B", "alpha", "beta", "a", "b", "G"]

    /// Fits the law to `points`.
    /// - Throws: `TableError` when there are fewer than 6 points, or only one N or one D, or when the losses are so far
    ///   from any law that its parameters have no bound.
    public init(_ points: [FitPoint], options: ChinchillaOptions = ChinchillaOptions()) throws {
        try DesignCheck(points).requireFittable()
        let objective = ChinchillaObjective(points, delta: options.huberDelta)
        let search = ChinchillaSearch(objective: objective).run()
        let best = search.best
        self.points = points
        self.options = options
        law = objective.law(best.parameters)
        guard Self.values(of: law).prefix(5).allSatisfy(\.isFinite) else {
            throw TableError(
                "the fit of \(points.count) runs runs away (alpha = \(Number.short(law.alpha)), beta = "
                    + "\(Number.short(law.beta))): the losses show no power law in N and D, look at the table")
        }
        self.objective = best.value
        relativeGradient = best.relativeGradient
        let ceiling = best.value * (1 + 1e-6)
        startsAtOptimum = search.minima.count { $0.value <= ceiling }
        startsPolished = search.minima.count
        startsScreened = search.startsScreened
        secondBasin = search.minima.map(\.value).first { $0 > ceiling && $0.isFinite }
        conditionNumber = objective.sensitivity(at: best.parameters).scaledConditionNumber()
        let law = self.law
        residualSpread = Self.rootMeanSquare(points.map { log(law.loss(n: $0.n, d: $0.d) / $0.loss) })
        bootstrap = Bootstrap(objective, from: best, options: options)
    }

    /// The parameters by name, in the order of `parameterNames`.
    public var parameters: [(name: String, value: Double)] {
        Array(zip(Self.parameterNames, Self.values(of: law)))
    }

    /// The 95 % interval of a named parameter, where there is a bootstrap.
    public func interval(_ name: String) -> ClosedRange<Double>? { bootstrap?.interval(name) }

    /// What a reader must know before trusting the numbers, in words.
    public var warnings: [FitWarning] { DesignCheck(points).warnings + FitCheck(self).warnings }

    /// No warning says that a parameter cannot be trusted (`apus fit --strict`).
    public var isTrustworthy: Bool { !warnings.contains(where: \.isGrave) }

    /// The values of a law in the order of `parameterNames`.
    static func values(of law: ChinchillaLaw) -> [Double] {
        let best = law.optimum
        return [law.irreducible, law.capacity, law.data, law.alpha, law.beta, best.a, best.b, best.g]
    }

    private static func rootMeanSquare(_ values: [Double]) -> Double {
        (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    }
}
