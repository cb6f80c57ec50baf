/// Where a minimisation ended.
struct Minimum: Sendable {
    var parameters: ParameterVector
    var value: Double
    /// The relative gradient (see `Derivatives`) there.
    var relativeGradient: Double
}

/// Levenberg–Marquardt damping around either curvature: a step is taken only if it lowers the objective, or, where the
/// objective no longer resolves a difference, the gradient.
struct Minimizer: Sendable {
    /// Steps tried with the majorizing curvature, then with the exact one.
    var majorizingSteps = 40
    var exactSteps = 200
    /// The relative gradient at which a point counts as stationary: sums of a few hundred terms round at about 1e-14.
    var tolerance = 1e-13

    func minimize(_ objective: some Objective, from start: ParameterVector) -> Minimum {
        var state = State(objective, start)
        state.descend(objective, .majorizing, steps: majorizingSteps, tolerance: tolerance)
        state.descend(objective, .exact, steps: exactSteps, tolerance: tolerance)
        return Minimum(
            parameters: state.parameters, value: state.here.value, relativeGradient: state.here.relativeGradient)
    }

    private struct State {
        var parameters: ParameterVector
        var here: Derivatives

        init(_ objective: some Objective, _ start: ParameterVector) {
            parameters = start
            here = objective.derivatives(at: start, .majorizing)
        }

        mutating func descend(_ objective: some Objective, _ curvature: Curvature, steps: Int, tolerance: Double) {
            // The damping is relative to the diagonal of the majorizing curvature, which is never negative.
            var scale = objective.derivatives(at: parameters, .majorizing).curvature.diagonal
            here = objective.derivatives(at: parameters, curvature)
            var damping = 1e-3
            for _ in 0..<steps {
                guard here.value.isFinite, here.relativeGradient > tolerance, damping < 1e12 else { return }
                guard let step = here.curvature.solve(-here.gradient, damping: damping * scale + 1e-300) else {
                    damping *= 8
                    continue
                }
                let there = objective.derivatives(at: parameters + step, curvature)
                guard isBetter(there) else {
                    damping *= 8
                    continue
                }
                parameters += step
                here = there
                if curvature == .majorizing {
                    scale = pointwiseMax(scale, here.curvature.diagonal)
                }
                damping = max(damping / 10, 1e-18)
            }
        }

        private func isBetter(_ there: Derivatives) -> Bool {
            guard there.value.isFinite else { return false }
            let resolution = 64 * Double.ulpOfOne * abs(here.value)
            if abs(there.value - here.value) <= resolution { return there.relativeGradient < here.relativeGradient }
            return there.value < here.value
        }
    }
}
