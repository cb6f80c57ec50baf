import Foundation

/// A table by columns: the text of every cell, read as numbers where they are asked for.
public struct Table: Sendable, Equatable {
    /// A named column; an empty cell is a missing value.
    public struct Column: Sendable, Equatable {
        /// As in the header; unique in a table.
        public let name: String
        /// One text per row.
        public var cells: [String]

        /// A column of texts.
        public init(name: String, cells: [String]) {
            self.name = name
            self.cells = cells
        }

        /// Numbers in the shortest form that reads back to the same bits; nil is missing.
        public init(name: String, numbers: [Double?]) {
            self.init(name: name, cells: numbers.map { $0.map(Number.exact) ?? "" })
        }

        /// Whole numbers; nil is missing.
        public init(name: String, integers: [Int?]) {
            self.init(name: name, cells: integers.map { $0.map(String.init) ?? "" })
        }
    }

    /// The file that the table came from, or what else it is, as messages name it.
    public let source: String
    /// In the order of the source.
    public private(set) var columns: [Column]
    /// The line of the source where each row began, for messages.
    private let lines: [Int]

    /// Rows, the header not counted.
    public var rowCount: Int { lines.count }
    /// In the order of the source.
    public var columnNames: [String] { columns.map(\.name) }

    /// A table made of columns of equal length.
    public init(source: String, columns: [Column]) {
        let rows = columns.first?.cells.count ?? 0
        precondition(
            columns.allSatisfy { $0.cells.count == rows },
            "columns of \(source) differ in length: \(columns.map { "\($0.name) \($0.cells.count)" })")
        self.init(source: source, columns: columns, lines: Array(2..<(rows + 2)))
    }

    init(source: String, columns: [Column], lines: [Int]) {
        self.source = source
        self.columns = columns
        self.lines = lines
    }

    /// Whether there is a column of this name.
    public func hasColumn(_ name: String) -> Bool { columns.contains { $0.name == name } }

    /// The text of a column.
    /// - Throws: `TableError` when the table has no such column; it names those there are.
    public func texts(_ name: String) throws -> [String] {
        guard let column = columns.first(where: { $0.name == name }) else {
            throw TableError(
                "\(source) has no column \"\(name)\"; it has \(columnNames.joined(separator: ", ")): name the column to use"
            )
        }
        return column.cells
    }

    /// The numbers of a column, nil where a cell is empty.
    /// - Throws: `TableError` that names file, line, column and value of a cell that is no number.
    public func optionalDoubles(_ name: String) throws -> [Double?] {
        let cells = try texts(name)
        return try cells.indices.map { try number(cells[$0], $0, name) }
    }

    /// The number in a cell, nil for an empty one.
    public func number(_ cell: String, _ row: Int, _ name: String) throws -> Double? {
        let text = cell.trimmingCharacters(in: .whitespaces)
        guard !text.isEmpty else { return nil }
        guard let value = Double(text) else {
            throw TableError("\(place(row, name)) is \"\(text)\", not a number: correct the cell or remove the row")
        }
        return value
    }

    /// The numbers of a column without a missing value.
    /// - Throws: `TableError` also for an empty cell.
    public func doubles(_ name: String) throws -> [Double] {
        try optionalDoubles(name).enumerated().map { row, value in
            guard let value else {
                throw TableError(
                    "\(place(row, name)) is empty, and a number is needed: fill the cell or remove the row")
            }
            return value
        }
    }

    /// "runs.csv, line 7, column loss_final", for messages about a cell.
    public func place(_ row: Int, _ column: String) -> String {
        "\(source), line \(line(row)), column \(column)"
    }

    /// The line of the source where a row began, from 1.
    public func line(_ row: Int) -> Int { lines[row] }
}
