import Foundation
import ScalingLaws

extension ReportFigures {
    /// How a budget is best shared between N and D.
    var optimum: [Exhibit] { [isoFLOP, optimumAgainstCompute, tokensPerParameter] }

    /// Loss against N for each budget, with the parabola and its lowest point.
    private var isoFLOP: Exhibit {
        guard let low = report.profiles.map(\.budget).min(), let high = report.profiles.map(\.budget).max() else {
            return .missing(
                "IsoFLOP profiles",
                because: "they need two or more budgets with three or more sizes each; sweep sizes at equal 6ND")
        }
        let series = report.profiles.flatMap { profile -> [Plot.Series] in
            let color = PlotColor.ramp(profile.budget, in: low...high)
            let budget = Humanly.flops(profile.budget)
            let runs = profile.points.map { Plot.Point($0.n, $0.loss, error: $0.lossError, name: $0.label) }
            let measured = Plot.Series("", runs, .points, color: color, dataName: "runs, \(budget)")
            guard let parabola = profile.overParameters, let first = runs.first?.x, let last = runs.last?.x else {
                return [measured]
            }
            let line = logarithmicGrid(first, last).map { Plot.Point($0, parabola.value(at: log($0))) }
            var series = [
                Plot.Series("", line, .line, color: color, label: budget, dataName: "parabola, \(budget)"), measured,
            ]
            // The lowest point of a parabola far from its runs would stretch the axes over nothing.
            if let n = profile.vertexParameters, let loss = profile.vertexLoss, profile.isInterior {
                let vertex = Plot.Point(
                    n, loss, xRange: profile.vertexInterval, yRange: nil, name: "lowest at \(budget)")
                series.append(Plot.Series("", [vertex], .diamonds, color: .ink, dataName: "vertex, \(budget)"))
            }
            return series
        }
        // An interval may reach far beyond what was run; the axis need not.
        let sizes = report.profiles.flatMap { $0.points.map(\.n) }
        var axis = Self.sizeAxis
        if let low = sizes.min(), let high = sizes.max() { axis.range = low / 1.3...high * 1.3 }
        let outside = report.profiles.count { !$0.isInterior }
        return .figure(
            Figure(
                "isoflop", "IsoFLOP profiles",
                [
                    Plot(
                        "Final loss against parameters, one parabola per compute budget", x: axis,
                        y: Axis("final " + Self.lossTitle, .linear), series: series)
                ],
                caption:
                    "Points: final losses, one colour per budget; lines: least-squares parabolas in ln N (Hoffmann et "
                    + "al. 2022, approach 2); diamonds: their lowest points with 95 % intervals."
                    + (outside == 0
                        ? ""
                        : " \(outside) \(outside == 1 ? "has" : "have") the lowest point outside of the sizes that were "
                            + "run, where it is not shown: add sizes on that side.")
                    + " Parabolas are not the law's shape, so wide or off-centre grids bias the lowest point."))
    }

    /// N_opt and D_opt against compute by every way there is.
    private var optimumAgainstCompute: Exhibit {
        let what = "The best N and D against compute"
        let computes =
            report.optima.flatMap { $0.points.map(\.compute) } + (report.chinchilla?.points.map(\.compute) ?? [])
        guard report.chinchilla != nil || !report.optima.isEmpty, let low = computes.min(), let high = computes.max()
        else {
            return .missing(what, because: noLaw)
        }
        let grid = logarithmicGrid(low, 10 * high)
        func panel(
            _ axis: Axis, ours: (ComputeOptimum, Double) -> Double, line: (OptimumEstimate, Double) -> Double,
            point: ((compute: Double, n: Double, d: Double)) -> Double
        ) -> Plot {
            var series: [Plot.Series] = []
            if let band = report.chinchilla?.band(grid, of: { ours($0.optimum, $1) }) {
                series.append(Plot.Series("", band, .band, color: .category(1), dataName: "95 % of resamples"))
            }
            for (index, way) in report.optima.enumerated() {
                let color = PlotColor.category(index == 0 ? 0 : index + 1)
                let points = way.points.map { Plot.Point($0.compute, point($0)) }
                series.append(Plot.Series(way.name, grid.map { Plot.Point($0, line(way, $0)) }, .line, color: color))
                series.append(
                    Plot.Series(
                        "", points, points.count > 60 ? .cloud : .points, color: color, dataName: "\(way.name), points")
                )
            }
            if let law = report.chinchilla?.law {
                let line = grid.map { Plot.Point($0, ours(law.optimum, $0)) }
                series.append(Plot.Series("parametric", line, .dashedLine, color: .category(1)))
            }
            return Plot("\(axis.title) that is best for a budget", x: Self.computeAxis, y: axis, series: series)
        }
        return .figure(
            Figure(
                "optimum-against-compute", what,
                [
                    panel(
                        Axis("N_opt (parameters)", .logarithmic, labels: .counts),
                        ours: { $0.parameters(compute: $1) }, line: { $0.coefficient * pow($1, $0.exponent) },
                        point: { $0.n }),
                    panel(
                        Axis("D_opt (tokens)", .logarithmic, labels: .counts), ours: { $0.tokens(compute: $1) },
                        line: { $1 / 6 / ($0.coefficient * pow($1, $0.exponent)) }, point: { $0.d }),
                ],
                caption:
                    "By each way of finding them; D_opt = C/(6 N_opt). Band: the central 95 % of the parametric fit's "
                    + "resamples. Lines go ten times beyond the largest budget. Ways that disagree by more than their "
                    + "intervals do not see the same law."))
    }

    /// D/N at the optimum, ours beside the published laws.
    private var tokensPerParameter: Exhibit {
        guard let fit = report.chinchilla, let span = range(\.compute, beyond: 100) else {
            return .missing("Tokens per parameter", because: noLaw)
        }
        let grid = logarithmicGrid(span.lowerBound, span.upperBound)
        func ratio(_ law: ChinchillaLaw, _ c: Double) -> Double {
            law.optimum.tokens(compute: c) / law.optimum.parameters(compute: c)
        }
        var series: [Plot.Series] = []
        if let band = fit.band(grid, of: ratio) {
            series.append(Plot.Series("95 % of resamples", band, .band, color: .category(1)))
        }
        let published = [("Chinchilla 3", PublishedLaw.hoffmannParametric, 0), ("Epoch", PublishedLaw.epoch, 2)]
        for case (let name, let law?, let color) in published.map({ ($0.0, $0.1.law, $0.2) }) {
            series.append(
                Plot.Series(name, grid.map { Plot.Point($0, ratio(law, $0)) }, .line, color: .category(color)))
        }
        series.append(
            Plot.Series("this fit", grid.map { Plot.Point($0, ratio(fit.law, $0)) }, .dashedLine, color: .category(1)))
        let runs = fit.points.map { Plot.Point($0.compute, $0.d / $0.n, name: $0.label) }
        series.append(Plot.Series("runs", runs, .dots, color: .muted))
        return .figure(
            Figure(
                "tokens-per-parameter", "Tokens per parameter",
                [
                    Plot(
                        "Tokens per parameter at the optimum against compute", x: Self.computeAxis,
                        y: Axis("D/N", .logarithmic), series: series,
                        levels: [Plot.Level(20, label: "20, the rule of thumb")])
                ], height: 380,
                caption:
                    "D/N at the compute-optimal N and D. A law says how the ratio moves with compute only within the "
                    + "range of its runs (points); published laws were fitted at 10¹⁸ to 10²² FLOP, on other text and "
                    + "other tokens, so that their height need not be ours."))
    }
}
