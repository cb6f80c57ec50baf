/// Which second derivatives a step of the minimiser uses.
enum Curvature {
    /// A positive semi-definite upper bound (iteratively reweighted least squares): safe far from the optimum.
    case majorizing
    /// The Hessian itself: quadratic convergence near the optimum.
    case exact
}

/// A sum over data points as the minimiser sees it at one place.
struct Derivatives: Sendable {
    var value: Double
    var gradient: ParameterVector
    var curvature: SmallMatrix
    /// Σ_i |contribution of point i to the gradient|, per parameter: what `gradient` is small against.
    var gradientScale: ParameterVector

    init(parameters: Int) {
        value = 0
        gradient = .zero
        curvature = SmallMatrix(size: parameters)
        gradientScale = .zero
    }

    /// max_j |g_j| / Σ_i |g_ij|: 1 when all points pull one way, at rounding level at a stationary point.
    var relativeGradient: Double {
        var worst = 0.0
        for j in 0..<curvature.size where gradientScale[j] > 0 {
            worst = max(worst, abs(gradient[j]) / gradientScale[j])
        }
        return worst
    }
}

/// What the minimiser can minimise.
protocol Objective: Sendable {
    func value(at parameters: ParameterVector) -> Double
    func derivatives(at parameters: ParameterVector, _ curvature: Curvature) -> Derivatives
}

/// Huber's loss: r²/2 up to δ, δ(|r| − δ/2) beyond.
struct Huber: Sendable {
    let delta: Double

    func callAsFunction(_ r: Double) -> Double {
        let size = abs(r)
        return size <= delta ? 0.5 * r * r : delta * (size - 0.5 * delta)
    }

    func slope(_ r: Double) -> Double { min(max(r, -delta), delta) }
}
