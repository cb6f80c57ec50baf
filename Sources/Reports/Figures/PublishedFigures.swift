import ScalingLaws

extension ReportFigures {
    /// Ours beside what others found.
    var published: [Exhibit] { [optimumExponents, lossExponents] }

    /// N_opt ∝ C^a: ours beside the published ones.
    private var optimumExponents: Exhibit {
        let what = "The exponent of the best size"
        let parametric = report.chinchilla.map {
            IntervalPlot.Row("this fit", $0.law.optimum.a, interval: $0.interval("a"), isOurs: true)
        }
        let ours =
            [parametric].compactMap { $0 }
            + report.optima.map {
                IntervalPlot.Row("\($0.name), ours", $0.exponent, interval: $0.interval, isOurs: true)
            }
        guard !ours.isEmpty else { return .missing(what, because: noLaw) }
        let theory = report.calibration.map { theory in
            [IntervalPlot.Row("theory of the source", theory.beta / (theory.alpha + theory.beta))]
        }
        let others = PublishedLaw.all.map { IntervalPlot.Row($0.name, $0.exponent, interval: $0.interval) }
        let sources = PublishedLaw.all.map { "\($0.name): \($0.source)" }.joined(separator: "; ")
        return .figure(
            Figure(
                "optimum-exponents", what,
                [
                    IntervalPlot(
                        "The exponent a of the compute-optimal model size, this fit and published ones",
                        axis: Axis("exponent a of N_opt ∝ C^a", .linear), rows: ours + (theory ?? []) + others)
                ],
                caption:
                    "How the best model size grows with compute. Ours with its 95 % bootstrap interval; Chinchilla's "
                    + "intervals are 10–90 %, Epoch's 95 %. N counts all parameters; Kaplan's leaves out embeddings. "
                    + "\(sources)."))
    }

    /// α and β: ours beside the published ones.
    private var lossExponents: Exhibit {
        guard let fit = report.chinchilla else { return .missing("The exponents of the loss", because: noLaw) }
        let laws = [("Chinchilla", PublishedLaw.hoffmannParametric), ("Epoch", PublishedLaw.epoch)]
        var rows: [IntervalPlot.Row] = []
        for (symbol, name, path) in [("α", "alpha", \ChinchillaLaw.alpha), ("β", "beta", \ChinchillaLaw.beta)] {
            rows.append(
                IntervalPlot.Row(
                    "\(symbol), this fit", fit.law[keyPath: path], interval: fit.interval(name), isOurs: true))
            if let theory = report.calibration {
                rows.append(IntervalPlot.Row("\(symbol), theory", name == "alpha" ? theory.alpha : theory.beta))
            }
            rows += laws.compactMap { author, published in
                published.law.map { IntervalPlot.Row("\(symbol), \(author)", $0[keyPath: path]) }
            }
            rows += kaplanRows(symbol)
        }
        return .figure(
            Figure(
                "loss-exponents", "The exponents of the loss",
                [
                    IntervalPlot(
                        "The exponents of the loss in N and D, this fit and published ones",
                        axis: Axis("exponent of the loss", .linear), rows: rows)
                ],
                caption:
                    "Kaplan's form has no irreducible loss, so its exponents are smaller by nature. Exponents belong "
                    + "to a kind of data: other text has others."))
    }

    /// Kaplan's form has no irreducible loss, so its exponents are of another kind; they are named so.
    private func kaplanRows(_ symbol: String) -> [IntervalPlot.Row] {
        let line = symbol == "α" ? report.kaplan?.lossOfParameters : report.kaplan?.lossOfTokens
        let published = symbol == "α" ? KaplanConstants.alphaN : KaplanConstants.alphaD
        let ours = line.map {
            IntervalPlot.Row("\(symbol) without E, this fit", $0.exponent, interval: $0.exponentInterval, isOurs: true)
        }
        return [ours, IntervalPlot.Row("\(symbol) without E, Kaplan", published)].compactMap { $0 }
    }
}
