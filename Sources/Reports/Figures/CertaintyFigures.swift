import Foundation
import ScalingLaws

extension ReportFigures {
    /// How far the data pin down the parameters.
    var certainty: [Exhibit] { [clouds, profiles] }

    /// Pairs of parameters over the bootstrap resamples.
    private var clouds: Exhibit {
        guard let fit = report.chinchilla, fit.resampledLaws.count > 1 else {
            return .missing(
                "Bootstrap clouds", because: report.chinchilla == nil ? noLaw : "no resample could be fitted")
        }
        let laws = fit.resampledLaws
        func panel(
            _ x: (title: String, of: (ChinchillaLaw) -> Double), _ y: (title: String, of: (ChinchillaLaw) -> Double),
            _ scale: Axis.Scale = .linear
        ) -> Plot {
            let resamples = laws.map { Plot.Point(x.of($0), y.of($0)) }
            // A few runaway resamples must not press the rest into a corner.
            let (across, up) = (Self.core(resamples.map(\.x)), Self.core(resamples.map(\.y)))
            let point = Plot.Point(x.of(fit.law), y.of(fit.law))
            return Plot(
                "Bootstrap resamples: \(y.title) against \(x.title)", x: Axis(x.title, .linear, range: across),
                y: Axis(y.title, scale, labels: scale == .linear ? .plain : .powers, range: up),
                series: [
                    Plot.Series("", resamples, .cloud, color: .category(0), dataName: "resample"),
                    Plot.Series("", [point], .diamonds, color: .category(1), dataName: "best fit"),
                ])
        }
        return .figure(
            Figure(
                "bootstrap", "What other draws of the runs would have given",
                [
                    panel(("a of N_opt ∝ C^a", \.optimum.a), ("G, N_opt at C = 6", \.optimum.g), .logarithmic),
                    panel(("α", \.alpha), ("β", \.beta)),
                    panel(("E (nats per token)", \.irreducible), ("α", \.alpha)),
                ],
                caption:
                    "\(laws.count) bootstrap resamples of the fitted runs; diamond: the fit to all of them. "
                    + "A long thin cloud means that the data fix a combination of the two and neither alone. The outermost "
                    + "1 % on each side may lie outside of the axes; the data file has all."))
    }

    /// The central 98 % with a margin; nil where that is no range above 0.
    private static func core(_ values: [Double]) -> ClosedRange<Double>? {
        let sorted = values.filter(\.isFinite).sorted()
        guard sorted.count >= 50 else { return nil }
        let cut = sorted.count / 100
        let (low, high) = (sorted[cut], sorted[sorted.count - 1 - cut])
        guard high > low, low > 0 else { return nil }
        let isWide = high / low > 30
        let margin = isWide ? pow(high / low, 0.1) : (high - low) * 0.15
        return isWide ? (low / margin)...(high * margin) : (low - min(margin, 0.9 * low))...(high + margin)
    }

    /// The objective as one parameter is held at other values.
    private var profiles: Exhibit {
        guard !report.likelihoods.isEmpty else {
            return .missing(
                "Likelihood profiles",
                because: report.chinchilla == nil ? noLaw : "they were not computed for this page")
        }
        let panels = report.likelihoods.map { profile in
            let points = profile.curve.map { Plot.Point($0.value, $0.objective) }
            let best = Plot.Point(profile.estimate, profile.curve.map(\.objective).min() ?? .nan)
            let ends = [profile.lower, profile.upper].compactMap { $0 }.map { Plot.Level(x: $0, label: "") }
            let name = ReportTables.symbol(profile.parameter.rawValue)
            return Plot(
                "Profile of \(name)", x: Axis(name, .linear), y: Axis("lowest objective", .linear),
                series: [
                    Plot.Series("", points, .line, color: .category(0), dataName: "profile"),
                    Plot.Series("", [best], .diamonds, color: .category(1), dataName: "best fit"),
                ], levels: ends + [Plot.Level(profile.threshold, label: "")])
        }
        return .figure(
            Figure(
                "profiles", "How much worse the fit becomes elsewhere", panels,
                caption:
                    "Each curve holds one parameter at the value below and refits the others; diamond: the best fit; "
                    + "dotted: the 95 % threshold of the likelihood ratio, and where the curve crosses it. A flat or one-sided curve means that the "
                    + "runs do not bound the parameter there."))
    }
}
