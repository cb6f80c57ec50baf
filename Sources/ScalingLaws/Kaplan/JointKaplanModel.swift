import Foundation

/// ln L̂ = q LSE(u, v) with q = α_D, u = a − p x and v = b − y in centred logarithms (Kaplan et al. 2020, eq. 1.5), or
/// LSE of that and e where an irreducible loss is added. Parameters: a, b, p, ln q, and e.
struct JointKaplanModel: FittableLaw {
    let hasIrreducible: Bool
    private let centreN: Double
    private let centreD: Double
    private let x: [Double]  // [points]
    private let y: [Double]  // [points]
    private let loss: [Double]  // [points]

    init(_ points: [FitPoint], hasIrreducible: Bool) {
        let count = Double(points.count)
        let (meanN, meanD) = (
            points.reduce(0) { $0 + log($1.n) } / count, points.reduce(0) { $0 + log($1.d) } / count
        )
        self.hasIrreducible = hasIrreducible
        centreN = meanN
        centreD = meanD
        x = points.map { log($0.n) - meanN }
        y = points.map { log($0.d) - meanD }
        loss = points.map(\.loss)
    }

    var parameterCount: Int { hasIrreducible ? 5 : 4 }

    /// Exponents from small to large, three balances of the two terms at the centre of the points, four shares of E.
    var starts: [ParameterVector] {
        let exponents = [0.03, 0.06, 0.12, 0.25, 0.5, 1]
        let lowest = loss.min() ?? 1
        let middle = loss.sorted()[loss.count / 2]
        return (hasIrreducible ? [0.1, 0.4, 0.7, 0.9] : [0]).flatMap { share in
            exponents.flatMap { alphaN in
                exponents.flatMap { alphaD in
                    [-2.0, 0, 2].map { balance in
                        let level = log(middle - share * lowest) / alphaD - log(2 * cosh(balance))
                        return ParameterVector(
                            level + balance, level - balance, alphaN / alphaD, log(alphaD),
                            hasIrreducible ? log(share * lowest) : 0, 0, 0, 0)
                    }
                }
            }
        }
    }

    func predict(_ p: ParameterVector, _ i: Int) -> PointPrediction {
        let t = terms(p, i)
        let q = exp(p[3])
        let gradient = ParameterVector(q * t.share, q * (1 - t.share), -q * t.share * x[i], q * t.total, 0, 0, 0, 0)
        guard hasIrreducible else {
            return PointPrediction(logLoss: q * t.total, jacobian: gradient, shares: SIMD4(1, t.share, t.total, q))
        }
        let top = max(q * t.total, p[4])
        let (power, rest) = (exp(q * t.total - top), exp(p[4] - top))
        let reducible = power / (power + rest)
        var jacobian = reducible * gradient
        jacobian[4] = 1 - reducible
        return PointPrediction(
            logLoss: top + log(power + rest), jacobian: jacobian, shares: SIMD4(reducible, t.share, t.total, q))
    }

    /// LSE(u, v) and u's share of it.
    private func terms(_ p: ParameterVector, _ i: Int) -> (total: Double, share: Double) {
        let (u, v) = (p[0] - p[2] * x[i], p[1] - y[i])
        let top = max(u, v)
        let (eu, ev) = (exp(u - top), exp(v - top))
        return (top + log(eu + ev), eu / (eu + ev))
    }

    /// With T = LSE(u, v), t = qT and s = u's share: ∇²t = q s(1−s) (∇u−∇v)(∇u−∇v)ᵀ + ∇q∇Tᵀ + ∇T∇qᵀ + T∇²q; with E, of
    /// which the rest of L̂ has the share r, ∇² ln L̂ = r ∇²t + r(1−r)(∇t−∇e)(∇t−∇e)ᵀ.
    func addCurvature(
        _ prediction: PointPrediction, _ p: ParameterVector, _ i: Int, weight: Double, to matrix: inout SmallMatrix
    ) {
        let (reducible, share, total, q) = (
            prediction.shares[0], prediction.shares[1], prediction.shares[2], prediction.shares[3]
        )
        let w = weight * reducible
        matrix.addOuterProduct(
            ParameterVector(1, -1, -x[i], 0, 0, 0, 0, 0), weight: w * q * share * (1 - share))
        let slope = ParameterVector(share, 1 - share, -share * x[i], 0, 0, 0, 0, 0)
        matrix.rows[3] += w * q * slope
        for j in 0..<3 { matrix.rows[j][3] += w * q * slope[j] }
        matrix.rows[3][3] += w * q * total
        if hasIrreducible {
            var difference = q * slope
            difference[3] = q * total
            difference[4] = -1
            matrix.addOuterProduct(difference, weight: w * (1 - reducible))
        }
    }

    func values(_ p: ParameterVector) -> [Double] {
        let alphaD = exp(p[3])
        let law = [p[2] * alphaD, alphaD, exp(centreN + p[0] / p[2]), exp(centreD + p[1])]
        return hasIrreducible ? law + [exp(p[4])] : law
    }

    func parameters(_ values: [Double]) -> ParameterVector {
        let ratio = values[0] / values[1]
        return ParameterVector(
            ratio * (log(values[2]) - centreN), log(values[3]) - centreD, ratio, log(values[1]),
            hasIrreducible ? log(values[4]) : 0, 0, 0, 0)
    }

    func isFittable(weights: [Double]) -> Bool {
        distinctCount(x, weights: weights) > 1 && distinctCount(y, weights: weights) > 1
    }
}
