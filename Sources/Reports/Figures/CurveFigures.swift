import Foundation
import ScalingLaws

extension ReportFigures {
    /// The course of every run.
    var curves: [Exhibit] { [lossAgainstTokens, lossAgainstCompute] }

    /// Loss against tokens for every run: the training loss as a line, the evaluations as points.
    private var lossAgainstTokens: Exhibit {
        guard let plot = curvePlot("Loss against tokens, one line per run", x: Self.tokensAxis, place: { $0.tokens })
        else { return .missing("Curves of the loss", because: "no run has a row in its ledger yet; train it") }
        return .figure(
            Figure(
                "loss-against-tokens", "Loss against tokens", [plot],
                caption:
                    "Lines: training loss, averaged in equal steps of ln D; points: held-out loss with its standard "
                    + "error over sequences; colour and label: parameters N. Before the end of a run its learning rate "
                    + "has not come down, so only the last point of a line is what that size reaches with that D."))
    }

    /// Loss against compute with the lower envelope, and the fitted law's where there is one.
    private var lossAgainstCompute: Exhibit {
        let title = "Loss against compute, one line per run"
        guard var plot = curvePlot(title, x: Self.computeAxis, place: { $0.flops }) else {
            return .missing("The envelope of the curves", because: "no run has a row in its ledger yet; train it")
        }
        let frontier = Frontier(measured { $0.flops }.map(\.points))
        plot.series = plot.series.map(Self.namedInsteadOfLabelled)
        plot.series.append(Plot.Series("frontier", frontier.points, .thickLine, color: .ink))
        if let law = report.chinchilla?.law, let low = frontier.points.first?.x, let high = frontier.points.last?.x {
            let top = frontier.points.map(\.y).max() ?? .infinity
            let points = logarithmicGrid(low, high).map { Plot.Point($0, law.optimalLoss(compute: $0)) }
            plot.series.append(
                Plot.Series("fitted optimum", points.filter { $0.y <= top }, .dashedLine, color: .category(1)))
        }
        return .figure(
            Figure(
                "loss-against-compute", "Loss against compute, and the envelope", [plot],
                caption: "The thick line is the frontier, the lowest held-out loss (training loss where none was "
                    + "measured) that any run had by then"
                    + (report.chinchilla == nil ? "." : "; dashed, the fitted law at its compute-optimal N and D.")
                    + " Unfinished learning-rate schedules keep the middle of every curve above what a shorter run "
                    + "would reach, so the frontier is an upper bound."))
    }

    /// Where lines end in the midst of others, a label would cover them: the legend names them.
    private static func namedInsteadOfLabelled(_ series: Plot.Series) -> Plot.Series {
        var series = series
        series.name = series.label ?? ""
        series.label = nil
        return series
    }

    private func curvePlot(_ description: String, x: Axis, place: (Curve.Step) -> Double) -> Plot? {
        let series = trainingSeries(place) + measured(place)
        let losses = series.flatMap(\.points).map(\.y).filter(\.isFinite)
        guard let low = losses.min(), let high = losses.max() else { return nil }
        let scale: Axis.Scale = low > 0 && high / low > 2.5 ? .logarithmic : .linear
        return Plot(description, x: x, y: Axis(Self.lossTitle, scale), series: series, levels: levels(near: losses))
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
            return Plot.Series(
                "", points, .thinLine, color: color(curve.parameters), label: label,
                dataName: "\(curve.name), training loss")
        }
    }

    /// The evaluated losses, or the training losses of runs that were never evaluated.
    private func measured(_ place: (Curve.Step) -> Double) -> [Plot.Series] {
        report.curves.compactMap { curve in
            let evaluated = curve.steps.filter { place($0) > 0 }.compactMap { step in
                step.lossEvaluated.map {
                    Plot.Point(place(step), $0, error: step.lossEvaluatedError, name: curve.name)
                }
            }
            guard evaluated.isEmpty else {
                return Plot.Series(
                    "", evaluated, .dots, color: color(curve.parameters), dataName: "\(curve.name), held-out loss")
            }
            let points = curve.smoothed().map { Plot.Point(place($0), $0.lossTrain) }
            return points.isEmpty
                ? nil : Plot.Series("", points, .thinLine, color: color(curve.parameters), dataName: curve.name)
        }
    }
}
