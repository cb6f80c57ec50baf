import Foundation
import ScalingLaws

extension ReportFigures {
    /// How far the data pin down the parameters.
    var certainty: [Exhibit] { [clouds, profiles] }

    /// Pairs of parameters over the bootstrap resamples.
    private var clouds: Exhibit {
        guard let fit = report.chinchilla, let bootstrap = fit.bootstrap, bootstrap.laws.count > 1 else {
            return .missing(
                "Bootstrap clouds", because: report.chinchilla == nil ? noLaw : "no resample could be fitted")
        }
        func panel(_ x: (String, String), _ y: (String, String), _ scale: Axis.Scale = .linear) -> Plot {
            let best = Dictionary(fit.parameters.map { ($0.name, $0.value) }) { first, _ in first }
            let resamples = zip(bootstrap.values(x.0), bootstrap.values(y.0)).map { Plot.Point($0, $1) }
            // A few runaway resamples must not press the rest into a corner.
            let (across, up) = (Self.core(resamples.map(\.x)), Self.core(resamples.map(\.y)))
            let point = Plot.Point(best[x.0] ?? .nan, best[y.0] ?? .nan)
            return Plot(
                "Bootstrap resamples: \(y.1) against \(x.1)", x: Axis(x.1, .linear, range: across),
                y: Axis(y.1, scale, labels: scale == .linear ? .plain : .powers, range: up),
                series: [
                    Plot.Series("", resamples, .cloud, color: .category(0), dataName: "resample"),
                    Plot.Series("", [point], .diamonds, color: .category(1), dataName: "best fit"),
                ])
        }
        return .figure(
            Figure(
                "bootstrap", "What other draws of the runs would have given",
                [
                    panel(("a", "a of N_opt ∝ C^a"), ("G", "G, N_opt at C = 6"), .logarithmic),
                    panel(("alpha", "α"), ("beta", "β")),
                    panel(("E", "E (nats per token)"), ("alpha", "α")),
                ],
                caption:
                    "\(bootstrap.laws.count) bootstrap resamples of the fitted runs; diamond: the fit to all of them. "
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
            let points = profile.points.sorted { $0.value < $1.value }.map { Plot.Point($0.value, $0.objective) }
            let ends = profile.interval.map {
                [Plot.Level(x: $0.lowerBound, label: ""), Plot.Level(x: $0.upperBound, label: "")]
            }
            let floor = profile.points.map(\.objective).min() ?? 0
            return Plot(
                "Profile of \(profile.parameter)", x: Axis(profile.parameter, .linear),
                y: Axis("lowest objective", .linear),
                series: [
                    Plot.Series("", points, .line, color: .category(0), dataName: "profile"),
                    Plot.Series(
                        "", [Plot.Point(profile.best, floor)], .diamonds, color: .category(1), dataName: "best fit"),
                ], levels: ends ?? [])
        }
        return .figure(
            Figure(
                "profiles", "How much worse the fit becomes elsewhere", panels,
                caption:
                    "Each curve holds one parameter at the value below and refits the others; diamond: the best fit; "
                    + "dotted: the 95 % interval of the likelihood ratio. A flat or one-sided curve means that the "
                    + "runs do not bound the parameter there."))
    }
}
