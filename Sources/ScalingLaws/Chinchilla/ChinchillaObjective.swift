import Foundation

/// ln L̂ = LSE(a − α x, b − β y, e) with x = ln N and y = ln D centred (Hoffmann et al. 2022, §3.3 and D.2). Parameters in
/// order: a, b, e, α, β, for the centred coordinates.
struct ChinchillaModel: LawModel {
    static let parameterCount = 5
    var parameterCount: Int { Self.parameterCount }

    /// Means of ln N and ln D: centring takes the condition number of the surface from 4e6 to 4e3.
    let centreN: Double
    let centreD: Double
    let x: [Double]  // [points]
    let y: [Double]  // [points]
    let loss: [Double]  // [points]

    init(_ points: [FitPoint]) {
        let count = Double(points.count)
        let logN = points.map { log($0.n) }
        let logD = points.map { log($0.d) }
        let (meanN, meanD) = (logN.reduce(0, +) / count, logD.reduce(0, +) / count)
        centreN = meanN
        centreD = meanD
        x = logN.map { $0 - meanN }
        y = logD.map { $0 - meanD }
        loss = points.map(\.loss)
    }

    /// From the law's own (ln A, ln B, ln E, α, β) to the centred ones.
    func centred(lnA: Double, lnB: Double, lnE: Double, alpha: Double, beta: Double) -> ParameterVector {
        ParameterVector(lnA - alpha * centreN, lnB - beta * centreD, lnE, alpha, beta, 0, 0, 0)
    }

    /// From a law to the centred parameters.
    func centred(_ law: ChinchillaLaw) -> ParameterVector {
        centred(
            lnA: log(law.capacity), lnB: log(law.data), lnE: log(law.irreducible), alpha: law.alpha, beta: law.beta)
    }

    /// From centred parameters to the law.
    func law(_ p: ParameterVector) -> ChinchillaLaw {
        ChinchillaLaw(
            irreducible: exp(p[2]), capacity: exp(p[0] + p[3] * centreN), data: exp(p[1] + p[4] * centreD), alpha: p[3],
            beta: p[4])
    }

    /// The shares (s₁, s₂, s₃) of the three terms in L̂, and ∇ = (s₁, s₂, s₃, −s₁x, −s₂y).
    func predict(_ p: ParameterVector, _ i: Int) -> PointPrediction {
        let u1 = p[0] - p[3] * x[i]
        let u2 = p[1] - p[4] * y[i]
        let top = max(u1, u2, p[2])
        let (e1, e2, e3) = (exp(u1 - top), exp(u2 - top), exp(p[2] - top))
        let sum = e1 + e2 + e3
        let (s1, s2, s3) = (e1 / sum, e2 / sum, e3 / sum)
        return PointPrediction(
            logLoss: top + log(sum), jacobian: ParameterVector(s1, s2, s3, -s1 * x[i], -s2 * y[i], 0, 0, 0),
            shares: SIMD4(s1, s2, s3, 0))
    }

    func logLoss(_ p: ParameterVector, _ i: Int) -> Double {
        let (u1, u2) = (p[0] - p[3] * x[i], p[1] - p[4] * y[i])
        let top = max(u1, u2, p[2])
        return top + log(exp(u1 - top) + exp(u2 - top) + exp(p[2] - top))
    }

    /// ∇² LSE = Σ_k s_k v_k v_kᵀ − J Jᵀ with v_k = ∇u_k.
    func addCurvature(
        _ prediction: PointPrediction, _ p: ParameterVector, _ i: Int, weight: Double, to matrix: inout SmallMatrix
    ) {
        let s = prediction.shares * weight
        matrix.addOuterProduct(prediction.jacobian, weight: -weight)
        matrix.addOuterProduct(ParameterVector(1, 0, 0, -x[i], 0, 0, 0, 0), weight: s[0])
        matrix.addOuterProduct(ParameterVector(0, 1, 0, 0, -y[i], 0, 0, 0), weight: s[1])
        matrix.rows[2][2] += s[2]
    }
}

/// The sum that the parametric fit of Hoffmann et al. minimises.
typealias ChinchillaObjective = LossObjective<ChinchillaModel>

extension LossObjective where Model == ChinchillaModel {
    static var parameterCount: Int { ChinchillaModel.parameterCount }

    init(_ points: [FitPoint], loss: FitLoss, smoothing: Double = 0) {
        self.init(ChinchillaModel(points), points, penalty: loss.penalty(smoothing: smoothing))
    }

    /// With Huber's loss.
    init(_ points: [FitPoint], delta: Double) { self.init(points, loss: .huber(delta: delta)) }

    /// From the law's own (ln A, ln B, ln E, α, β) to the centred ones.
    func centred(lnA: Double, lnB: Double, lnE: Double, alpha: Double, beta: Double) -> ParameterVector {
        model.centred(lnA: lnA, lnB: lnB, lnE: lnE, alpha: alpha, beta: beta)
    }

    /// From centred parameters to the law.
    func law(_ p: ParameterVector) -> ChinchillaLaw { model.law(p) }

    /// Whether the points that count have at least two N and two D.
    var hasTwoOfEach: Bool {
        let used = weights.indices.filter { weights[$0] > 0 }
        return Set(used.map { model.x[$0] }).count > 1 && Set(used.map { model.y[$0] }).count > 1
    }
}
