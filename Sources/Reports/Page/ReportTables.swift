import ScalingLaws

/// The tables of a report as HTML.
struct ReportTables {
    private let report: Report

    init(_ report: Report) { self.report = report }

    /// One row per run.
    var runs: String {
        let withBits = report.runs.contains { $0.bitsPerByte != nil }
        let withExact = report.runs.contains { $0.exactFLOPs != nil }
        var head = ["run", "N", "N without embeddings", "D (tokens)", "D/N", "6ND"]
        head += withExact ? ["exact FLOP"] : []
        head += ["final loss", "± s.e."] + (withBits ? ["bits per byte"] : []) + ["fitted", "status"]
        let rows = report.runs.map { run in
            var cells = [
                run.name, Humanly.count(run.parameters), Humanly.count(run.nonEmbeddingParameters),
                Humanly.count(run.tokens), Humanly.significant(Double(run.tokens) / Double(max(run.parameters, 1)), 3),
                Humanly.flops(run.flops),
            ]
            cells += withExact ? [run.exactFLOPs.map(Humanly.flops) ?? "–"] : []
            cells += [run.finalLoss.map(Humanly.loss) ?? "–", run.finalLossError.map(Humanly.loss) ?? "–"]
            cells += withBits ? [run.bitsPerByte.map { Humanly.significant($0, 4) } ?? "–"] : []
            cells += [fitted(run), run.status.rawValue]
            return cells
        }
        return table(head, rows)
    }

    /// The last held-out loss of each source of each run whose corpus has several.
    var sources: String? {
        let rows = report.runs.flatMap { run in
            run.sources.map { source in
                [
                    run.name, source.name, Humanly.loss(source.loss), Humanly.loss(source.standardError),
                    source.bitsPerByte.map { Humanly.significant($0, 4) } ?? "–",
                    source.bitsPerCharacter.map { Humanly.significant($0, 4) } ?? "–",
                ]
            }
        }
        let head = ["run", "source", "held-out loss", "± s.e.", "bits per byte", "bits per character"]
        return rows.isEmpty ? nil : table(head, rows)
    }

    /// The fitted parameters with interval and standard error, beside published ones and theory.
    var parameters: String? {
        guard let fit = report.chinchilla else { return nil }
        let published = [PublishedLaw.hoffmannParametric, PublishedLaw.epoch]
        let head =
            ["", "this fit", "95 % interval", "standard error"] + (report.calibration == nil ? [] : ["theory"])
            + ["Hoffmann 2022", "Epoch 2024"]
        let rows = fit.parameters.map { name, value in
            var cells = [Self.symbol(name), Humanly.significant(value, 5)]
            cells.append(
                fit.interval(name).map {
                    "\(Humanly.significant($0.lowerBound, 4)) … \(Humanly.significant($0.upperBound, 4))"
                } ?? "–")
            cells.append(fit.bootstrap?.standardError(name).map { Humanly.significant($0, 3) } ?? "–")
            if let theory = report.calibration { cells.append(Self.theory(theory, name)) }
            return cells
                + published.map { law in
                    law.law.flatMap { Self.value($0, name) }.map { Humanly.significant($0, 4) } ?? "–"
                }
        }
        return table(head, rows)
    }

    /// How it was made.
    var facts: String {
        let rows = report.facts.map { fact in
            Markup.element("dt", [:], Markup.escape(fact.name)) + Markup.element("dd", [:], Markup.escape(fact.value))
        }
        return Markup.element("dl", [:], rows.joined())
    }

    private func fitted(_ run: RunSummary) -> String {
        // By the point's own N: the fit may count parameters by another convention than the table.
        guard let fit = report.chinchilla, let point = fit.points.first(where: { $0.label == run.name }) else {
            return "–"
        }
        return Humanly.loss(fit.law.loss(n: point.n, d: point.d))
    }

    /// As a reader knows a parameter.
    static func symbol(_ name: String) -> String {
        switch name {
        case "E": "E (nats per token)"
        case "alpha": "α"
        case "beta": "β"
        case "a": "a: N_opt ∝ C^a"
        case "b": "b: D_opt ∝ C^b"
        default: name
        }
    }

    private static func theory(_ theory: CalibrationTheory, _ name: String) -> String {
        switch name {
        case "E": "\(Humanly.significant(theory.irreducible, 6)) (exact)"
        case "alpha": "\(Humanly.significant(theory.alpha, 3)) (asymptotic)"
        case "beta": "\(Humanly.significant(theory.beta, 3)) (asymptotic)"
        case "a": Humanly.significant(theory.beta / (theory.alpha + theory.beta), 3)
        case "b": Humanly.significant(theory.alpha / (theory.alpha + theory.beta), 3)
        default: "–"
        }
    }

    private static func value(_ law: ChinchillaLaw, _ name: String) -> Double? {
        switch name {
        case "E": law.irreducible
        case "A": law.capacity
        case "B": law.data
        case "alpha": law.alpha
        case "beta": law.beta
        case "a": law.optimum.a
        case "b": law.optimum.b
        case "G": law.optimum.g
        default: nil
        }
    }

    private func table(_ head: [String], _ rows: [[String]]) -> String {
        let cells: (String, [String]) -> String = { tag, texts in
            Markup.element("tr", [:], texts.map { Markup.element(tag, [:], Markup.escape($0)) }.joined())
        }
        let body = rows.map { cells("td", $0) }.joined(separator: "\n")
        let table = Markup.element(
            "table", [:], Markup.element("thead", [:], cells("th", head)) + Markup.element("tbody", [:], body))
        return Markup.element(
            "div", ["class": "scroll", "tabindex": "0", "role": "group", "aria-label": "table"], table)
    }
}
