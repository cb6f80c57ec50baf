import ScalingLaws

extension FitResult {
    /// Approach 2: the minima of IsoFLOP profiles.
    init(_ fit: IsoFLOPFit, points: Int, surface: ChinchillaLaw?) {
        self.init(
            law: "isoflop", formula: "N_opt = k_N C^a,  D_opt = k_D C^b  through the minima of IsoFLOP profiles",
            pointCount: points,
            parameters: [
                Parameter(name: "a", value: fit.a, error: fit.parameters.exponentError, interval: fit.aInterval),
                Parameter(name: "b", value: fit.b, error: fit.tokens.exponentError, interval: fit.bInterval),
                Self.factor("k_N", fit.parameters.coefficient, fit.parameters.coefficientInterval, "parameters"),
                Self.factor("k_D", fit.tokens.coefficient, fit.tokens.coefficientInterval, "tokens"),
            ],
            objective: fit.parameters.objective, objectiveName: "weighted squares of ln N about the line",
            warnings: fit.warnings)
        optimum = Self.exponents(parameters)
        facts = [
            (
                "sizes of a profile",
                "from N/\(Number.short(fit.gridWidth)) to \(Number.short(fit.gridWidth)) N (median)"
            ),
            ("runs in no profile", String(fit.unusedPoints)),
        ]
        if let noise = fit.noise {
            facts.append(
                (
                    "noise",
                    "\(Number.short(100 * noise.standardDeviation)) % of the loss, \(noise.degreesOfFreedom) degrees of freedom"
                ))
        }
        let bias = surface.flatMap { fit.bias(under: $0) }
        if let bias {
            facts.append(
                (
                    "bias of parabolas",
                    "a \(Self.signed(bias.a)), b \(Self.signed(bias.b)), by the same profiles of the fitted surface"
                ))
        }
        blocks = [Self.profiles(fit)]
        fields = [
            ("profiles", JSONText.array(fit.profiles.map(Self.profile))),
            ("grid_width", JSONText.number(fit.gridWidth)),
            (
                "bias",
                bias.map { JSONText.object([("a", JSONText.number($0.a)), ("b", JSONText.number($0.b))]) } ?? "null"
            ),
        ]
    }

    /// Approach 1: the minimum over training curves.
    init(_ fit: EnvelopeFit) {
        self.init(
            law: "envelope",
            formula: "N_opt = k_N C^a,  D_opt = k_D C^b  through the lowest of \(fit.curves.count) curves",
            pointCount: fit.choices.count,
            parameters: [
                Parameter(name: "a", value: fit.a, error: fit.spread?.a.standardError, interval: fit.aInterval),
                Parameter(name: "b", value: fit.b, error: fit.spread?.b.standardError, interval: fit.bInterval),
                Self.factor("k_N", fit.parameters.coefficient, fit.spread?.sizeFactor.interval, "parameters"),
                Self.factor("k_D", fit.tokens.coefficient, fit.spread?.tokenFactor.interval, "tokens"),
            ],
            objective: fit.parameters.objective, objectiveName: "squares of ln N about the line",
            warnings: fit.warnings)
        optimum = Self.exponents(parameters)
        let winners = fit.winners
        facts = [
            ("winners", "\(winners.count) of \(fit.curves.count) runs are ever the lowest"),
            ("in the last 15 % of their run", "\(Number.short(100 * fit.lateShare)) % of the choices"),
            ("largest or smallest size", "\(Number.short(100 * fit.edgeShare)) % of the choices"),
        ]
        let rows = winners.map { [$0.run, String($0.count)] }
        blocks = [TextColumns.aligned([["winner", "values of compute"]] + rows).joined(separator: "\n")]
        fields = [
            (
                "winners",
                JSONText.object(winners.map { ($0.run, String($0.count)) })
            ),
            ("late_share", JSONText.number(fit.lateShare)), ("edge_share", JSONText.number(fit.edgeShare)),
            (
                "choices_c_n_d_loss",
                JSONText.array(
                    fit.choices.map { choice in
                        JSONText.array([choice.compute, choice.n, choice.d, choice.loss].map(JSONText.number))
                    })
            ),
        ]
    }

    private static func factor(
        _ name: String, _ value: Double, _ interval: ClosedRange<Double>?, _ unit: String
    ) -> Parameter { Parameter(name: name, value: value, interval: interval, unit: unit) }

    /// The exponents once more, as every law of an optimum has them.
    private static func exponents(_ parameters: [Parameter]) -> [Parameter] {
        parameters.filter { $0.name == "a" || $0.name == "b" }
    }

    private static func profiles(_ fit: IsoFLOPFit) -> String {
        let rows = fit.profiles.map { profile in
            [
                Number.short(profile.budget), String(profile.points.count),
                profile.vertexParameters.map(Number.short) ?? "none", profile.vertexInterval.map(text) ?? "",
                profile.vertexTokens.map(Number.short) ?? "none",
                profile.vertexLoss.map { Number.significant($0, 5) } ?? "",
                profile.isInterior ? "" : "at the edge: not used",
            ]
        }
        return TextColumns.aligned([["C", "runs", "N_opt", "95 % interval", "D_opt", "loss", ""]] + rows)
            .joined(separator: "\n")
    }

    private static func profile(_ profile: IsoFLOPProfile) -> String {
        let parabola = profile.overParameters.map {
            JSONText.object([
                ("centre", JSONText.number($0.centre)), ("level", JSONText.number($0.level)),
                ("slope", JSONText.number($0.slope)), ("curvature", JSONText.number($0.curvature)),
            ])
        }
        return JSONText.object([
            ("budget", JSONText.number(profile.budget)), ("runs", String(profile.points.count)),
            ("n", profile.vertexParameters.map(JSONText.number) ?? "null"),
            ("n_interval", profile.vertexInterval.map(pair) ?? "null"),
            ("d", profile.vertexTokens.map(JSONText.number) ?? "null"),
            ("loss", profile.vertexLoss.map(JSONText.number) ?? "null"),
            ("is_interior", profile.isInterior ? "true" : "false"), ("parabola_in_ln_n", parabola ?? "null"),
        ])
    }

    private static func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + Number.significant(value, 3) }
}
