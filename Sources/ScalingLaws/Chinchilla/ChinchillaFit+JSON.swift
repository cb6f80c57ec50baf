extension ChinchillaFit {
    /// What `apus fit --law chinchilla --json` prints: `law, objective, n_points, parameters, intervals,
    /// standard_errors, optimum, warnings`, and how the optimum was reached.
    public func json(dropped: [String] = []) -> String {
        let best = law.optimum
        return JSONText.document([
            ("law", JSONText.string("chinchilla")),
            ("objective", JSONText.number(objective)),
            ("n_points", String(points.count)),
            ("parameters", JSONText.object(Array(parameters.prefix(5)).map { ($0.name, JSONText.number($0.value)) })),
            ("intervals", JSONText.object(intervalFields)),
            ("standard_errors", JSONText.object(standardErrorFields)),
            (
                "optimum",
                JSONText.object([
                    ("a", JSONText.number(best.a)), ("b", JSONText.number(best.b)), ("G", JSONText.number(best.g)),
                ])
            ),
            ("warnings", JSONText.array(warnings.map { JSONText.string($0.text) })),
            ("trustworthy", isTrustworthy ? "true" : "false"),
            ("dropped", JSONText.array(dropped.map(JSONText.string))),
            ("loss_function", JSONText.string(options.loss.description)),
            ("relative_gradient", JSONText.number(certificate.relativeGradient)),
            ("condition_number", JSONText.number(certificate.conditionNumber)),
            ("residual_rms", JSONText.number(residualSpread)),
            ("starts", searchFields),
            ("bootstrap", bootstrapFields),
        ])
    }

    private var intervalFields: [(String, String)] {
        Self.parameterNames.compactMap { name in
            interval(name).map {
                (name, JSONText.array([JSONText.number($0.lowerBound), JSONText.number($0.upperBound)]))
            }
        }
    }

    private var standardErrorFields: [(String, String)] {
        Self.parameterNames.compactMap { name in
            standardError(name).map { (name, JSONText.number($0)) }
        }
    }

    private var searchFields: String {
        JSONText.object([
            ("screened", String(certificate.startsScreened)), ("polished", String(certificate.startsPolished)),
            ("at_optimum", String(certificate.startsAtOptimum)),
            ("second_basin_objective", certificate.secondBasin.map(JSONText.number) ?? "null"),
        ])
    }

    private var bootstrapFields: String {
        JSONText.object([
            ("resamples", String(bootstrap?.indices.count ?? 0)), ("fitted", String(bootstrap?.parameters.count ?? 0)),
            ("seed", String(options.seed)), ("level", "0.95"),
        ])
    }
}
