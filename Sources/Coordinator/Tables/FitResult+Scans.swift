import Foundation
import ScalingLaws

/// Scans of the learning rate or of the batch in a table of runs.
struct ScanTable {
    enum Setting: String {
        case learningRate = "learning-rate"
        case batch

        var name: String { self == .learningRate ? "learning rate" : "batch (tokens)" }
    }

    let setting: Setting
    let scans: [ScanOptimum]
    /// Widths of the models by N, where the table has them.
    let widths: [Double: Double]

    /// - Parameter column: of the values; nil for that of our own tables.
    /// - Throws: `TableError` for a missing column or a cell that is no number above 0, and when no model and length has
    ///   three values.
    init(_ table: Table, _ points: FitPoints, _ setting: Setting) throws {
        self.setting = setting
        let columns = points.columns
        let rates = try Self.values(columns.learningRate, of: table, points.rows)
        let batches = try Self.values(columns.batchTokens, of: table, points.rows)
        let own = setting == .learningRate ? columns.learningRate : columns.batchTokens
        guard let values = setting == .learningRate ? rates : batches else {
            throw TableError(
                "\(table.source) has no column \"\(own)\", whose values a scan compares; it has "
                    + table.columnNames.joined(separator: ", "))
        }
        let runs = points.points.indices.map { i in
            let point = points.points[i]
            return ScanOptimum.Point(
                n: point.n, d: point.d, compute: point.compute, value: values[i], loss: point.loss)
        }
        let noise = Self.noise(points.points)
        // Rates are compared at one batch; of several rates at a batch the best counts.
        let others = setting == .learningRate ? batches : nil
        scans = Dictionary(grouping: runs.indices) { others?[$0] ?? 0 }.values
            .flatMap { group in ScanOptimum.scans(Self.best(group.map { runs[$0] }, of: setting), noise: noise) }
            .sorted { ($0.compute, $0.n, $0.d) < ($1.compute, $1.n, $1.d) }
        guard !scans.isEmpty else {
            throw TableError(
                "\(table.source) has no scan: no model and length with three values of \"\(own)\" or more among its "
                    + "\(points.points.count) finished runs; run one at three or more")
        }
        let cells = table.hasColumn("width") ? try table.texts("width") : nil
        widths = Dictionary(
            zip(points.points, points.rows).compactMap { point, row in
                cells.flatMap { Double($0[row]) }.map { (point.n, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func values(_ name: String, of table: Table, _ rows: [Int]) throws -> [Double]? {
        guard table.hasColumn(name) else { return nil }
        let cells = try table.texts(name)
        return try rows.map { row in
            guard let value = try table.number(cells[row], row, name), value > 0, value.isFinite else {
                throw TableError("\(table.place(row, name)) is \"\(cells[row])\", and a scan needs a number above 0")
            }
            return value
        }
    }

    private static func best(_ runs: [ScanOptimum.Point], of setting: Setting) -> [ScanOptimum.Point] {
        guard setting == .batch else { return runs }
        struct Key: Hashable {
            let n: Double
            let d: Double
            let value: Double
        }
        return Dictionary(grouping: runs) { Key(n: $0.n, d: $0.d, value: $0.value) }.values
            .compactMap { $0.min { $0.loss < $1.loss } }.sorted { ($0.n, $0.d, $0.value) < ($1.n, $1.d, $1.value) }
    }

    /// Between seeds where several ran, else that of the held-out tokens.
    private static func noise(_ points: [FitPoint]) -> SeedNoise? {
        if let seeds = SeedNoise(points) { return seeds }
        let errors = points.compactMap { point in point.lossError.map { $0 / point.loss } }.filter { $0 > 0 }.sorted()
        return errors.isEmpty
            ? nil : SeedNoise(standardDeviation: errors[errors.count / 2], degreesOfFreedom: errors.count)
    }
}

extension FitResult {
    /// Best values of scans, their power law against compute, and how far they move with size.
    init(_ table: ScanTable, points: Int) {
        let law = try? ScanOptimum.law(table.scans)
        self.init(
            law: table.setting.rawValue,
            formula: law == nil
                ? "the best \(table.setting.name) of \(table.scans.count) scans"
                : "best \(table.setting.name) = k C^p  through the minima of \(table.scans.count) scans",
            pointCount: points,
            parameters: law.map { law in
                [
                    Parameter(name: "k", value: law.coefficient, interval: law.coefficientInterval),
                    Parameter(
                        name: "p", value: law.exponent, error: law.exponentError,
                        interval: law.exponentInterval ?? law.noiseInterval),
                ]
            } ?? [], objective: law?.objective ?? 0, objectiveName: "weighted squares of ln best about the line")
        let transfer = ScanTransfer(table.scans)
        if let transfer { facts = [("over sizes", Self.sentence(transfer, table.widths))] }
        blocks = [Self.rows(table)]
        warnings = table.scans.filter(\.isEdge).map { scan in
            let values = scan.points.map { $0.value }
            let lowest = scan.lowest.value
            return .caution(
                "the scan of N = \(Number.short(scan.n)), D = \(Number.short(scan.d)) is lowest at its "
                    + "\(lowest == values.first ? "first" : "last") value, \(Number.short(lowest)): the best may lie beyond; "
                    + "add values there")
        }
        fields = [
            ("scans", JSONText.array(table.scans.map { Self.scan($0, table.widths) })),
            ("transfer_ratio", transfer.map { JSONText.number($0.ratio) } ?? "null"),
        ]
    }

    private static func sentence(_ transfer: ScanTransfer, _ widths: [Double: Double]) -> String {
        let (small, large) = (transfer.parameters.lowerBound, transfer.parameters.upperBound)
        let reach =
            if let low = widths[small], let high = widths[large], low < high {
                "\(Number.short(high / low))x of width"
            } else { "\(Number.short(large / small))x of N" }
        return
            "best from \(Number.short(transfer.best.lowerBound)) to \(Number.short(transfer.best.upperBound)) over \(reach): "
            + "a factor of \(Number.significant(transfer.ratio, 3)), "
            + (transfer.ratio <= 2 ? "flat within 2x" : "not flat within 2x: scan large models by themselves")
    }

    private static func rows(_ table: ScanTable) -> String {
        let rows = table.scans.map { scan in
            [
                Number.short(scan.n), Number.short(scan.d), String(scan.points.count),
                scan.best.map { Number.significant($0, 3) } ?? "at the edge",
                scan.best == nil ? "" : scan.logError.map { "x/÷ \(Number.significant(exp(1.96 * $0), 3))" } ?? "",
                Number.significant(scan.bestLoss ?? scan.lowest.loss, 5), Number.short(scan.lowest.value),
            ]
        }
        let head = ["N", "D", "values", "best \(table.setting.name)", "95 %", "loss there", "lowest run"]
        return TextColumns.aligned([head] + rows).joined(separator: "\n")
    }

    private static func scan(_ scan: ScanOptimum, _ widths: [Double: Double]) -> String {
        JSONText.object([
            ("n", JSONText.number(scan.n)), ("d", JSONText.number(scan.d)),
            ("width", widths[scan.n].map(JSONText.number) ?? "null"), ("compute", JSONText.number(scan.compute)),
            ("best", scan.best.map(JSONText.number) ?? "null"),
            ("log_error", scan.logError.map(JSONText.number) ?? "null"),
            ("loss", scan.bestLoss.map(JSONText.number) ?? "null"), ("at_edge", scan.isEdge ? "true" : "false"),
            (
                "values_losses",
                JSONText.array(
                    scan.points.map { JSONText.array([JSONText.number($0.value), JSONText.number($0.loss)]) })
            ),
        ])
    }
}
