import ScalingLaws

extension FitResult {
    /// A law of any parametric form.
    init(_ fit: LawFit) {
        let isAllocation = fit.form == .chinchilla || fit.form == .dataConstrained
        self.init(
            law: fit.form.rawValue, formula: fit.form.formula, pointCount: fit.points.count,
            parameters: fit.parameters.map { Self.parameter($0.name, $0.value, fit) }, objective: fit.objective,
            objectiveName: fit.options.loss.description, warnings: fit.warnings)
        if isAllocation {
            optimum = ["a", "b", "G"].compactMap { name in
                fit.form.value(name, of: fit.values).map { Self.parameter(name, $0, fit) }
            }
            optimumFormula = "Compute-optimal at C = 6ND:  N = G (C/6)^a,  D = (C/6)^b / G"
        }
        facts = Self.facts(fit)
        fields = Self.fields(fit)
        resamples = fit.bootstrap?.indices ?? []
    }

    private static func parameter(_ name: String, _ value: Double, _ fit: LawFit) -> Parameter {
        let isFloor = name == "E" || (name == "c" && fit.form == .compute)
        return Parameter(
            name: name, value: value, error: fit.standardError(name), interval: fit.interval(name),
            unit: isFloor ? "nats/token" : "")
    }

    private static func facts(_ fit: LawFit) -> [(label: String, text: String)] {
        let certificate = fit.certificate
        var facts = [
            ("typical residual", "\(Number.short(100 * fit.residualSpread)) % of the loss"),
            (
                "search",
                "\(certificate.startsScreened) starts screened, \(certificate.startsPolished) polished, "
                    + "\(certificate.startsAtOptimum) at this optimum; relative gradient "
                    + Number.short(certificate.relativeGradient)
            ),
            ("condition number", Number.short(certificate.conditionNumber)),
        ]
        if let bootstrap = fit.bootstrap {
            let drawn = fit.options.indices == nil ? "seed \(fit.options.seed)" : "drawn as given"
            let what = bootstrap.drewClusters ? ", whole clusters" : ""
            facts.append(("intervals", "95 %, \(bootstrap.parameters.count) bootstrap resamples\(what), \(drawn)"))
        }
        return facts
    }

    private static func fields(_ fit: LawFit) -> [(String, String)] {
        let certificate = fit.certificate
        var fields = [
            (
                "certificate",
                JSONText.object([
                    ("relative_gradient", JSONText.number(certificate.relativeGradient)),
                    ("starts_screened", String(certificate.startsScreened)),
                    ("starts_polished", String(certificate.startsPolished)),
                    ("starts_at_optimum", String(certificate.startsAtOptimum)),
                    ("second_basin_objective", certificate.secondBasin.map(JSONText.number) ?? "null"),
                    ("condition_number", JSONText.number(certificate.conditionNumber)),
                ])
            ),
            ("residual_rms", JSONText.number(fit.residualSpread)),
            ("given", JSONText.array(fit.given.sorted().map(JSONText.string))),
            (
                "bootstrap",
                JSONText.object([
                    ("resamples", String(fit.bootstrap?.indices.count ?? 0)), ("fitted", String(fit.resampled.count)),
                    ("seed", fit.options.indices == nil ? String(fit.options.seed) : "null"),
                    ("clusters", fit.bootstrap?.drewClusters == true ? "true" : "false"), ("level", "0.95"),
                ])
            ),
            (
                "resampled_parameters",
                JSONText.array(fit.resampled.map { JSONText.array($0.map(JSONText.number)) })
            ),
        ]
        if case .huber(let delta) = fit.options.loss { fields.append(("huber_delta", JSONText.number(delta))) }
        return fields
    }
}
