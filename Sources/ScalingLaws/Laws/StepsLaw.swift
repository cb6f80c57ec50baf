import Foundation

/// L(N, S_min) = (N_c/N)^α_N + (S_c/S_min)^α_S, and plus E where asked for (Kaplan et al. 2020, eq. 1.6 and 5.6).
///
/// Fitted in two stages: first N_c and α_N (and E) over the longest run of every N, then S_c and α_S over all points
/// with those held. All four at once do not converge on curves (shehper/scaling_laws found the same).
public struct StepsLaw: Sendable {
    /// α_N.
    public let alphaN: Double
    /// α_S.
    public let alphaS: Double
    /// N_c.
    public let scaleN: Double
    /// S_c, updates.
    public let scaleS: Double
    /// E, nats per token; nil in Kaplan et al.'s own form.
    public let irreducible: Double?
    /// The weighted sum of losses of the second stage.
    public let objective: Double
    /// ln L̂ − ln L, in the order of the points.
    public let residuals: [Double]
    /// The largest over the smallest eigenvalue of the second stage's curvature with its diagonal scaled to one.
    public let conditionNumber: Double
    /// Resamples that were drawn, fitted or not.
    public let drawn: Int
    /// Both stages again on each resample: α_N, α_S, N_c, S_c and E.
    public let resampled: [[Double]]

    /// The names of the parameters in the order of `resampled`.
    public static let parameterNames = ["alpha_N", "alpha_S", "N_c", "S_c", "E"]

    /// Fits the law to points of training curves.
    /// - Parameters:
    ///   - minimumSteps: S_min of each point; nil takes its `steps`, which is right for batches far above the critical.
    ///   - hasIrreducible: adds E.
    /// - Throws: `TableError` when a point has no steps, when there are fewer than two N (four with E) or two numbers of
    ///   steps, or when no finite law is found.
    public init(
        _ points: [FitPoint], minimumSteps: [Double]? = nil, hasIrreducible: Bool = false,
        options: FitOptions = FitOptions()
    ) throws {
        try options.loss.requireUsable()
        let steps = try Self.steps(points, minimumSteps)
        let stages = Stages(hasIrreducible: hasIrreducible, loss: options.loss)
        let (values, objective, conditionNumber) = try stages.fit(points, steps)
        alphaN = values[0]
        alphaS = values[1]
        scaleN = values[2]
        scaleS = values[3]
        irreducible = hasIrreducible ? values[4] : nil
        self.objective = objective
        self.conditionNumber = conditionNumber
        residuals = zip(points, steps).map { log(Self.loss(values, n: $0.n, steps: $1) / $0.loss) }
        let resampling = Resampling(points, clusters: options.clusters)
        var generator = SplitMix64(seed: options.seed)
        let draws = options.indices ?? (0..<options.resamples).map { _ in resampling.draw(using: &generator) }
        drawn = draws.count
        resampled = draws.compactMap { drawn in
            try? stages.fit(drawn.map { points[$0] }, drawn.map { steps[$0] }).values
        }
    }

    /// Nats per token of `n` parameters after `minimumSteps` updates at a batch far above the critical.
    public func loss(n: Double, minimumSteps: Double) -> Double {
        Self.loss([alphaN, alphaS, scaleN, scaleS, irreducible ?? 0], n: n, steps: minimumSteps)
    }

    /// The parameters by name.
    public var parameters: [(name: String, value: Double)] {
        Array(zip(Self.parameterNames, [alphaN, alphaS, scaleN, scaleS] + [irreducible].compactMap { $0 }))
    }

    /// The 95 % interval of a named parameter over the resamples, as in `Bootstrap.interval`.
    public func interval(_ name: String) -> ClosedRange<Double>? {
        guard let place = parameters.firstIndex(where: { $0.name == name }) else { return nil }
        return Bootstrap.correctedInterval(resampled.map { $0[place] }, around: parameters[place].value)
    }

    /// Root mean square of `residuals`.
    public var residualSpread: Double {
        (residuals.reduce(0) { $0 + $1 * $1 } / Double(max(residuals.count, 1))).squareRoot()
    }

    /// What a reader must know before trusting the numbers, in words.
    public var warnings: [FitWarning] {
        var result: [FitWarning] = []
        for (name, value, axis) in [("alpha_N", alphaN, "N"), ("alpha_S", alphaS, "S")] {
            if value < FitCheck.credibleExponents.lowerBound || value > FitCheck.credibleExponents.upperBound {
                result.append(
                    .grave(
                        "\(name) = \(Number.short(value)) is no credible exponent: the runs do not show a power law in \(axis)"
                    ))
            }
            result += FitCheck.pinned(name, value, interval(name))
        }
        if conditionNumber > FitCheck.largestConditionNumber {
            result.append(
                .grave(
                    "the points do not identify alpha_S and S_c: condition number \(Number.short(conditionNumber)), where a "
                        + "good design has 1e4 or less"))
        }
        if drawn > 0, resampled.count < 2 {
            result.append(.grave("of \(drawn) bootstrap resamples \(resampled.count) could be fitted: no intervals"))
        } else if 5 * (drawn - resampled.count) > drawn {
            result.append(.caution("\(drawn - resampled.count) of \(drawn) bootstrap resamples could not be fitted"))
        }
        if residualSpread > 0.1 {
            result.append(
                .caution(
                    "the law misses the curves by \(Number.short(100 * residualSpread)) %: it does not describe them"))
        }
        return result
    }

    fileprivate static func loss(_ values: [Double], n: Double, steps: Double) -> Double {
        exp(values[0] * (log(values[2]) - log(n))) + exp(values[1] * (log(values[3]) - log(steps))) + values[4]
    }

    private static func steps(_ points: [FitPoint], _ given: [Double]?) throws -> [Double] {
        if let given, given.count != points.count {
            throw TableError(
                "\(given.count) numbers of steps were given for \(points.count) points: give one for each")
        }
        return try points.indices.map { i in
            guard let steps = given?[i] ?? points[i].steps, steps > 0, steps.isFinite else {
                throw TableError(
                    "\(points[i].label.isEmpty ? "point \(i)" : points[i].label) has no number of steps, and "
                        + "L(N, S_min) needs one for every point: name the column or use L(N, D)")
            }
            return steps
        }
    }
}

/// The two stages of the fit of L(N, S_min).
private struct Stages {
    let hasIrreducible: Bool
    let loss: FitLoss

    /// α_N, α_S, N_c, S_c and E (0 without), and the objective and condition number of the second stage.
    func fit(
        _ points: [FitPoint], _ steps: [Double]
    ) throws -> (values: [Double], objective: Double, conditionNumber: Double) {
        // N_c by its logarithm: of losses that hardly fall with N it is beyond any Double, and the law is not.
        let (floor, exponent, logScale) = try converged(points, steps)
        guard exp(logScale).isNormal else {
            throw TableError(
                "the fit of L(N, S_min) to \(points.count) points runs away (alpha_N = \(Number.short(exponent)), N_c = "
                    + "e^\(Number.short(logScale))): the losses of the longest runs hardly differ between sizes; add sizes "
                    + "farther apart")
        }
        let model = StepsModel(
            steps: steps, converged: points.map { floor + exp(exponent * (logScale - log($0.n))) },
            loss: points.map(\.loss))
        let objective = LossObjective(model, points, penalty: loss.penalty())
        guard model.isFittable(weights: objective.weights) else {
            throw TableError(
                "L(N, S_min) needs points at two or more numbers of steps, and all \(points.count) have "
                    + "\(Number.short(steps.first ?? 0)): add points along the curves, or runs of other lengths")
        }
        let best = StartSearch(objective: objective, loss: loss).run().best
        let stepsPart = model.values(best.parameters)
        let values = [exponent, stepsPart[1], exp(logScale), stepsPart[0], floor]
        guard best.value.isFinite, values.allSatisfy(\.isFinite), stepsPart[0] > 0 else {
            throw TableError(
                "the fit of L(N, S_min) to \(points.count) points runs away (alpha_S = \(Number.short(stepsPart[1]))): the "
                    + "losses do not fall with the steps towards \(Number.short(floor)) + (N_c/N)^alpha_N")
        }
        return (
            values, best.value, objective.sensitivity(at: best.parameters).scaledConditionNumber()
        )
    }

    /// E, α_N and ln N_c of the longest run of every N, of which each is taken for converged.
    private func converged(_ points: [FitPoint], _ steps: [Double]) throws -> (Double, Double, Double) {
        let places = KaplanFit.groups(Array(points.indices), by: { points[$0].n })
        let longest = places.compactMap { $0.max { steps[$0] < steps[$1] } }.map { points[$0] }
        if hasIrreducible {
            let fit = try LawFit(.parametersOnly, longest, options: FitOptions(loss: loss, resamples: 0))
            return (fit.values[0], fit.values[2], log(fit.values[1]) / fit.values[2])
        }
        guard longest.count > 1 else {
            throw TableError(
                "L(N, S_min) needs runs at two or more N, and all \(points.count) points have the same: add sizes")
        }
        let line = LinearRegression(longest.map { log($0.n) }, longest.map { log($0.loss) })
        return (0, -line.slope, -line.intercept / line.slope)
    }
}

/// ln L̂ = LSE(ln T, s − α_S z) with T the converged loss of the point's N and z = ln S_min centred. Parameters: s, ln α_S.
private struct StepsModel: FittableLaw {
    private let centre: Double
    private let z: [Double]  // [points]
    private let logConverged: [Double]  // [points]
    private let loss: [Double]  // [points]
    var parameterCount: Int { 2 }

    init(steps: [Double], converged: [Double], loss: [Double]) {
        let logs = steps.map { log($0) }
        let mean = logs.reduce(0, +) / Double(max(logs.count, 1))
        centre = mean
        z = logs.map { $0 - mean }
        logConverged = converged.map { log($0) }
        self.loss = loss
    }

    var starts: [ParameterVector] {
        let middle = loss.sorted()[loss.count / 2]
        return [0.05, 0.1, 0.2, 0.4, 0.8, 1.6].flatMap { alpha in
            [0.01, 0.1, 0.3].map { share in ParameterVector(log(share * middle), log(alpha), 0, 0, 0, 0, 0, 0) }
        }
    }

    func predict(_ p: ParameterVector, _ i: Int) -> PointPrediction {
        let alpha = exp(p[1])
        let (u, v) = (logConverged[i], p[0] - alpha * z[i])
        let top = max(u, v)
        let (rest, power) = (exp(u - top), exp(v - top))
        let s = power / (rest + power)
        return PointPrediction(
            logLoss: top + log(rest + power), jacobian: ParameterVector(s, -s * alpha * z[i], 0, 0, 0, 0, 0, 0),
            shares: SIMD4(s, alpha, 0, 0))
    }

    func addCurvature(
        _ prediction: PointPrediction, _ p: ParameterVector, _ i: Int, weight: Double, to matrix: inout SmallMatrix
    ) {
        let (s, alpha) = (prediction.shares[0], prediction.shares[1])
        let slope = ParameterVector(1, -alpha * z[i], 0, 0, 0, 0, 0, 0)
        matrix.addOuterProduct(slope, weight: weight * s * (1 - s))
        matrix.rows[1][1] -= weight * s * alpha * z[i]
    }

    /// S_c and α_S.
    func values(_ p: ParameterVector) -> [Double] { [exp(centre + p[0] / exp(p[1])), exp(p[1])] }

    func parameters(_ values: [Double]) -> ParameterVector {
        ParameterVector(values[1] * (log(values[0]) - centre), log(values[1]), 0, 0, 0, 0, 0, 0)
    }

    func isFittable(weights: [Double]) -> Bool { distinctCount(z, weights: weights) > 1 }
}
