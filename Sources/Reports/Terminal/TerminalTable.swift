/// A table of text with aligned columns under a ruled header.
public struct TerminalTable: Sendable, Equatable {
    /// Which side of a column its cells stand on.
    public enum Alignment: Sendable {
        case left
        case right
    }

    /// A heading and how its cells are aligned: numbers stand on the right.
    public struct Column: Sendable, Equatable {
        let title: String
        let alignment: Alignment

        /// A column with its heading.
        public init(_ title: String, _ alignment: Alignment = .right) {
            self.title = title
            self.alignment = alignment
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    /// An empty table.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row with one cell per column.
    public mutating func add(_ cells: [String]) {
        precondition(
            cells.count == columns.count, "a row of \(cells.count) cells in a table of \(columns.count) columns")
        rows.append(cells)
    }

    /// The whole table with a line end after every row.
    public func text(_ style: TerminalStyle) -> String {
        let titles = columns.map { style.plain($0.title) }
        let cells = rows.map { $0.map(style.plain) }
        let widths = columns.indices.map { i in ([titles] + cells).map { $0[i].count }.max() ?? 0 }
        let rule = widths.map { String(repeating: style.isUnicode ? "─" : "-", count: $0) }
        return ([titles, rule] + cells).map { line($0, widths) + "\n" }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var text = columns.indices.map { i in
            let space = String(repeating: " ", count: widths[i] - cells[i].count)
            return columns[i].alignment == .left ? cells[i] + space : space + cells[i]
        }.joined(separator: "  ")
        while text.last == " " { text.removeLast() }
        return text
    }
}
