import Foundation

/// ln L̂ of Muennighoff et al.'s form: LSE(a − α x′, b − β y′, e) with x′ and y′ the centred logarithms of the effective N
/// and D. Parameters: a, b, e, α, β, ln R_D, ln R_N; only the last two where the law for fresh tokens is given.
struct DataConstrainedModel: FittableLaw {
    /// The first five parameters, where they are given.
    private let given: ParameterVector?
    private let bases: [ParameterVector]
    private let fresh: ChinchillaModel
    private let points: [FitPoint]

    /// - Parameter bases: laws for fresh tokens to start from; the one to keep where it is `given`.
    init(_ points: [FitPoint], given: ChinchillaLaw?, bases: [ChinchillaLaw]) {
        let fresh = ChinchillaModel(points)
        self.fresh = fresh
        self.points = points
        self.given = given.map(fresh.centred)
        self.bases = bases.map(fresh.centred)
    }

    var parameterCount: Int { given == nil ? 7 : 2 }

    var starts: [ParameterVector] {
        let constants = [0.5, 2, 8, 30, 120].map { log($0) }
        return (given.map { [$0] } ?? bases).flatMap { base in
            constants.flatMap { repetition in
                constants.map { excess in
                    var start = base
                    start[5] = repetition
                    start[6] = excess
                    return given == nil ? start : Self.lastTwo(start)
                }
            }
        }
    }

    private static func lastTwo(_ p: ParameterVector) -> ParameterVector {
        ParameterVector(p[5], p[6], 0, 0, 0, 0, 0, 0)
    }

    /// All seven parameters.
    private func all(_ p: ParameterVector) -> ParameterVector {
        guard var result = given else { return p }
        result[5] = p[0]
        result[6] = p[1]
        return result
    }

    func predict(_ p: ParameterVector, _ i: Int) -> PointPrediction {
        let (q, point) = (all(p), points[i])
        let unique = min(point.uniqueTokens ?? point.d, point.d)
        let tokens = Effective(point.d, logUnique: log(unique), logConstant: q[5])
        let wanted = wantedParameters(q, logUnique: log(unique))
        let isExcess = wanted.log < log(point.n)
        let size = Effective(point.n, logUnique: isExcess ? wanted.log : log(point.n), logConstant: q[6])
        let (x, y) = (size.log - fresh.centreN, tokens.log - fresh.centreD)
        // ∇u₁ and ∇u₂: the terms' own parameters, and what the effective N and D depend on.
        var du1 = isExcess ? -q[3] * size.byUnique * wanted.gradient : .zero
        du1[0] += 1
        du1[3] -= x
        du1[6] -= q[3] * size.byConstant
        var du2 = ParameterVector.zero
        du2[1] = 1
        du2[4] = -y
        du2[5] = -q[4] * tokens.byConstant
        let (u1, u2) = (q[0] - q[3] * x, q[1] - q[4] * y)
        let top = max(u1, u2, q[2])
        let (e1, e2, e3) = (exp(u1 - top), exp(u2 - top), exp(q[2] - top))
        let sum = e1 + e2 + e3
        var jacobian = (e1 / sum) * du1 + (e2 / sum) * du2
        jacobian[2] += e3 / sum
        return PointPrediction(
            logLoss: top + log(sum), jacobian: given == nil ? jacobian : Self.lastTwo(jacobian))
    }

    /// ln of an effective N or D, and its derivatives by ln U and ln R*.
    private struct Effective {
        let log: Double
        let byUnique: Double
        let byConstant: Double

        init(_ value: Double, logUnique: Double, logConstant: Double) {
            let (unique, constant) = (exp(logUnique), exp(logConstant))
            let excess = max(value / unique - 1, 0)
            let left = exp(-excess / constant)
            let gained = -constant * expm1(-excess / constant)
            log = logUnique + log1p(gained)
            byUnique = 1 - left * (excess + 1) / (1 + gained)
            byConstant = (gained - left * excess) / (1 + gained)
        }
    }

    /// ln of the N that U tokens call for, (1 + β/α) ln G + (β/α) ln U, and its gradient.
    private func wantedParameters(
        _ q: ParameterVector, logUnique: Double
    ) -> (log: Double, gradient: ParameterVector) {
        let (alpha, beta, sum, ratio) = (q[3], q[4], q[3] + q[4], q[4] / q[3])
        let lnA = q[0] + alpha * fresh.centreN
        let lnB = q[1] + beta * fresh.centreD
        let lnG = (Foundation.log(alpha) + lnA - Foundation.log(beta) - lnB) / sum
        var gradient = ParameterVector.zero
        gradient[0] = 1
        gradient[1] = -1
        gradient[3] = 1 / alpha + fresh.centreN - lnG
        gradient[4] = -1 / beta - fresh.centreD - lnG
        gradient *= (1 + ratio) / sum
        gradient[3] -= ratio / alpha * (lnG + logUnique)
        gradient[4] += (lnG + logUnique) / alpha
        return ((1 + ratio) * lnG + ratio * logUnique, gradient)
    }

    func addCurvature(
        _ prediction: PointPrediction, _ p: ParameterVector, _ i: Int, weight: Double, to matrix: inout SmallMatrix
    ) { addNumericCurvature(p, i, weight: weight, to: &matrix) }

    func values(_ p: ParameterVector) -> [Double] {
        let q = all(p)
        return fresh.values(q) + [exp(q[5]), exp(q[6])]
    }

    func parameters(_ values: [Double]) -> ParameterVector {
        var p = fresh.parameters(Array(values.prefix(5)))
        p[5] = log(values[5])
        p[6] = log(values[6])
        return given == nil ? p : Self.lastTwo(p)
    }

    func isFittable(weights: [Double]) -> Bool {
        let repeated = points.indices.contains {
            weights[$0] > 0 && points[$0].d > 1.01 * (points[$0].uniqueTokens ?? points[$0].d)
        }
        return repeated && (given != nil || fresh.isFittable(weights: weights))
    }
}
