import Foundation

/// Σ_i w_i Huber_δ(LSE(a − α x_i, b − β y_i, e) − ln L_i) with x = ln N and y = ln D centred (Hoffmann et al. 2022,
/// §3.3 and D.2; summed, never averaged: Besiroglu et al. 2024). Parameters in order: a, b, e, α, β, for the centred
/// coordinates.
struct ChinchillaObjective: Objective {
    static let parameterCount = 5

    /// Means of ln N and ln D: centring takes the condition number of the surface from 4e6 to 4e3.
    let centreN: Double
    let centreD: Double
    let huber: Huber
    /// Multiplicity of each point: 1, or the count in a bootstrap resample.
    var weights: [Double]
    private let x: [Double]  // [points]
    private let y: [Double]  // [points]
    private let logLoss: [Double]  // [points]

    init(_ points: [FitPoint], delta: Double) {
        let count = Double(points.count)
        let logN = points.map { log($0.n) }
        let logD = points.map { log($0.d) }
        let (meanN, meanD) = (logN.reduce(0, +) / count, logD.reduce(0, +) / count)
        centreN = meanN
        centreD = meanD
        x = logN.map { $0 - meanN }
        y = logD.map { $0 - meanD }
        logLoss = points.map { log($0.loss) }
        weights = Array(repeating: 1, count: points.count)
        huber = Huber(delta: delta)
    }

    /// From the law's own (ln A, ln B, ln E, α, β) to the centred ones.
    func centred(lnA: Double, lnB: Double, lnE: Double, alpha: Double, beta: Double) -> ParameterVector {
        ParameterVector(lnA - alpha * centreN, lnB - beta * centreD, lnE, alpha, beta, 0, 0, 0)
    }

    /// From centred parameters to the law.
    func law(_ p: ParameterVector) -> ChinchillaLaw {
        ChinchillaLaw(
            irreducible: exp(p[2]), capacity: exp(p[0] + p[3] * centreN), data: exp(p[1] + p[4] * centreD), alpha: p[3],
            beta: p[4])
    }

    /// Whether the points that count have at least two N and two D.
    var hasTwoOfEach: Bool {
        let used = weights.indices.filter { weights[$0] > 0 }
        return Set(used.map { x[$0] }).count > 1 && Set(used.map { y[$0] }).count > 1
    }

    /// Calls `body` with (x, y, L) of every point.
    func forEachPoint(_ body: (Double, Double, Double) -> Void) {
        for i in x.indices { body(x[i], y[i], exp(logLoss[i])) }
    }

    func value(at p: ParameterVector) -> Double {
        var sum = 0.0
        for i in x.indices where weights[i] > 0 {
            sum += weights[i] * huber(terms(p, i).residual)
        }
        return sum
    }

    func derivatives(at p: ParameterVector, _ curvature: Curvature) -> Derivatives {
        var result = Derivatives(parameters: Self.parameterCount)
        for i in x.indices where weights[i] > 0 { add(point: i, terms(p, i), curvature, to: &result) }
        return result
    }

    /// JᵀJ of ln L̂ over the points: how well they can tell the five parameters apart.
    func sensitivity(at p: ParameterVector) -> SmallMatrix {
        var result = SmallMatrix(size: Self.parameterCount)
        for i in x.indices { result.addOuterProduct(jacobian(terms(p, i), i), weight: weights[i]) }
        return result
    }

    private func jacobian(_ t: Terms, _ i: Int) -> ParameterVector {
        ParameterVector(t.capacity, t.data, t.irreducible, -t.capacity * x[i], -t.data * y[i], 0, 0, 0)
    }

    private struct Terms {
        var residual: Double
        /// Shares of the three terms in the predicted loss; they sum to one.
        var capacity: Double
        var data: Double
        var irreducible: Double
    }

    private func terms(_ p: ParameterVector, _ i: Int) -> Terms {
        let u1 = p[0] - p[3] * x[i]
        let u2 = p[1] - p[4] * y[i]
        let top = max(u1, u2, p[2])
        let (e1, e2, e3) = (exp(u1 - top), exp(u2 - top), exp(p[2] - top))
        let sum = e1 + e2 + e3
        return Terms(
            residual: top + log(sum) - logLoss[i], capacity: e1 / sum, data: e2 / sum, irreducible: e3 / sum)
    }

    /// With f = LSE: ∇f = J = (s₁, s₂, s₃, −s₁x, −s₂y) and ∇²f = Σ_k s_k v_k v_kᵀ − J Jᵀ, v_k = ∇u_k.
    private func add(point i: Int, _ t: Terms, _ curvature: Curvature, to result: inout Derivatives) {
        let w = weights[i]
        let slope = w * huber.slope(t.residual)
        let jacobian = jacobian(t, i)
        let pull = slope * jacobian
        result.value += w * huber(t.residual)
        result.gradient += pull
        result.gradientScale += pull.replacing(with: -pull, where: pull .< 0)
        let size = abs(t.residual)
        guard curvature == .exact else {
            result.curvature.addOuterProduct(jacobian, weight: w * min(1, huber.delta / max(size, huber.delta)))
            return
        }
        result.curvature.addOuterProduct(jacobian, weight: (size <= huber.delta ? w : 0) - slope)
        result.curvature.addOuterProduct(ParameterVector(1, 0, 0, -x[i], 0, 0, 0, 0), weight: slope * t.capacity)
        result.curvature.addOuterProduct(ParameterVector(0, 1, 0, 0, -y[i], 0, 0, 0), weight: slope * t.data)
        result.curvature.rows[2][2] += slope * t.irreducible
    }
}
