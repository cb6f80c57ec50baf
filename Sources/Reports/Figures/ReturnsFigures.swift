import Foundation
import ScalingLaws

extension ReportFigures {
    /// What compute, parameters and tokens buy, and what is left to buy.
    var returns: [Exhibit] { [lossAgainstBudget, excessLoss, natsPerDoubling, repeats] }

    /// L(C): final losses, the fitted optimum with its band a decade further than the runs, and runs held out.
    private var lossAgainstBudget: Exhibit {
        let what = "The loss that a budget buys"
        guard let fit = report.chinchilla, let span = range(\.compute, beyond: 10) else {
            return .missing(what, because: noLaw)
        }
        let grid = logarithmicGrid(span.lowerBound, span.upperBound)
        let best: (Double) -> Double = { fit.law.optimalLoss(compute: $0) }
        var series: [Plot.Series] = []
        if let band = fit.band(grid, of: { $0.optimalLoss(compute: $1) }) {
            series.append(Plot.Series("95 % of resamples", band, .band, color: .category(1)))
        }
        series.append(
            Plot.Series("fitted optimum", grid.map { Plot.Point($0, best($0)) }, .dashedLine, color: .category(1)))
        series += fit.points.map { point in
            Plot.Series(
                "", [Plot.Point(point.compute, point.loss, error: error(of: point), name: point.label)], .points,
                color: color(of: point), dataName: "measured")
        }
        let held = report.predictions.compactMap { prediction in
            prediction.measured.map { Plot.Point(prediction.compute, $0, name: prediction.name) }
        }
        if !held.isEmpty { series.append(Plot.Series("predicted runs", held, .rings, color: .ink)) }
        return .figure(
            Figure(
                "loss-against-budget", "The loss that a budget buys",
                [
                    Plot(
                        "Final losses against compute with the fitted optimum", x: Self.computeAxis,
                        y: Axis("final " + Self.lossTitle, .logarithmic), series: series,
                        levels: levels(near: fit.points.map(\.loss)))
                ],
                caption:
                    "Points: final losses of the fitted runs, with standard errors over held-out sequences, colour "
                    + "by N; dashed: the law at its compute-optimal N and D, drawn ten times beyond the largest budget "
                    + "fitted; band: its central 95 % over bootstrap resamples, which holds the form of the law for "
                    + "true" + (held.isEmpty ? "." : "; rings: runs whose loss was predicted from smaller ones.")))
    }

    func error(of point: FitPoint) -> Double? {
        point.lossError ?? report.runs.first { $0.name == point.label }?.finalLossError
    }

    /// The part of the loss above E, where a power law is a straight line.
    private var excessLoss: Exhibit {
        guard let fit = report.chinchilla else { return .missing("The loss above E", because: noLaw) }
        let law = fit.law
        func panel(
            _ axis: Axis, _ value: (FitPoint) -> Double, _ name: String, color: (FitPoint) -> PlotColor,
            limit: (Double) -> Double
        ) -> Plot? {
            let above = fit.points.filter { $0.loss > law.irreducible }
            guard let low = above.map(value).min(), let high = above.map(value).max() else { return nil }
            let points = above.map { point in
                Plot.Series(
                    "",
                    [
                        Plot.Point(
                            value(point), point.loss - law.irreducible, error: error(of: point), name: point.label)
                    ],
                    .points, color: color(point), dataName: "measured − E")
            }
            let line = logarithmicGrid(low, high).map { Plot.Point($0, limit($0)) }
            return Plot(
                "Loss above E against \(axis.title)", x: axis, y: Axis("L − E (nats per token)", .logarithmic),
                series: points + [Plot.Series(name, line, .dashedLine, color: .category(1))])
        }
        let panels = [
            panel(Self.sizeAxis, \.n, "A/N^α", color: tokensColor) { law.capacityTerm($0) },
            panel(Self.tokensAxis, \.d, "B/D^β", color: color(of:)) { law.dataTerm($0) },
            panel(Self.computeAxis, \.compute, "fitted optimum", color: color(of:)) {
                law.optimalLoss(compute: $0) - law.irreducible
            },
        ].compactMap { $0 }
        return .figure(
            Figure(
                "loss-above-irreducible", "What is above the irreducible loss", panels,
                caption:
                    "The fitted E of \(Humanly.significant(law.irreducible, 4)) nats per token\(interval("E")) is taken "
                    + "off. Dashed: what is left when the other variable is without bound (N, D), or at its best (C). "
                    + "Points lie above it by what the other variable leaves. Colour: D in the first panel, N in the "
                    + "others. A wrong E bends the points at the right end."))
    }

    /// Rising with D over the fitted points.
    func tokensColor(_ point: FitPoint) -> PlotColor { range(\.d).map { .ramp(point.d, in: $0) } ?? .category(0) }

    /// " (95 %: 1.2 to 1.5)", or nothing.
    func interval(_ name: String) -> String {
        guard let range = report.chinchilla?.interval(name) else { return "" }
        return " (95 %: \(Humanly.significant(range.lowerBound, 3)) to \(Humanly.significant(range.upperBound, 3)))"
    }

    /// How much the loss falls when N, D or C doubles, along the compute-optimal line.
    private var natsPerDoubling: Exhibit {
        guard let law = report.chinchilla?.law, let span = range(\.compute, beyond: 100) else {
            return .missing("What a doubling buys", because: noLaw)
        }
        let best = law.optimum
        // The optimum nearly balances the first two: dashes let both be seen.
        let gains: [(name: String, color: Int, mark: Plot.Mark, nats: (Double) -> Double)] = [
            ("twice N", 0, .line, { law.capacityTerm(best.parameters(compute: $0)) * (1 - exp2(-law.alpha)) }),
            ("twice D", 2, .dashedLine, { law.dataTerm(best.tokens(compute: $0)) * (1 - exp2(-law.beta)) }),
            ("twice C, best shared", 1, .line, { law.optimalLoss(compute: $0) - law.optimalLoss(compute: 2 * $0) }),
        ]
        let series = gains.map { gain in
            let line = logarithmicGrid(span.lowerBound, span.upperBound).map { Plot.Point($0, gain.nats($0)) }
            return Plot.Series(gain.name, line, gain.mark, color: .category(gain.color))
        }
        let largest = Plot.Level(x: span.upperBound / 100, label: "largest run")
        return .figure(
            Figure(
                "nats-per-doubling", "What a doubling buys",
                [
                    Plot(
                        "Nats per token that a doubling of N, D or C takes off the loss, against compute",
                        x: Self.computeAxis, y: Axis("nats per token saved", .logarithmic), series: series,
                        levels: [largest])
                ], height: 340,
                caption:
                    "By the fitted law, starting from its compute-optimal N and D at each budget: doubling N alone "
                    + "or D alone doubles the compute too. Beyond the largest run it is an extrapolation."))
    }

    /// What repeated tokens are worth (Muennighoff et al. 2023).
    private var repeats: Exhibit {
        guard let worth = report.repeats else {
            return .missing(
                "What repeated data are worth",
                because: "it needs a fit of the data-constrained law to runs of several epochs; add runs whose "
                    + "tokens exceed the training text (a smaller corpus: limit_tokens, or more steps)")
        }
        let most = max(10, 1.3 * worth.mostEpochs)
        let grid = (0...80).map { 1 + (most - 1) * Double($0) / 80 }
        let lines = [
            Plot.Series("fresh text", grid.map { Plot.Point($0, $0) }, .thinLine, color: .muted),
            Plot.Series(
                "fitted", grid.map { Plot.Point($0, worth.effectiveEpochs($0)) }, .line, color: .category(1)),
        ]
        return .figure(
            Figure(
                "repeats", "What repeated data are worth",
                [
                    Plot(
                        "Epochs of fresh text that so many epochs of the same text are worth",
                        x: Axis("epochs", .linear),
                        y: Axis("worth in epochs of fresh text", .linear), series: lines,
                        levels: [Plot.Level(x: worth.mostEpochs, label: "most epochs of a run")])
                ], height: 340,
                caption: "D′ = U + U R* (1 − exp(−R/R*)) with R = epochs − 1 repeats of U tokens (Muennighoff et al. "
                    + "2023, arXiv 2305.16264, eq. 5), R* = \(Humanly.significant(worth.decay, 3))"
                    + (worth.interval.map {
                        " (95 %: \(Humanly.significant($0.lowerBound, 3)) to \(Humanly.significant($0.upperBound, 3)))"
                    } ?? "") + ". To the right of the marked line it is an extrapolation."))
    }
}
