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
            caption: "Final held-out loss against the peak learning rate, one line per N, D and batch, seeds averaged.",
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

    /// Final losses of runs that are equal but for one setting, at three or more of its values, and where they are lowest.
    private func scan(
        _ id: String, _ title: String, _ axis: Axis, fixed: (RunSummary) -> Double?, varied: (RunSummary) -> Double?,
        caption: String, remedy: String
    ) -> Exhibit {
        let runs = report.runs.filter { $0.status == .complete && $0.finalLoss != nil && varied($0) != nil }
        let scans = Dictionary(grouping: runs) { fixed($0) ?? 0 }.sorted { $0.key < $1.key }.flatMap { _, runs in
            ScanOptimum.scans(Self.points(runs, varied: varied, other: \.learningRate))
        }.sorted { ($0.n, $0.d) < ($1.n, $1.d) }
        guard !scans.isEmpty else { return .missing("\(title) curves", because: remedy) }
        let lines = scans.map { scan in
            Plot.Series(
                "N \(Humanly.count(Int(scan.n))), D \(Humanly.count(Int(scan.d)))",
                scan.points.map { Plot.Point($0.value, $0.loss) }, .line, color: color(Int(scan.n)))
        }
        let points = lines.map { Plot.Series("", $0.points, .points, color: $0.color, dataName: "\($0.name), runs") }
        let minima = scans.compactMap { scan in
            scan.best.flatMap { best in scan.bestLoss.map { Plot.Point(best, $0) } }
        }
        let best = minima.isEmpty ? [] : [Plot.Series("best", minima, .diamonds, color: .ink)]
        return .figure(
            Figure(
                id, title,
                [
                    Plot(
                        "Final loss against \(axis.title)", x: axis, y: Axis("final " + Self.lossTitle, .linear),
                        series: lines + points + best)
                ], height: 360, caption: caption + " " + Self.sentence(scans)))
    }

    /// The means over runs that differ in their seed alone; of several of the other setting, the best.
    private static func points(
        _ runs: [RunSummary], varied: (RunSummary) -> Double?, other: (RunSummary) -> Double?
    ) -> [ScanOptimum.Point] {
        struct Setting: Hashable {
            let n: Int
            let d: Int
            let value: Double
        }
        let settings = Dictionary(grouping: runs) { Setting(n: $0.parameters, d: $0.tokens, value: varied($0) ?? 0) }
        return settings.sorted { ($0.key.n, $0.key.d, $0.key.value) < ($1.key.n, $1.key.d, $1.key.value) }
            .compactMap { setting, runs in
                let means = Dictionary(grouping: runs) { other($0) ?? 0 }.values.map { runs in
                    runs.compactMap(\.finalLoss).sorted().reduce(0, +) / Double(runs.count)
                }
                return means.min().map {
                    .init(n: Double(setting.n), d: Double(setting.d), value: setting.value, loss: $0)
                }
            }
    }

    private static func sentence(_ scans: [ScanOptimum]) -> String {
        let open = scans.filter { $0.best == nil }.count
        let edge =
            open == 0
            ? "" : " \(open) of \(scans.count) \(open == 1 ? "is" : "are") lowest at an end: the best may lie beyond."
        guard let transfer = ScanTransfer(scans) else {
            return "The minimum is bracketed where the line rises on both sides." + edge
        }
        let size = transfer.parameters.upperBound / transfer.parameters.lowerBound
        return
            "Over \(Number.short(size))x of N the best moves by a factor of \(Number.significant(transfer.ratio, 3))."
            + edge
    }
}
