/// What the optimum itself says about how far it can be trusted.
struct FitCheck {
    private let fit: LawFit
    /// On 240 well-spread points the scaled condition number is about 1e3–1e4.
    static let largestConditionNumber = 1e7
    /// Exponents outside were not measured.
    static let credibleExponents = 0.02...2.0

    init(_ fit: LawFit) { self.fit = fit }

    var warnings: [FitWarning] {
        convergenceWarnings + identificationWarnings + valueWarnings + intervalWarnings
    }

    private var convergenceWarnings: [FitWarning] {
        var result: [FitWarning] = []
        if fit.certificate.relativeGradient > 1e-6 && fit.objective > 1e-25 {
            result.append(
                .grave(
                    "the search did not end at a stationary point: relative gradient \(Number.short(fit.certificate.relativeGradient))"
                ))
        }
        if fit.certificate.startsAtOptimum < 2 {
            result.append(
                .caution(
                    "only 1 of \(fit.certificate.startsPolished) polished starts found this optimum: a lower one may exist"
                ))
        }
        if let second = fit.certificate.secondBasin, second < fit.objective * 1.02 {
            result.append(
                .caution(
                    "another optimum is almost as good (objective \(Number.short(second)) against "
                        + "\(Number.short(fit.objective))): the exponents may be elsewhere"))
        }
        return result
    }

    private var identificationWarnings: [FitWarning] {
        guard fit.certificate.conditionNumber > Self.largestConditionNumber else { return [] }
        return [
            .grave(
                "the points do not identify all parameters: condition number "
                    + "\(Number.short(fit.certificate.conditionNumber)), where a good design has 1e4 or less")
        ]
    }

    private var valueWarnings: [FitWarning] {
        let exponents = fit.form.exponents.filter { !fit.given.contains($0.name) }
        let incredible = exponents.compactMap { name, axis -> FitWarning? in
            guard let value = fit.form.value(name, of: fit.values),
                value < Self.credibleExponents.lowerBound || value > Self.credibleExponents.upperBound
            else { return nil }
            return .grave(
                "\(name) = \(Number.short(value)) is no credible exponent: the runs do not show a power law in \(axis)")
        }
        return incredible + floorWarnings + negligibleTerms + repetitionWarnings
    }

    private var floorWarnings: [FitWarning] {
        guard let name = fit.form.floorName, !fit.given.contains(name),
            let floor = fit.form.value(name, of: fit.values), let lowest = fit.points.map(\.loss).min(),
            floor < 0.01 * lowest
        else { return [] }
        return [
            .grave(
                "\(name) = \(Number.short(floor)) is next to nothing: the runs are too far from any floor to show one")
        ]
    }

    /// A term below 0.1 % of the loss everywhere is not measured by these runs.
    private var negligibleTerms: [FitWarning] {
        guard fit.form == .chinchilla else { return [] }
        let law = LawForm.chinchilla(fit.values)
        let capacity = fit.points.map { law.capacityTerm($0.n) / $0.loss }.max() ?? 0
        let data = fit.points.map { law.dataTerm($0.d) / $0.loss }.max() ?? 0
        return [("A/N^alpha", capacity), ("B/D^beta", data)].filter { $0.1 < 1e-3 }.map { term, share in
            .grave(
                "the term \(term) is at most \(Number.short(100 * share)) % of any loss: these runs do not measure it")
        }
    }

    /// R_D beyond all epochs that were run, or R_N beyond all excess, is a bound and no value.
    private var repetitionWarnings: [FitWarning] {
        guard fit.form == .dataConstrained else { return [] }
        let law = DataConstrainedLaw(
            base: LawForm.chinchilla(fit.values), repetition: fit.values[5], excess: fit.values[6])
        let repeats = fit.points.map { $0.d / ($0.uniqueTokens ?? $0.d) - 1 }.max() ?? 0
        let excess =
            fit.points.map { $0.n / law.parametersWanted(tokens: $0.uniqueTokens ?? $0.d) - 1 }.max() ?? 0
        return [("R_D", law.repetition, max(repeats, 0), "repeats"), ("R_N", law.excess, max(excess, 0), "excess")]
            .filter { $0.1 > 10 * $0.2 }
            .map { name, value, largest, what in
                .grave(
                    "\(name) = \(Number.short(value)) lies beyond what these runs can show: the largest \(what) among "
                        + "them is \(Number.short(largest)) times")
            }
    }

    /// A number whose interval is wider than itself, or reaches down to none, is not known.
    static func pinned(_ name: String, _ value: Double, _ interval: ClosedRange<Double>?) -> [FitWarning] {
        guard let interval,
            interval.upperBound - interval.lowerBound > abs(value) || interval.lowerBound <= 0
        else { return [] }
        return [
            .grave(
                "\(name) is not pinned down: 95 % interval \(Number.short(interval.lowerBound)) to "
                    + "\(Number.short(interval.upperBound)) around \(Number.short(value))")
        ]
    }

    private var intervalWarnings: [FitWarning] {
        guard let bootstrap = fit.bootstrap else {
            return fit.options.resamples == 0 || fit.options.indices?.isEmpty == true
                ? [] : [.grave("no bootstrap resample could be fitted: no intervals")]
        }
        var result: [FitWarning] = []
        if 5 * bootstrap.skipped > bootstrap.indices.count {
            result.append(
                .caution("\(bootstrap.skipped) of \(bootstrap.indices.count) bootstrap resamples could not be fitted"))
        }
        let repetition = fit.form == .dataConstrained ? ["R_D", "R_N"] : []
        let watched = fit.form.exponents.map(\.name) + [fit.form.floorName].compactMap { $0 } + repetition
        for (name, value) in fit.parameters where watched.contains(name) {
            result += Self.pinned(name, value, fit.interval(name))
        }
        return result
    }
}
