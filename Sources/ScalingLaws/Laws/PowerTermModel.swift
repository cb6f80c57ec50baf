import Foundation

/// ln L̂ = LSE(a − α x, e) with x = ln X centred: one power of one variable over a floor. Parameters: a, α, e.
struct PowerTermModel: FittableLaw {
    /// Whether the law's own order is E, A, α; else A, α, E.
    let floorFirst: Bool
    private let centre: Double
    private let x: [Double]  // [points]
    private let loss: [Double]  // [points]
    var parameterCount: Int { 3 }

    init(_ variable: [Double], _ points: [FitPoint], floorFirst: Bool) {
        let logs = variable.map { log($0) }
        let mean = logs.reduce(0, +) / Double(logs.count)
        self.floorFirst = floorFirst
        centre = mean
        x = logs.map { $0 - mean }
        loss = points.map(\.loss)
    }

    var starts: [ParameterVector] {
        let lowest = loss.min() ?? 1
        let middle = loss.sorted()[loss.count / 2]
        return [0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6].flatMap { alpha in
            [0.02, 0.2, 0.4, 0.6, 0.8, 0.95].map { share in
                ParameterVector(log(middle - share * lowest), alpha, log(share * lowest), 0, 0, 0, 0, 0)
            }
        }
    }

    func predict(_ p: ParameterVector, _ i: Int) -> PointPrediction {
        let u = p[0] - p[1] * x[i]
        let top = max(u, p[2])
        let (power, floor) = (exp(u - top), exp(p[2] - top))
        let s = power / (power + floor)
        return PointPrediction(
            logLoss: top + log(power + floor), jacobian: ParameterVector(s, -s * x[i], 1 - s, 0, 0, 0, 0, 0),
            shares: SIMD4(s, 0, 0, 0))
    }

    /// ∇² LSE = s(1 − s) (∇u − ∇e)(∇u − ∇e)ᵀ.
    func addCurvature(
        _ prediction: PointPrediction, _ p: ParameterVector, _ i: Int, weight: Double, to matrix: inout SmallMatrix
    ) {
        let s = prediction.shares[0]
        matrix.addOuterProduct(ParameterVector(1, -x[i], -1, 0, 0, 0, 0, 0), weight: weight * s * (1 - s))
    }

    func values(_ p: ParameterVector) -> [Double] {
        let (coefficient, floor) = (exp(p[0] + p[1] * centre), exp(p[2]))
        return floorFirst ? [floor, coefficient, p[1]] : [coefficient, p[1], floor]
    }

    func parameters(_ values: [Double]) -> ParameterVector {
        let (floor, coefficient, exponent) =
            floorFirst ? (values[0], values[1], values[2]) : (values[2], values[0], values[1])
        return ParameterVector(log(coefficient) - exponent * centre, exponent, log(floor), 0, 0, 0, 0, 0)
    }

    func isFittable(weights: [Double]) -> Bool { distinctCount(x, weights: weights) > 2 }
}
