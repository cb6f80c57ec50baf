import Foundation
import ScalingLaws

extension FitResult {
    /// Losses at which batches are compared.
    private static let targetCount = 10

    /// B_crit(L) = B*/L^(1/α_B) from the curves of runs of one model at three batches or more (Kaplan et al. 2020, eq. 5.3).
    /// - Throws: `TableError` when no model ran at three batches, or their curves lie on no hyperbola.
    init(criticalBatchOf curves: CurveTable, _ fitted: FitPoints) throws {
        let runs = Dictionary(fitted.points.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
        let sizes = Dictionary(grouping: curves.curves.filter { runs[$0.run]?.batchTokens != nil }, by: \.n)
        func batches(_ curves: [LossCurve]) -> Int { Set(curves.compactMap { runs[$0.run]?.batchTokens }).count }
        guard let (n, scanned) = sizes.max(by: { (batches($0.value), $1.key) < (batches($1.value), $0.key) }),
            batches(scanned) > 2
        else {
            throw TableError(
                "B_crit(L) needs one model at 3 batches or more, and no N of the \(fitted.points.count) runs has them: run a "
                    + "scan, batch: {values: [...]} in a sweep, or name the column with --batch-column")
        }
        // Of several runs at a batch, seeds or rates, the one of the lowest last loss.
        let best = Dictionary(grouping: scanned) { runs[$0.run]?.batchTokens ?? 0 }.sorted { $0.key < $1.key }
            .compactMap { batch, curves in
                curves.map { $0.smoothed(window: 20) }.min { Self.end($0) < Self.end($1) }.map { (batch, $0) }
            }
        let lowest = best.map { Self.end($0.1) }.max() ?? 0
        let highest = best.compactMap { $0.1.points.dropFirst($0.1.points.count / 10).first?.loss }.min() ?? 0
        guard lowest < highest else {
            throw TableError(
                "no loss is passed by all \(best.count) batches of N = \(Number.short(n)): run them longer")
        }
        let targets = (0..<Self.targetCount).map { i in
            highest * pow(lowest / highest, (Double(i) + 1) / Double(Self.targetCount))
        }
        let fit = try CriticalBatchFit(
            best.map { batch, curve in
                .init(batchTokens: batch, curve: curve.points.map { ($0.tokens / batch, $0.loss) })
            }, targets: targets)
        let power = fit.law
        self.init(
            law: "critical-batch", formula: "B_crit(L) = B*/L^(1/alpha_B), tokens", pointCount: fit.tradeoffs.count,
            parameters: [
                Parameter(name: "B*", value: fit.scale, interval: power.coefficientInterval, unit: "tokens"),
                Parameter(name: "alpha_B", value: fit.alphaB, interval: Self.inverse(power.exponentInterval)),
            ], objective: power.objective, objectiveName: "weighted squares of ln B_crit about the line")
        facts = [
            ("runs", "N = \(Number.short(n)) at \(best.count) batches, \(fit.tradeoffs.count) losses that they pass"),
            (
                "use",
                "apus fit --law steps --critical-batch \(Number.short(fit.scale)) --alpha-b \(Number.short(fit.alphaB))"
            ),
        ]
        let rows = fit.tradeoffs.map { trade in
            [trade.loss, trade.minimumSteps, trade.minimumTokens, trade.criticalBatch].map(Number.short)
                + [trade.logError.map { "x/÷ \(Number.significant(exp(1.96 * $0), 3))" } ?? ""]
        }
        blocks = [TextColumns.aligned([["loss", "S_min", "E_min", "B_crit", "95 %"]] + rows).joined(separator: "\n")]
        fields = [
            (
                "tradeoffs_loss_smin_emin_bcrit",
                JSONText.array(
                    fit.tradeoffs.map { trade in
                        JSONText.array(
                            [trade.loss, trade.minimumSteps, trade.minimumTokens, trade.criticalBatch].map(
                                JSONText.number))
                    })
            )
        ]
        if !(power.exponent < 0) {
            warnings = [
                .grave(
                    "B_crit does not grow as the loss falls (alpha_B = \(Number.short(fit.alphaB))): scan wider batches"
                )
            ]
        }
    }

    private static func end(_ curve: LossCurve) -> Double { curve.points.last?.loss ?? .infinity }

    /// Of −1/x over an interval that does not hold 0; nil otherwise.
    private static func inverse(_ exponents: ClosedRange<Double>?) -> ClosedRange<Double>? {
        guard let exponents, exponents.upperBound < 0 || exponents.lowerBound > 0 else { return nil }
        return (-1 / exponents.lowerBound)...(-1 / exponents.upperBound)
    }
}
