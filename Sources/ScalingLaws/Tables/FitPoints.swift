import Experiment
import Foundation

/// The runs of a table that a law is fitted to, and what was left out and why.
public struct FitPoints: Sendable {
    /// Which columns hold what.
    public typealias Columns = FitColumns

    /// In the order of the table.
    public let points: [FitPoint]
    /// The row of the table that each point is, from 0, the header not counted.
    public let rows: [Int]
    /// One sentence per reason, with how many rows it left out.
    public let dropped: [String]
    /// The columns that were read.
    public let columns: FitColumns
    /// Which rows were asked for.
    public let selection: FitSelection
    /// The file that the table came from.
    public let source: String

    /// Takes the points from a table. Only cells of rows that are fitted are read as numbers.
    /// - Throws: `TableError` for a missing column, a cell that is no number, and any N, D, C, loss or weight that is not
    ///   a finite positive number, with its line and value; and when no row is left.
    public init(_ table: Table, columns: FitColumns = FitColumns(), selection: FitSelection = FitSelection()) throws {
        let (selected, notes) = try selection.rows(of: table, columns: columns)
        let all = try Self.read(table, rows: selected, columns: columns)
        let beaten =
            selection.takesScans || selection.takesUnfinished
            ? [] : try ScanGroups.beaten(all, rows: selected, table, columns)
        let highest = all.indices.filter { !beaten.contains($0) }
            .sorted { (all[$0].loss, $1) > (all[$1].loss, $0) }.prefix(selection.highestLossesDropped)
        let kept = all.indices.filter { !highest.contains($0) && !beaten.contains($0) }
        points = kept.map { all[$0] }
        rows = kept.map { selected[$0] }
        let out: [(places: [Int], reason: String)] = [
            (beaten.sorted(), "left out: not the best learning rate or batch of their model and length"),
            (highest.sorted(), "left out: highest loss"),
        ]
        let dropped =
            notes
            + out.filter { !$0.places.isEmpty }.map { places, reason in
                FitSelection.sentence(places.map { selected[$0] }, reason, table, columns)
            }
        guard !points.isEmpty else {
            throw TableError(
                "\(table.source) has no row to fit" + (dropped.isEmpty ? "" : ": " + dropped.joined(separator: "; "))
                    + "; add runs, or ask for fewer conditions")
        }
        self.dropped = dropped
        self.columns = columns
        self.selection = selection
        source = table.source
    }

    /// SHA-256 (hexadecimal) of what is fitted: equal digests are equal data.
    public var digest: String { Self.digest(of: points) }

    /// SHA-256 (hexadecimal) of points: a line `n,d,c,loss,weight` each, numbers in the shortest form that reads back to
    /// the same bits, c empty where the table has none. Where a point has repeats, steps or a cluster of its own, which
    /// some laws and intervals depend on, `,unique=…`, `,steps=…` and `,cluster=…` follow.
    static func digest(of points: [FitPoint]) -> String {
        points.map { point in
            let numbers = [point.n, point.d].map(Number.exact) + [point.c.map(Number.exact) ?? ""]
            let rest = [
                point.uniqueTokens.flatMap { $0 < point.d ? "unique=\(Number.exact($0))" : nil },
                point.steps.map { "steps=\(Number.exact($0))" },
                point.cluster == point.label ? nil : "cluster=\(point.cluster)",
            ]
            let cells = numbers + [point.loss, point.weight].map(Number.exact) + rest.compactMap { $0 }
            return cells.joined(separator: ",") + "\n"
        }.joined().sha256
    }

    private static func read(_ table: Table, rows: [Int], columns: FitColumns) throws -> [FitPoint] {
        let reader = PositiveReader(table: table, rows: rows)
        let n = try reader.required(columns.n)
        let loss = try reader.required(columns.loss)
        let c = try reader.optional(columns.c)
        let d = try tokens(reader, columns, n: n)
        let weights = try columns.weight.map { try reader.required($0) }
        let clusters = try columns.cluster.map { try table.texts($0) } ?? reader.texts("cluster")
        let labels = try reader.texts(columns.label)
        let seeds = try reader.texts(columns.seed)
        let unique = try reader.optional(columns.uniqueTokens)
        let steps = try reader.optional(columns.steps)
        let batch = try reader.optional(columns.batchTokens)
        let errors = try reader.optional(columns.lossError, allowsZero: true)
        return rows.indices.map { i in
            let label = labels?[rows[i]] ?? "row \(rows[i] + 1)"
            return FitPoint(
                n: n[i], d: d[i], c: c?[i], loss: loss[i], label: label,
                cluster: clusters.map { $0[rows[i]] }.flatMap { $0.isEmpty ? nil : $0 },
                seed: seeds?[rows[i]], uniqueTokens: unique?[i], steps: steps?[i], batchTokens: batch?[i],
                lossError: errors?[i], weight: weights?[i] ?? 1)
        }
    }

    private static func tokens(_ reader: PositiveReader, _ columns: FitColumns, n: [Double]) throws -> [Double] {
        if !columns.tokensFromCompute {
            if reader.table.hasColumn(columns.d) { return try reader.required(columns.d) }
            guard reader.table.hasColumn(columns.c) else {
                throw TableError(
                    "\(reader.table.source) has neither a column \"\(columns.d)\" for the tokens nor \"\(columns.c)\" for the FLOPs; it has "
                        + "\(reader.table.columnNames.joined(separator: ", ")): name one with --d or --c")
            }
        }
        return try zip(try reader.required(columns.c), n).enumerated().map { i, row in
            let tokens = row.0 / (6 * row.1)
            guard tokens.isFinite, tokens > 0 else {
                throw TableError(
                    "\(reader.table.place(reader.rows[i], columns.c)) is \(Number.exact(row.0)), and D = C/(6N) with N = "
                        + "\(Number.exact(row.1)) is \(Number.exact(tokens)) tokens: correct C or N, or remove the row")
            }
            return tokens
        }
    }
}

/// Numbers of some rows of a table that must be finite and positive.
private struct PositiveReader {
    let table: Table
    let rows: [Int]

    func required(_ name: String) throws -> [Double] {
        let values = try numbers(name, allowsZero: false)
        return try zip(rows, values).map { row, value in
            guard let value else {
                throw TableError(
                    "\(table.place(row, name)) is empty, and a number is needed: fill it or remove the row")
            }
            return value
        }
    }

    /// nil where the table has no such column, or the cell is empty.
    func optional(_ name: String, allowsZero: Bool = false) throws -> [Double?]? {
        table.hasColumn(name) ? try numbers(name, allowsZero: allowsZero) : nil
    }

    func texts(_ name: String) throws -> [String]? { table.hasColumn(name) ? try table.texts(name) : nil }

    private func numbers(_ name: String, allowsZero: Bool) throws -> [Double?] {
        let cells = try table.texts(name)
        return try rows.map { row in
            guard let value = try table.number(cells[row], row, name) else { return nil }
            guard value.isFinite, value > 0 || (allowsZero && value == 0) else {
                throw TableError(
                    "\(table.place(row, name)) is \(Number.exact(value)), and a law needs a finite number above 0: correct or "
                        + "remove the row, or leave it out with --where")
            }
            return value
        }
    }
}
