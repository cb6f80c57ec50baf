/// What the optimum itself says about how far it can be trusted.
struct FitCheck {
    private let fit: ChinchillaFit

    init(_ fit: ChinchillaFit) { self.fit = fit }

    var warnings: [FitWarning] {
        convergenceWarnings + identificationWarnings + valueWarnings + intervalWarnings
    }

    private var convergenceWarnings: [FitWarning] {
        var result: [FitWarning] = []
        if fit.relativeGradient > 1e-6 && fit.objective > 1e-25 {
            result.append(
                .grave(
                    "the search did not end at a stationary point: relative gradient \(Number.short(fit.relativeGradient))"
                ))
        }
        if fit.startsAtOptimum < 2 {
            result.append(
                .caution("only 1 of \(fit.startsPolished) polished starts found this optimum: a lower one may exist"))
        }
        if let second = fit.secondBasin, second < fit.objective * 1.02 {
            result.append(
                .caution(
                    "another optimum is almost as good (objective \(Number.short(second)) against "
                        + "\(Number.short(fit.objective))): the exponents may be elsewhere"))
        }
        return result
    }

    /// On 240 well-spread points the scaled condition number is about 1e3–1e4.
    private var identificationWarnings: [FitWarning] {
        guard fit.conditionNumber > 1e7 else { return [] }
        return [
            .grave(
                "the points do not identify all five parameters: condition number "
                    + "\(Number.short(fit.conditionNumber)), where a good design has 1e4 or less")
        ]
    }

    private var valueWarnings: [FitWarning] {
        let law = fit.law
        var result: [FitWarning] = []
        for (name, axis, value) in [("alpha", "N", law.alpha), ("beta", "D", law.beta)] {
            if value < 0.02 || value > 2 {
                result.append(
                    .grave(
                        "\(name) = \(Number.short(value)) is no credible exponent: the runs do not show a power law in \(axis)"
                    ))
            }
        }
        let lowest = fit.points.map(\.loss).min() ?? 0
        if law.irreducible < 0.01 * lowest {
            result.append(
                .grave(
                    "E = \(Number.short(law.irreducible)) is next to nothing: the runs are too far from any floor to show one"
                )
            )
        }
        return result + negligibleTerms
    }

    /// A term below 0.1 % of the loss everywhere is not measured by these runs.
    private var negligibleTerms: [FitWarning] {
        let capacity = fit.points.map { fit.law.capacityTerm($0.n) / $0.loss }.max() ?? 0
        let data = fit.points.map { fit.law.dataTerm($0.d) / $0.loss }.max() ?? 0
        return [("A/N^alpha", capacity), ("B/D^beta", data)].filter { $0.1 < 1e-3 }.map { term, share in
            .grave(
                "the term \(term) is at most \(Number.short(100 * share)) % of any loss: these runs do not measure it")
        }
    }

    /// An exponent whose interval is wider than itself, or reaches down to none, is not known.
    private var intervalWarnings: [FitWarning] {
        guard let bootstrap = fit.bootstrap else {
            return fit.options.resamples == 0 ? [] : [.grave("no bootstrap resample could be fitted: no intervals")]
        }
        var result: [FitWarning] = []
        if 5 * bootstrap.skipped > fit.options.resamples {
            result.append(
                .caution("\(bootstrap.skipped) of \(fit.options.resamples) bootstrap resamples could not be fitted"))
        }
        for (name, value) in fit.parameters where ["E", "alpha", "beta"].contains(name) {
            guard let interval = bootstrap.interval(name) else { continue }
            if interval.upperBound - interval.lowerBound > value {
                result.append(
                    .grave(
                        "\(name) is not pinned down: 95 % interval \(Number.short(interval.lowerBound)) to "
                            + "\(Number.short(interval.upperBound)) around \(Number.short(value))"))
            }
        }
        return result
    }
}
