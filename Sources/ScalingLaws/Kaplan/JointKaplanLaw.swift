import Foundation

/// L(N, D) = [(N_c/N)^(α_N/α_D) + D_c/D]^α_D (Kaplan et al. 2020, eq. 1.5), by least squares of ln L as they did.
public struct JointKaplanLaw: Sendable, Equatable {
    /// α_N.
    public let alphaN: Double
    /// α_D.
    public let alphaD: Double
    /// N_c.
    public let scaleN: Double
    /// D_c, tokens.
    public let scaleD: Double
    /// Σ (ln L̂ − ln L)².
    public let objective: Double

    /// A law with known constants.
    public init(alphaN: Double, alphaD: Double, scaleN: Double, scaleD: Double, objective: Double = 0) {
        self.alphaN = alphaN
        self.alphaD = alphaD
        self.scaleN = scaleN
        self.scaleD = scaleD
        self.objective = objective
    }

    /// Fits the law to runs, from the two single laws and their neighbours.
    init(_ points: [FitPoint], _ overN: PowerLawFit, _ overD: PowerLawFit?) {
        let objective = JointKaplanObjective(points)
        let alphaN = max(overN.exponent, 1e-3)
        let alphaD = max(overD?.exponent ?? alphaN, 1e-3)
        let minima = [0.5, 1, 2].flatMap { factorN in
            [0.5, 1, 2, 4].map { factorD in
                Minimizer(majorizingSteps: 300, exactSteps: 0).minimize(
                    objective, from: objective.start(alphaN: factorN * alphaN, alphaD: factorD * alphaD))
            }
        }
        self = objective.law(minima.min { $0.value < $1.value } ?? minima[0])
    }

    /// Nats per token.
    public func loss(n: Double, d: Double) -> Double {
        pow(pow(scaleN / n, alphaN / alphaD) + scaleD / d, alphaD)
    }
}

/// ½ Σ (q LSE(u, v) − ln L)² with q = α_D, u = a − p x and v = b − y in centred logarithms. Parameters: a, b, p, ln q.
struct JointKaplanObjective: Objective {
    private static let parameterCount = 4
    private let centreN: Double
    private let centreD: Double
    private let x: [Double]  // [points]
    private let y: [Double]  // [points]
    private let logLoss: [Double]  // [points]

    init(_ points: [FitPoint]) {
        let count = Double(points.count)
        let (meanN, meanD) = (
            points.reduce(0) { $0 + log($1.n) } / count, points.reduce(0) { $0 + log($1.d) } / count
        )
        centreN = meanN
        centreD = meanD
        x = points.map { log($0.n) - meanN }
        y = points.map { log($0.d) - meanD }
        logLoss = points.map { log($0.loss) }
    }

    /// Both terms equal at the centre of the points.
    func start(alphaN: Double, alphaD: Double) -> ParameterVector {
        let level = logLoss.reduce(0, +) / Double(logLoss.count) / alphaD - log(2)
        return ParameterVector(level, level, alphaN / alphaD, log(alphaD), 0, 0, 0, 0)
    }

    func law(_ minimum: Minimum) -> JointKaplanLaw {
        let p = minimum.parameters
        let alphaD = exp(p[3])
        return JointKaplanLaw(
            alphaN: p[2] * alphaD, alphaD: alphaD, scaleN: exp(centreN + p[0] / p[2]), scaleD: exp(centreD + p[1]),
            objective: 2 * minimum.value)
    }

    func value(at p: ParameterVector) -> Double { derivatives(at: p, .majorizing).value }

    /// Gauss–Newton's curvature for both kinds: a least-squares fit of good data has small residuals.
    func derivatives(at p: ParameterVector, _ curvature: Curvature) -> Derivatives {
        var result = Derivatives(parameters: Self.parameterCount)
        let q = exp(p[3])
        for i in x.indices {
            let (u, v) = (p[0] - p[2] * x[i], p[1] - y[i])
            let top = max(u, v)
            let (eu, ev) = (exp(u - top), exp(v - top))
            let total = top + log(eu + ev)
            let share = eu / (eu + ev)
            let jacobian = ParameterVector(
                q * share, q * (1 - share), -q * share * x[i], q * total, 0, 0, 0, 0)
            let residual = q * total - logLoss[i]
            let pull = residual * jacobian
            result.value += 0.5 * residual * residual
            result.gradient += pull
            result.gradientScale += pull.replacing(with: -pull, where: pull .< 0)
            result.curvature.addOuterProduct(jacobian, weight: 1)
        }
        return result
    }
}
