import Foundation
import ScalingLaws

extension ReportFigures {
    /// The parametric law against the points.
    var law: [Exhibit] {
        [
            fitAgainstParameters, fitAgainstTokens, residuals, contours,
            ReportTables(report).parameters.map(Exhibit.table),
        ]
        .compactMap { $0 }
    }

    private var fitAgainstParameters: Exhibit {
        fitPlot(
            "fit-against-parameters", "parameters", Self.sizeAxis, \.n, other: \.d, unit: " tokens", color: tokensColor
        ) {
            $0.loss(n: $1, d: $2)
        }
    }

    private var fitAgainstTokens: Exhibit {
        fitPlot("fit-against-tokens", "tokens", Self.tokensAxis, \.d, other: \.n, unit: "", color: color(of:)) {
            $0.loss(n: $2, d: $1)
        }
    }

    /// Final loss against one variable, a line of the fitted law for each of up to six values of the other.
    private func fitPlot(
        _ id: String, _ variable: String, _ axis: Axis, _ x: (FitPoint) -> Double, other: (FitPoint) -> Double,
        unit: String, color: (FitPoint) -> PlotColor, loss: (ChinchillaLaw, Double, Double) -> Double
    ) -> Exhibit {
        guard let fit = report.chinchilla, let span = range(x) else {
            return .missing("The law against \(variable)", because: noLaw)
        }
        let chosen = Self.spread(fit.points, by: other, atMost: 6)
        let lines = chosen.map { point in
            let line = logarithmicGrid(span.lowerBound / 1.15, span.upperBound * 1.15).map {
                Plot.Point($0, loss(fit.law, $0, other(point)))
            }
            let value = Humanly.count(other(point)) + unit
            return Plot.Series("", line, .line, color: color(point), label: value, dataName: "fitted, \(value)")
        }
        let points = fit.points.map { point in
            Plot.Series(
                "", [Plot.Point(x(point), point.loss, error: error(of: point), name: point.label)], .points,
                color: color(point), dataName: "measured")
        }
        let fixed = unit.isEmpty ? "N" : "D"
        return .figure(
            Figure(
                id, "The law against \(variable)",
                [
                    Plot(
                        "Final loss against \(variable): points measured, lines fitted, one line per \(fixed)", x: axis,
                        y: Axis("final " + Self.lossTitle, .linear), series: lines + points)
                ],
                caption:
                    "Points: final held-out losses of complete runs with standard errors; lines: the fitted law at "
                    + "the \(fixed) written beside them. Colour: \(fixed)."))
    }

    /// Up to `count` of the points, evenly spread over the different values (within 5 %) of a quantity.
    private static func spread(_ points: [FitPoint], by value: (FitPoint) -> Double, atMost count: Int) -> [FitPoint] {
        var different: [FitPoint] = []
        for point in points.sorted(by: { value($0) < value($1) })
        where different.last.map({ value(point) > 1.05 * value($0) }) ?? true {
            different.append(point)
        }
        guard different.count > count else { return different }
        return (0..<count).map { different[$0 * (different.count - 1) / (count - 1)] }
    }

    /// Residuals in per cent of the loss against N, D and C.
    private var residuals: Exhibit {
        guard let fit = report.chinchilla else { return .missing("Residuals", because: noLaw) }
        let noise = report.seedNoise.map { 100 * $0 }
        func panel(_ axis: Axis, _ x: (FitPoint) -> Double) -> Plot {
            let points = fit.points.map { point in
                let predicted = fit.law.loss(n: point.n, d: point.d)
                return Plot.Series(
                    "", [Plot.Point(x(point), 100 * (point.loss / predicted - 1), name: point.label)], .points,
                    color: color(of: point), dataName: "residual")
            }
            let levels =
                [Plot.Level(0, label: "")]
                + (noise.map { [Plot.Level($0, label: "seed noise"), Plot.Level(-$0, label: "")] } ?? [])
            return Plot(
                "What the fit leaves over against \(axis.title), in per cent of the loss", x: axis,
                y: Axis("measured − fitted (%)", .linear), series: points, levels: levels)
        }
        return .figure(
            Figure(
                "residuals", "What the fit leaves over",
                [
                    panel(Self.sizeAxis, \.n), panel(Self.tokensAxis, \.d), panel(Self.computeAxis, \.compute),
                ],
                caption:
                    "Residuals against N, D and C; colour: N. A pattern here means that the law does not hold over "
                    + "the whole range. "
                    + (noise.map {
                        "Runs that differ only in their seed spread by \(Humanly.significant($0, 2)) % (standard deviation, "
                            + "dotted)."
                    } ?? "How far seeds alone spread is not known: repeat two or three runs with other seeds.")))
    }

    /// Lines of equal loss with the efficient frontier across, in (N, D) and (C, N).
    private var contours: Exhibit {
        guard let law = report.chinchilla?.law, let sizes = range(\.n), let tokens = range(\.d),
            let points = report.chinchilla?.points
        else { return .missing("Contours of equal loss", because: noLaw) }
        let widerSizes = sizes.lowerBound / 2...sizes.upperBound * 4
        let widerTokens = tokens.lowerBound / 2...tokens.upperBound * 4
        let highest = law.loss(n: sizes.lowerBound, d: tokens.lowerBound) - law.irreducible
        let lowest = law.loss(n: widerSizes.upperBound, d: widerTokens.upperBound) - law.irreducible
        let losses = logarithmicGrid(highest, lowest, 8).dropLast().map { law.irreducible + $0 }
        let best = law.optimum
        let compute = logarithmicGrid(
            6 * widerSizes.lowerBound * widerTokens.lowerBound, 6 * widerSizes.upperBound * widerTokens.upperBound)
        // Lines are labelled at their last point, so they are walked towards the side where they are apart.
        let rising = logarithmicGrid(widerSizes.lowerBound, widerSizes.upperBound, 160)
        func panel(
            _ description: String, _ x: Axis, _ y: Axis, along sizes: [Double],
            place: (Double, Double) -> (Double, Double)
        ) -> Plot {
            func point(_ n: Double, _ d: Double, _ name: String = "") -> Plot.Point {
                let (x, y) = place(n, d)
                return Plot.Point(x, y, name: name)
            }
            let lines = losses.enumerated().map { index, loss in
                let line = sizes.compactMap { n in
                    law.tokens(forLoss: loss, n: n).flatMap { widerTokens.contains($0) ? point(n, $0) : nil }
                }
                return Plot.Series(
                    "", line, .thinLine, color: .ramp(1 - Double(index) / Double(losses.count)),
                    label: Humanly.significant(loss, 3), dataName: "loss \(loss)")
            }
            let frontier = compute.map { (best.parameters(compute: $0), best.tokens(compute: $0)) }
                .filter { widerSizes.contains($0.0) && widerTokens.contains($0.1) }.map { point($0.0, $0.1) }
            let runs = points.map { point($0.n, $0.d, "\($0.label): \(Humanly.loss($0.loss))") }
            return Plot(
                description, x: x, y: y,
                series: lines + [
                    Plot.Series("frontier", frontier, .thickLine, color: .category(1)),
                    Plot.Series("runs", runs, .dots, color: .ink),
                ])
        }
        return .figure(
            Figure(
                "contours", "Lines of equal loss and the efficient frontier",
                [
                    panel(
                        "Lines of equal loss over parameters and tokens", Self.sizeAxis, Self.tokensAxis, along: rising
                    ) { ($0, $1) },
                    panel(
                        "Lines of equal loss over compute and parameters", Self.computeAxis, Self.sizeAxis,
                        along: rising.reversed()
                    ) { (6 * $0 * $1, $0) },
                ],
                caption:
                    "By the fitted law; each line is labelled with its loss in nats per token. Thick: the N and D that "
                    + "reach a loss with the least compute. Points: the runs that were fitted; where there are none the "
                    + "lines are an extrapolation."))
    }
}
