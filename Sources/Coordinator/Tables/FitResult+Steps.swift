import ScalingLaws

extension FitResult {
    /// Kaplan's law of training curves.
    init(_ fit: StepsLaw, points: Int, rule: String) {
        self.init(
            law: "steps",
            formula: "L(N, S) = (N_c/N)^alpha_N + (S_c/S)^alpha_S" + (fit.irreducible == nil ? "" : " + E"),
            pointCount: points,
            parameters: fit.parameters.map { name, value in
                Parameter(
                    name: name, value: value, interval: fit.interval(name), unit: name == "E" ? "nats/token" : "")
            }, objective: fit.objective, objectiveName: "second stage: alpha_S and S_c with the others held")
        facts = [
            ("typical residual", "\(Number.short(100 * fit.residualSpread)) % of the loss"), ("S", rule),
            ("intervals", "95 %, \(fit.resampled.count) bootstrap resamples of whole runs"),
            ("condition number", "\(Number.short(fit.conditionNumber)), of alpha_S and S_c"),
        ]
        fields = [
            ("residual_rms", JSONText.number(fit.residualSpread)),
            ("condition_number", JSONText.number(fit.conditionNumber)),
            ("resampled_parameters", JSONText.array(fit.resampled.map { JSONText.array($0.map(JSONText.number)) })),
        ]
        warnings = fit.warnings
    }
}
