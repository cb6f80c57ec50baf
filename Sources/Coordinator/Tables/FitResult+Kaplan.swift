import ScalingLaws

extension FitResult {
    /// Kaplan's power laws in N and in D, and the joint law with and without an irreducible loss where there are runs
    /// enough for it.
    /// - Parameter problems: why a joint law is missing.
    init(_ fit: KaplanFit, joint: [LawFit], problems: [FitWarning] = []) {
        let lines = [fit.lossOfParameters, fit.lossOfTokens].compactMap { $0 }
        self.init(
            law: "kaplan", formula: "L(X) = (X_c/X)^alpha", pointCount: fit.points.count,
            parameters: lines.flatMap(Self.parameters) + joint.flatMap(Self.parameters),
            objective: lines.reduce(0) { $0 + $1.objective }, objectiveName: "squares of ln L about the lines")
        warnings = fit.warnings + joint.flatMap(Self.warnings) + problems
        facts = lines.map { ("L(\($0.variable.rawValue)) takes", "\($0.rule): \($0.points.count) points") }
        facts += lines.compactMap(Self.bend)
        facts += joint.map {
            ("joint", "\($0.form.formula): \(Number.short(100 * $0.residualSpread)) % typical residual")
        }
        fields = [
            ("rules", JSONText.object(lines.map { ("L(\($0.variable.rawValue))", JSONText.string($0.rule)) })),
            ("points_used", JSONText.object(lines.map { ("L(\($0.variable.rawValue))", String($0.points.count)) })),
            ("with_irreducible", JSONText.object(lines.compactMap(Self.bent))),
            (
                "joint",
                JSONText.object(
                    joint.map { fit in
                        (
                            fit.form.rawValue,
                            JSONText.object([
                                ("objective", JSONText.number(fit.objective)),
                                ("residual_rms", JSONText.number(fit.residualSpread)),
                                ("warnings", JSONText.array(fit.warnings.map { JSONText.string($0.text) })),
                            ])
                        )
                    })
            ),
        ]
    }

    private static func parameters(_ line: PowerLawFit) -> [Parameter] {
        let axis = line.variable.rawValue
        return [
            Parameter(
                name: "alpha_\(axis)", value: line.exponent, error: line.exponentError, interval: line.exponentInterval),
            Parameter(name: "\(axis)_c", value: line.scale, interval: line.scaleInterval),
        ]
    }

    private static func parameters(_ fit: LawFit) -> [Parameter] {
        let prefix = fit.form == .kaplan ? "joint_" : "joint+E_"
        return fit.parameters.map { name, value in
            Parameter(
                name: prefix + name, value: value, error: fit.standardError(name), interval: fit.interval(name),
                unit: name == "E" ? "nats/token" : "")
        }
    }

    private static func warnings(_ fit: LawFit) -> [FitWarning] {
        let prefix = fit.form == .kaplan ? "joint" : "joint with E"
        return fit.warnings.map { $0.prefixed(prefix) }
    }

    private static func bend(_ line: PowerLawFit) -> (label: String, text: String)? {
        line.withIrreducible.map { law in
            (
                "L(\(line.variable.rawValue)) with E",
                "exponent \(Number.short(law.exponent)), E \(Number.short(law.irreducible)) nats/token"
            )
        }
    }

    private static func bent(_ line: PowerLawFit) -> (String, String)? {
        line.withIrreducible.map { law in
            (
                "L(\(line.variable.rawValue))",
                JSONText.object([
                    ("E", JSONText.number(law.irreducible)), ("A", JSONText.number(law.coefficient)),
                    ("alpha", JSONText.number(law.exponent)), ("objective", JSONText.number(law.objective)),
                ])
            )
        }
    }
}
