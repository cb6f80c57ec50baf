import Foundation

/// The runs of a table that a law is fitted to, and what was left out and why.
public struct FitPoints: Sendable {
    /// Which columns hold what.
    public struct Columns: Sendable, Equatable {
        /// Parameters; `n_non_embedding` and `n_with_head` are the other conventions of our own table.
        public var n: String
        /// Tokens; a table without this column takes D = C/(6N).
        public var d: String
        /// FLOPs; optional when the tokens are there.
        public var c: String
        /// Nats per token.
        public var loss: String
        /// The run's name, where there is such a column.
        public var label: String
        /// Where there is such a column, only rows that say `complete` are fitted, unless
        /// `acceptedStatus` says otherwise.
        public var status: String
        /// The values of `status` that are fitted.
        public var acceptedStatus: Set<String>

        /// The columns of our own `runs` table.
        public init(
            n: String = "n_total", d: String = "tokens", c: String = "flops_6nd", loss: String = "loss_final",
            label: String = "run", status: String = "status", acceptedStatus: Set<String> = ["complete"]
        ) {
            self.n = n
            self.d = d
            self.c = c
            self.loss = loss
            self.label = label
            self.status = status
            self.acceptedStatus = acceptedStatus
        }
    }

    /// In the order of the table.
    public let points: [FitPoint]
    /// One sentence per reason, with how many rows it left out.
    public let dropped: [String]
    /// The columns that were read.
    public let columns: Columns

    /// Takes the points from a table.
    /// - Throws: `TableError` for a missing column, a cell that is no number, and any N, D, C or loss that is not a
    ///   finite positive number, with its line and value.
    public init(_ table: Table, columns: Columns = Columns()) throws {
        let status = table.hasColumn(columns.status) ? try table.texts(columns.status) : nil
        let rows = (0..<table.rowCount).filter { row in status.map { columns.acceptedStatus.contains($0[row]) } ?? true
        }
        let reader = Reader(table: table, rows: rows)
        let n = try reader.positives(columns.n)
        let loss = try reader.positives(columns.loss)
        let c = table.hasColumn(columns.c) ? try reader.optionalPositives(columns.c) : nil
        let d = try Self.tokens(reader, columns, n: n, c: c)
        let labels = table.hasColumn(columns.label) ? try table.texts(columns.label) : nil
        points = rows.indices.map { i in
            FitPoint(n: n[i], d: d[i], c: c?[i], loss: loss[i], label: labels?[rows[i]] ?? "row \(rows[i] + 1)")
        }
        self.columns = columns
        dropped = Self.dropped(status, columns)
    }

    private static func tokens(_ reader: Reader, _ columns: Columns, n: [Double], c: [Double?]?) throws -> [Double] {
        if reader.table.hasColumn(columns.d) { return try reader.positives(columns.d) }
        guard c != nil else {
            throw TableError(
                "\(reader.table.source) has neither a column \"\(columns.d)\" for the tokens nor \"\(columns.c)\" for the FLOPs; it has "
                    + "\(reader.table.columnNames.joined(separator: ", ")): name one with --d or --c")
        }
        return zip(try reader.positives(columns.c), n).map { $0 / (6 * $1) }
    }

    private static func dropped(_ status: [String]?, _ columns: Columns) -> [String] {
        guard let status else { return [] }
        let others = Dictionary(grouping: status.filter { !columns.acceptedStatus.contains($0) }, by: { $0 })
        return others.keys.sorted().map { key in
            let count = others[key, default: []].count
            let accepted = columns.acceptedStatus.sorted().joined(separator: " or ")
            return "\(count) \(count == 1 ? "row" : "rows") left out: "
                + "status \(key.isEmpty ? "empty" : "\"\(key)\""), not \(accepted)"
        }
    }

    /// Numbers of some rows of a table that must be finite and positive.
    private struct Reader {
        let table: Table
        let rows: [Int]

        func positives(_ name: String) throws -> [Double] {
            try zip(rows, optionalPositives(name)).map { row, value in
                guard let value else {
                    throw TableError(
                        "\(table.place(row, name)) is empty, and a number is needed: fill it or remove the row")
                }
                return value
            }
        }

        func optionalPositives(_ name: String) throws -> [Double?] {
            let values = try table.optionalDoubles(name)
            return try rows.map { row in
                guard let value = values[row] else { return nil }
                guard value.isFinite, value > 0 else {
                    throw TableError(
                        "\(table.place(row, name)) is \(value), and a law needs a finite number above 0: correct or remove the row"
                    )
                }
                return value
            }
        }
    }
}
