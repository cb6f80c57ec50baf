import Foundation
import ScalingLaws

extension ReportFigures {
    /// What the runs say about batch size and learning rate.
    var training: [Exhibit] { [noiseScale, learningRates, batches] }

    /// The gradient noise scale against the loss (McCandlish et al. 2018; Kaplan et al. 2020, figure 10).
    private var noiseScale: Exhibit {
        let series = report.curves.compactMap { curve -> Plot.Series? in
            let points = curve.noiseScale().map { Plot.Point($0.loss, $0.tokens) }
            return points.count < 2
                ? nil : Plot.Series("", points, .thinLine, color: color(curve.parameters), dataName: curve.name)
        }
        guard !series.isEmpty else {
            return .missing(
                "The gradient noise scale",
                because: "the ledgers have no gradient_square and gradient_noise; new runs measure them where a batch "
                    + "has two or more slots")
        }
        return .figure(
            Figure(
                "noise-scale", "The gradient noise scale",
                [
                    Plot(
                        "Simple noise scale in tokens against training loss, one line per run",
                        x: Axis("training loss (nats per token)", .linear),
                        y: Axis("noise scale (tokens)", .logarithmic, labels: .counts), series: series)
                ],
                caption:
                    "B = S/|G|², numerator and denominator averaged before the ratio; time runs from right to left. "
                    + "About the batch beyond which more sequences per step stop saving steps, under strong assumptions: "
                    + "verify it by a scan of batch sizes. Colour: N."))
    }

    private var learningRates: Exhibit {
        scan(
            "learning-rates", "Learning rate", Axis("peak learning rate", .logarithmic, labels: .powers),
            fixed: { $0.batchTokens.map(Double.init) }, varied: \.learningRate,
            caption: "Final held-out loss against the peak learning rate, one line per N, D and batch. The minimum is "
                + "bracketed where the line rises on both sides.",
            remedy: "run one size and length at three or more learning rates")
    }

    private var batches: Exhibit {
        scan(
            "batch-sizes", "Batch size", Axis("tokens of a batch", .logarithmic, labels: .counts),
            fixed: { _ in 0 }, varied: { $0.batchTokens.map(Double.init) },
            caption:
                "Final held-out loss against the global batch at equal D, one line per N and D; of several learning "
                + "rates at one batch the best is taken.",
            remedy: "run one size and length at three or more global batches")
    }

    /// Final losses of runs that are equal but for one setting, at three or more of its values.
    private func scan(
        _ id: String, _ title: String, _ axis: Axis, fixed: (RunSummary) -> Double?, varied: (RunSummary) -> Double?,
        caption: String, remedy: String
    ) -> Exhibit {
        struct Key: Hashable {
            let n: Int
            let d: Int
            let fixed: Double
        }
        let runs = report.runs.filter { $0.status == .complete && $0.finalLoss != nil && varied($0) != nil }
        // Lengths are rounded to whole batches: two significant digits make them one.
        let groups = Dictionary(grouping: runs) { run in
            Key(n: run.parameters, d: Int((20 * log(Double(max(run.tokens, 1)))).rounded()), fixed: fixed(run) ?? 0)
        }
        let series = groups.sorted { ($0.key.n, $0.key.d) < ($1.key.n, $1.key.d) }.compactMap {
            key, runs -> Plot.Series? in
            let best = Dictionary(grouping: runs) { varied($0) ?? 0 }.compactMap { value, runs in
                runs.min { ($0.finalLoss ?? 0) < ($1.finalLoss ?? 0) }.map {
                    Plot.Point(value, $0.finalLoss ?? 0, error: $0.finalLossError, name: $0.name)
                }
            }
            guard best.count > 2 else { return nil }
            let label = "N \(Humanly.count(key.n)), D \(Humanly.count(runs[0].tokens))"
            return Plot.Series(label, best.sorted { $0.x < $1.x }, .line, color: color(key.n))
        }
        guard !series.isEmpty else { return .missing("\(title) curves", because: remedy) }
        let points = series.map { Plot.Series("", $0.points, .points, color: $0.color, dataName: "\($0.name), runs") }
        return .figure(
            Figure(
                id, title,
                [
                    Plot(
                        "Final loss against \(axis.title)", x: axis, y: Axis("final " + Self.lossTitle, .linear),
                        series: series + points)
                ], height: 360, caption: caption))
    }
}
