extension Minimizer {
    /// Half-widths over which kinks are rounded off, one after the other.
    private static let smoothings = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10]

    /// The minimum of a sum that may have kinks: with each kink rounded off over less and less, from the minimum before.
    /// At the end at most (parameters) points sit on their kinks, so the value is off by some 1e-10 per such point.
    func minimize<Model>(
        _ objective: LossObjective<Model>, _ loss: FitLoss, from start: ParameterVector
    ) -> Minimum {
        guard loss.isKinked else { return minimize(objective, from: start) }
        var end = Minimum(parameters: start, value: .infinity, relativeGradient: .infinity)
        for smoothing in Self.smoothings {
            let rounded = LossObjective(objective, penalty: loss.penalty(smoothing: smoothing))
            end = minimize(rounded, from: end.parameters)
        }
        end.value = LossObjective(objective, penalty: loss.penalty()).value(at: end.parameters)
        return end
    }
}

extension LossObjective {
    /// The same sum with another penalty.
    init(_ other: LossObjective, penalty: Penalty) {
        self = other
        self.penalty = penalty
    }
}
