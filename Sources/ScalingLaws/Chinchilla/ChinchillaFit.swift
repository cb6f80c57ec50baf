/// The parametric fit of Hoffmann et al. 2022 (approach 3) to a set of runs, with what is needed to judge it.
public struct ChinchillaFit: Sendable {
    /// The fit as one of any form.
    public let fit: LawFit

    /// E, A, B, alpha, beta, and the derived a, b, G, in this order.
    public static let parameterNames = ["E", "A", "B", "alpha", "beta", "a", "b", "G"]

    /// Fits the law to `points`.
    /// - Throws: `TableError` when there are fewer than 6 points, or only one N or one D, or when the losses are so far
    ///   from any law that its parameters have no bound.
    public init(_ points: [FitPoint], options: FitOptions = FitOptions()) throws {
        fit = try LawFit(.chinchilla, points, options: options)
    }

    /// The law at the lowest minimum found.
    public var law: ChinchillaLaw { LawForm.chinchilla(fit.values) }
    /// The runs that were fitted.
    public var points: [FitPoint] { fit.points }
    /// How the fit was made.
    public var options: FitOptions { fit.options }
    /// The weighted sum of losses at the optimum.
    public var objective: Double { fit.objective }
    /// How the optimum was reached.
    public var certificate: Certificate { fit.certificate }
    /// Root mean square of ln L̂ − ln L.
    public var residualSpread: Double { fit.residualSpread }
    /// ln L̂ − ln L, in the order of `points`.
    public var residuals: [Double] { fit.residuals }
    /// nil when none was asked for or no resample could be fitted.
    public var bootstrap: Bootstrap? { fit.bootstrap }
    /// The laws of the bootstrap's resamples; empty without one.
    public var resampledLaws: [ChinchillaLaw] { fit.resampled.map(LawForm.chinchilla) }

    /// The parameters by name, in the order of `parameterNames`.
    public var parameters: [(name: String, value: Double)] {
        Array(zip(Self.parameterNames, Self.values(of: law)))
    }

    /// The loss of a model of `n` parameters after `d` tokens.
    public func loss(n: Double, d: Double) -> Double { law.loss(n: n, d: d) }

    /// The losses at (n, d) by the laws of the resamples.
    public func resampledLosses(n: Double, d: Double) -> [Double] { fit.resampledLosses(n: n, d: d) }

    /// The 95 % interval of a named parameter, where there is a bootstrap.
    public func interval(_ name: String) -> ClosedRange<Double>? { fit.interval(name) }

    /// The standard error of a named parameter, where there is a bootstrap.
    public func standardError(_ name: String) -> Double? { fit.standardError(name) }

    /// What a reader must know before trusting the numbers, in words.
    public var warnings: [FitWarning] { fit.warnings }

    /// No warning says that a parameter cannot be trusted (`apus fit --strict`).
    public var isTrustworthy: Bool { fit.isTrustworthy }

    /// The values of a law in the order of `parameterNames`.
    static func values(of law: ChinchillaLaw) -> [Double] {
        let best = law.optimum
        return [law.irreducible, law.capacity, law.data, law.alpha, law.beta, best.a, best.b, best.g]
    }
}
