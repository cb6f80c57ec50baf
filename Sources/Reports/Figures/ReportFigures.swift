import Foundation
import ScalingLaws

/// The figures of a report, by section; each says of itself why it is not there. What they have in common is here:
/// colours of sizes, axes, levels.
struct ReportFigures {
    let report: Report
    private let sizes: [Int]

    init(_ report: Report) {
        self.report = report
        sizes = Set(report.curves.map(\.parameters) + report.runs.map(\.parameters)).sorted()
    }

    /// All sections that hold figures, in the order of the page.
    var sections: [PageSection] {
        [
            PageSection("Curves", curves), PageSection("What more of it buys", returns),
            PageSection("The law", law), PageSection("How sure the law is", certainty),
            PageSection("The best size for a budget", optimum), PageSection("Beside published laws", published),
            PageSection("Power laws of one variable", kaplan), PageSection("Predictions and what came", predictions),
            PageSection("Batch and learning rate", training),
        ]
    }

    /// Rising with N over all runs of the report, so that a colour means the same size in every figure.
    func color(_ parameters: Int) -> PlotColor {
        guard sizes.count > 1 else { return .category(0) }
        let rank = sizes.firstIndex { $0 >= parameters } ?? sizes.count - 1
        return .ramp(Double(rank) / Double(sizes.count - 1))
    }

    /// Of a point of a fit, whose N may follow another convention.
    func color(of point: FitPoint) -> PlotColor {
        if let run = report.runs.first(where: { $0.name == point.label }) { return color(run.parameters) }
        return color(Int(point.n))
    }

    /// Losses that mean something without any model, where they are near what is shown: entropy, n-grams.
    func levels(near losses: [Double]) -> [Plot.Level] {
        var levels =
            report.calibration.map {
                [Plot.Level($0.irreducible, label: "exact entropy \(Humanly.loss($0.irreducible))")]
            } ?? []
        guard let low = losses.min(), let high = losses.max() else { return levels }
        for baseline in report.baselines where baseline.loss > 0.8 * low && baseline.loss < 1.15 * high {
            levels.append(Plot.Level(baseline.loss, label: "\(baseline.name) \(Humanly.loss(baseline.loss))"))
        }
        return levels
    }

    /// Why a figure that needs the parametric fit is not there.
    var noLaw: String { report.fitProblem ?? "it needs a fitted law of N and D: a ladder of several sizes and lengths" }

    /// From the smallest to the largest of a quantity of the fitted points, `beyond` times as far at the top.
    func range(_ value: (FitPoint) -> Double, beyond: Double = 1) -> ClosedRange<Double>? {
        let values = (report.chinchilla?.points ?? []).map(value)
        guard let low = values.min(), let high = values.max(), low > 0 else { return nil }
        return low...(high * beyond)
    }

    static let computeAxis = Axis("training compute C = 6ND (FLOP)", .logarithmic, labels: .powers)
    static let sizeAxis = Axis("parameters N", .logarithmic, labels: .counts)
    static let tokensAxis = Axis("training tokens D", .logarithmic, labels: .counts)
    static let lossTitle = "loss (nats per token)"
}

extension ChinchillaFit {
    /// A line over the grid with the central 95 % of the resamples around it; nil without resamples.
    func band(_ grid: [Double], of value: (ChinchillaLaw, Double) -> Double) -> [Plot.Point]? {
        let resamples = resampledLaws
        guard !resamples.isEmpty else { return nil }
        return grid.map { x in
            Plot.Point(x, value(law, x), yRange: CentralInterval(resamples.map { value($0, x) })?.range)
        }
    }
}

/// The central 95 % of values.
struct CentralInterval {
    let range: ClosedRange<Double>

    /// nil with fewer than twenty numbers: their ends would be no 95 %.
    init?(_ values: [Double]) {
        let sorted = values.filter(\.isFinite).sorted()
        guard sorted.count >= 20 else { return nil }
        func quantile(_ p: Double) -> Double { sorted[Int((p * Double(sorted.count - 1)).rounded())] }
        range = quantile(0.025)...quantile(0.975)
    }
}
