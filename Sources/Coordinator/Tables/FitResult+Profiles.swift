import ScalingLaws

extension FitResult {
    /// Adds the profile likelihood of E, alpha, beta and a to a parametric fit.
    mutating func addProfiles(of fit: ChinchillaFit) {
        let profiles = ProfileLikelihood.Parameter.allCases.compactMap { ProfileLikelihood(fit, $0) }
        let rows = profiles.map { profile in
            [
                profile.parameter.rawValue, Number.significant(profile.estimate, 6),
                (profile.lower.map(Number.short) ?? "none") + " … " + (profile.upper.map(Number.short) ?? "none"),
            ]
        }
        blocks.append(
            TextColumns.aligned([["profile", "value", "95 % interval; none: not refuted by these runs"]] + rows)
                .joined(separator: "\n"))
        fields.append(
            (
                "profiles",
                JSONText.object(
                    profiles.map { profile in
                        (
                            profile.parameter.rawValue,
                            JSONText.object([
                                ("lower", profile.lower.map(JSONText.number) ?? "null"),
                                ("upper", profile.upper.map(JSONText.number) ?? "null"),
                                ("threshold", JSONText.number(profile.threshold)),
                                (
                                    "curve_value_objective",
                                    JSONText.array(
                                        profile.curve.map {
                                            JSONText.array([JSONText.number($0.value), JSONText.number($0.objective)])
                                        })
                                ),
                            ])
                        )
                    })
            ))
    }
}
