extension ChinchillaFit {
    /// The fit as a person reads it on a terminal.
    public func text(dropped: [String] = []) -> String {
        var lines = ["L(N, D) = E + A/N^alpha + B/D^beta    fitted to \(points.count) runs", ""]
        lines += parameterLines
        lines += ["", "Compute-optimal at C = 6ND:  N = G (C/6)^a,  D = (C/6)^b / G"]
        lines += [
            "",
            "objective          \(Number.exact(objective))  (\(options.loss.description))",
            "typical residual   \(Number.short(100 * residualSpread)) % of the loss",
            "search             \(certificate.startsScreened) starts screened, \(certificate.startsPolished) polished, "
                + "\(certificate.startsAtOptimum) at this optimum; relative gradient \(Number.short(certificate.relativeGradient))",
            "condition number   \(Number.short(certificate.conditionNumber))",
        ]
        if let bootstrap {
            lines.append(
                "intervals          95 %, \(bootstrap.parameters.count) bootstrap resamples, seed \(options.seed)")
        }
        lines += dropped.map { "note: \($0)" }
        lines += warnings.map { "\($0.isGrave ? "do not trust" : "caution"): \($0.text)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private var parameterLines: [String] {
        let units = ["E": "nats/token"]
        let rows = parameters.map { name, value in
            let interval = interval(name).map {
                "\(Number.short($0.lowerBound)) … \(Number.short($0.upperBound))"
            }
            let error = standardError(name).map(Number.short)
            return [name, Number.significant(value, 6), error ?? "", interval ?? "", units[name] ?? ""]
        }
        return TextColumns.aligned([["", "value", "std. error", "95 % interval", ""]] + rows)
    }
}
