import Foundation

/// A law at the points of a table as the minimiser sees it: ln L̂ of every point as a function of parameters that are
/// centred and scaled so that the surface is round.
protocol LawModel: Sendable {
    /// At most 8.
    var parameterCount: Int { get }
    /// ln L̂ of point `i` and its gradient.
    func predict(_ p: ParameterVector, _ i: Int) -> Prediction
    /// ln L̂ of point `i`.
    func logLoss(_ p: ParameterVector, _ i: Int) -> Double
    /// Adds `weight` · ∇² ln L̂ of point `i`.
    func addCurvature(_ prediction: Prediction, _ p: ParameterVector, _ i: Int, weight: Double, to: inout SmallMatrix)

    typealias Prediction = PointPrediction
}

/// ln L̂ of one point.
struct PointPrediction {
    var logLoss: Double
    /// ∇ ln L̂ by the parameters.
    var jacobian: ParameterVector
    /// What the model wants to know again for the second derivatives: shares of terms in L̂.
    var shares: SIMD4<Double> = .zero
}

extension LawModel {
    func logLoss(_ p: ParameterVector, _ i: Int) -> Double { predict(p, i).logLoss }
}

/// Σ_i w_i ρ(residual of point i): the sum that a fit minimises.
struct LossObjective<Model: LawModel>: Objective {
    let model: Model
    var penalty: Penalty
    /// Of each point: `FitPoint.weight`, times its count in a bootstrap resample.
    var weights: [Double]  // [points]
    let logLoss: [Double]  // [points]
    let loss: [Double]  // [points]

    init(_ model: Model, _ points: [FitPoint], penalty: Penalty) {
        self.model = model
        self.penalty = penalty
        weights = points.map(\.weight)
        loss = points.map(\.loss)
        logLoss = points.map { log($0.loss) }
    }

    var parameterCount: Int { model.parameterCount }

    func value(at p: ParameterVector) -> Double {
        var sum = 0.0
        for i in loss.indices where weights[i] > 0 {
            sum += weights[i] * penalty.value(model.logLoss(p, i), logLoss: logLoss[i], loss: loss[i])
        }
        return sum
    }

    func derivatives(at p: ParameterVector, _ curvature: Curvature) -> Derivatives {
        var result = Derivatives(parameters: model.parameterCount)
        for i in loss.indices where weights[i] > 0 {
            let w = weights[i]
            let prediction = model.predict(p, i)
            let response = penalty.response(prediction.logLoss, logLoss: logLoss[i], loss: loss[i])
            let pull = (w * response.slope) * prediction.jacobian
            result.value += w * response.value
            result.gradient += pull
            result.gradientScale += pull.replacing(with: -pull, where: pull .< 0)
            let weight = w * (curvature == .exact ? response.bend : response.majorant)
            result.curvature.addOuterProduct(prediction.jacobian, weight: weight)
            if curvature == .exact {
                model.addCurvature(prediction, p, i, weight: w * response.slope, to: &result.curvature)
            }
        }
        return result
    }

    /// JᵀJ of ln L̂ over the points: how well they can tell the parameters apart.
    func sensitivity(at p: ParameterVector) -> SmallMatrix {
        var result = SmallMatrix(size: model.parameterCount)
        for i in loss.indices where weights[i] > 0 {
            result.addOuterProduct(model.predict(p, i).jacobian, weight: weights[i])
        }
        return result
    }

    /// ln L̂ − ln L of every point.
    func residuals(at p: ParameterVector) -> [Double] { loss.indices.map { model.logLoss(p, $0) - logLoss[$0] } }
}

extension LawModel {
    /// `weight` · ∇² ln L̂ by central differences of the gradient, for laws whose own second derivatives fill a page.
    func addNumericCurvature(_ p: ParameterVector, _ i: Int, weight: Double, to matrix: inout SmallMatrix) {
        // The cube root of the rounding of a Double balances rounding against the next term.
        let step = 6e-6
        for j in 0..<parameterCount {
            var (up, down) = (p, p)
            up[j] += step
            down[j] -= step
            let slope = (predict(up, i).jacobian - predict(down, i).jacobian) * (0.5 * weight / (2 * step))
            matrix.rows[j] += slope
            for k in 0..<parameterCount { matrix.rows[k][j] += slope[k] }
        }
    }
}
