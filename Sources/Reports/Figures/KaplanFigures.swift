import Foundation
import ScalingLaws

extension ReportFigures {
    /// L(N) and L(D) as Kaplan et al. 2020 drew them.
    var kaplan: [Exhibit] {
        guard let fit = report.kaplan else {
            return [
                .missing("Kaplan's L(N) and L(D)", because: "they need complete runs of two or more sizes and lengths")
            ]
        }
        let panels = [
            panel(fit.lossOfParameters, Self.sizeAxis), fit.lossOfTokens.map { panel($0, Self.tokensAxis) },
        ].compactMap { $0 }
        let rules = [fit.lossOfParameters, fit.lossOfTokens].compactMap { line in
            line.map { "L(\($0.variable.rawValue)): \($0.rule), α = \(Humanly.significant($0.exponent, 3))" }
        }
        return [
            .figure(
                Figure(
                    "kaplan", "Loss against one variable, the other not limiting", panels,
                    caption:
                        "Full points enter the lines, faint ones do not. \(rules.joined(separator: "; ")). Solid: a "
                        + "power law without irreducible loss (Kaplan et al. 2020, eq. 1.1 and 1.2); dashed: with one. "
                        + "Runs that the other variable still limits bend the points upwards at the right."))
        ]
    }

    private func panel(_ line: PowerLawFit, _ axis: Axis) -> Plot {
        let x: (FitPoint) -> Double = line.variable == .parameters ? { $0.n } : { $0.d }
        let others = (report.kaplan?.points ?? []).map { Plot.Point(x($0), $0.loss, name: $0.label) }
        let low = line.points.first?.x ?? 1
        let high = line.points.last?.x ?? 1
        let grid = logarithmicGrid(low, 3 * high)
        var series = [
            Plot.Series("", others, .cloud, color: .muted, dataName: "all runs"),
            Plot.Series("power law", grid.map { Plot.Point($0, line.loss($0)) }, .line, color: .category(0)),
        ]
        if let bent = line.withIrreducible {
            let points = grid.map { Plot.Point($0, bent.irreducible + bent.coefficient * pow($0, -bent.exponent)) }
            series.append(Plot.Series("with E", points, .dashedLine, color: .category(1)))
        }
        let taken = line.points.map { Plot.Point($0.x, $0.loss, name: $0.label) }
        series.append(Plot.Series("", taken, .points, color: .category(0), dataName: "runs of the line"))
        return Plot(
            "Loss against \(axis.title) with power laws", x: axis, y: Axis("final " + Self.lossTitle, .logarithmic),
            series: series)
    }
}
