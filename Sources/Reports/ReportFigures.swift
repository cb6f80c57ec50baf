import Foundation
import ScalingLaws

/// The plots of a report.
struct ReportFigures {
    private let report: Report
    private let sizes: [Int]

    init(_ report: Report) {
        self.report = report
        sizes = Set(report.curves.map(\.parameters) + report.runs.map(\.parameters)).sorted()
    }

    // MARK: Curves

    /// Loss against tokens for every run: the training loss as a line, the evaluations as points.
    var lossAgainstTokens: Plot? {
        curvePlot(
            "Loss against tokens, one line per run", x: Axis("training tokens D", .logarithmic, labels: .counts)
        ) { $0.tokens }
    }

    /// Loss against compute with the lower envelope, and the fitted law's where there is one.
    var lossAgainstCompute: Plot? {
        let axis = Axis("training compute C = 6ND (FLOP)", .logarithmic, labels: .powers)
        guard var plot = curvePlot("Loss against compute, one line per run", x: axis, place: { $0.flops }) else {
            return nil
        }
        let frontier = Frontier(measured { $0.flops }.map(\.points))
        plot.series = plot.series.map(Self.namedInsteadOfLabelled)
        plot.series.append(Plot.Series("frontier", frontier.points, .thickLine, color: .ink))
        if let law = report.chinchilla?.law, let low = frontier.points.first?.x, let high = frontier.points.last?.x {
            let top = frontier.points.map(\.y).max() ?? .infinity
            let points = Self.logarithmicGrid(low, high, 60).map { Plot.Point($0, law.optimalLoss(compute: $0)) }
            plot.series.append(
                Plot.Series("fitted optimum", points.filter { $0.y <= top }, .dashedLine, color: .category(1)))
        }
        return plot
    }

    /// Where lines end in the midst of others, a label would cover them: the legend names them.
    private static func namedInsteadOfLabelled(_ series: Plot.Series) -> Plot.Series {
        var series = series
        series.name = series.label ?? ""
        series.label = nil
        return series
    }

    private func curvePlot(_ description: String, x: Axis, place: (Curve.Step) -> Double) -> Plot? {
        let evaluations = measured(place)
        let series = trainingSeries(place) + evaluations
        let losses = series.flatMap(\.points).map(\.y).filter(\.isFinite)
        guard let low = losses.min(), let high = losses.max() else { return nil }
        let scale: Axis.Scale = low > 0 && high / low > 2.5 ? .logarithmic : .linear
        return Plot(description, x: x, y: Axis("loss (nats per token)", scale), series: series, levels: entropyLevel)
    }

    private func trainingSeries(_ place: (Curve.Step) -> Double) -> [Plot.Series] {
        var labelled: Set<Int> = []
        // The longest run of a size carries its label.
        let ordered = report.curves.sorted {
            ($0.parameters, -($0.steps.last?.tokens ?? 0)) < ($1.parameters, -($1.steps.last?.tokens ?? 0))
        }
        return ordered.compactMap { curve in
            let points = curve.smoothed().map { Plot.Point(place($0), $0.lossTrain) }
            guard !points.isEmpty else { return nil }
            let label = labelled.insert(curve.parameters).inserted ? Humanly.count(curve.parameters) : nil
            return Plot.Series("", points, .thinLine, color: color(curve.parameters), label: label)
        }
    }

    /// The evaluated losses, or the training losses of runs that were never evaluated.
    private func measured(_ place: (Curve.Step) -> Double) -> [Plot.Series] {
        report.curves.map { curve in
            let evaluated = curve.steps.filter { place($0) > 0 }.compactMap { step in
                step.lossEvaluated.map { Plot.Point(place(step), $0, error: step.lossEvaluatedError) }
            }
            let points = evaluated.isEmpty ? curve.smoothed().map { Plot.Point(place($0), $0.lossTrain) } : evaluated
            return Plot.Series("", points, evaluated.isEmpty ? .thinLine : .dots, color: color(curve.parameters))
        }
    }

    // MARK: Fit

    /// Final loss against N, a line of the fitted law for each of up to six D.
    var fitAgainstPoints: Plot? {
        guard let fit = report.chinchilla, let low = fit.points.map(\.n).min(), let high = fit.points.map(\.n).max()
        else { return nil }
        let tokens = Set(fit.points.map(\.d)).sorted()
        let shown = tokens.count <= 6 ? tokens : (0..<6).map { tokens[$0 * (tokens.count - 1) / 5] }
        let color: (Double) -> PlotColor = { .ramp(logarithmicShare($0, tokens[0], tokens[tokens.count - 1])) }
        let lines = shown.map { d in
            let points = Self.logarithmicGrid(low / 1.15, high * 1.15, 60).map {
                Plot.Point($0, fit.law.loss(n: $0, d: d))
            }
            return Plot.Series("", points, .line, color: color(d), label: Humanly.count(d) + " tokens")
        }
        let errors = Dictionary(report.runs.map { ($0.name, $0.finalLossError) }) { first, _ in first }
        let points = fit.points.map { point in
            let error = errors[point.label] ?? nil
            return Plot.Series("", [Plot.Point(point.n, point.loss, error: error)], .points, color: color(point.d))
        }
        return Plot(
            "Final loss against parameters: points measured, lines fitted, one line per number of tokens",
            x: Axis("parameters N", .logarithmic, labels: .counts), y: Axis("final loss (nats per token)", .linear),
            series: lines + points)
    }

    /// Residuals in per cent of the loss against compute.
    var residuals: Plot? {
        guard let fit = report.chinchilla, let low = fit.points.map(\.n).min(), let high = fit.points.map(\.n).max()
        else { return nil }
        let points = fit.points.map { point in
            let predicted = fit.law.loss(n: point.n, d: point.d)
            return Plot.Series(
                "", [Plot.Point(6 * point.n * point.d, 100 * (point.loss / predicted - 1))], .points,
                color: .ramp(logarithmicShare(point.n, low, high)))
        }
        return Plot(
            "What the fit leaves over, in per cent of the loss",
            x: Axis("training compute C = 6ND (FLOP)", .logarithmic, labels: .powers),
            y: Axis("measured − fitted (%)", .linear), series: points, levels: [Plot.Level(0, label: "")])
    }

    // MARK: Exponents

    /// N_opt ∝ C^a: ours beside the published ones.
    var optimumExponents: IntervalPlot? {
        guard let fit = report.chinchilla else { return nil }
        let ours = IntervalPlot.Row("this fit", fit.law.optimum.a, interval: fit.interval("a"), isOurs: true)
        let theory = report.calibration.map { theory in
            [IntervalPlot.Row("theory of the source", theory.beta / (theory.alpha + theory.beta))]
        }
        let published = PublishedLaw.all.map { IntervalPlot.Row($0.name, $0.exponent, interval: $0.interval) }
        return IntervalPlot(
            "The exponent a of the compute-optimal model size, this fit and published ones",
            axis: Axis("exponent a of N_opt ∝ C^a", .linear), rows: [ours] + (theory ?? []) + published)
    }

    /// α and β: ours beside the published ones.
    var lossExponents: IntervalPlot? {
        guard let fit = report.chinchilla else { return nil }
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
            rows += kaplanRow(symbol)
        }
        return IntervalPlot(
            "The exponents of the loss in N and D, this fit and published ones",
            axis: Axis("exponent of the loss", .linear), rows: rows)
    }

    /// Kaplan's form has no irreducible loss, so its exponents are of another kind; they are named so.
    private func kaplanRow(_ symbol: String) -> [IntervalPlot.Row] {
        let line = symbol == "α" ? report.kaplan?.lossOfParameters : report.kaplan?.lossOfTokens
        let published = symbol == "α" ? KaplanConstants.alphaN : KaplanConstants.alphaD
        let ours = line.map {
            IntervalPlot.Row("\(symbol) without E, this fit", $0.exponent, interval: $0.exponentInterval, isOurs: true)
        }
        return [ours, IntervalPlot.Row("\(symbol) without E, Kaplan", published)].compactMap { $0 }
    }

    // MARK: Helpers

    private var entropyLevel: [Plot.Level] {
        report.calibration.map {
            [Plot.Level($0.irreducible, label: "exact entropy \(Humanly.loss($0.irreducible))")]
        } ?? []
    }

    private func color(_ parameters: Int) -> PlotColor {
        guard sizes.count > 1 else { return .category(0) }
        let rank = sizes.firstIndex { $0 >= parameters } ?? sizes.count - 1
        return .ramp(Double(rank) / Double(sizes.count - 1))
    }

    private static func logarithmicGrid(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
        (0...count).map { low * pow(high / low, Double($0) / Double(count)) }
    }
}
