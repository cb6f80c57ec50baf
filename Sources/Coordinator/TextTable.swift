/// Columns of text for a terminal: the first aligned left, numbers right.
struct TextTable {
    let header: [String]
    let rows: [[String]]

    var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in
            all.map { $0.indices.contains(column) && $0.count == header.count ? $0[column].count : 0 }.max() ?? 0
        }
        return all.map { row in
            let cells = row.indices.map { column in
                let space = String(repeating: " ", count: max(0, widths[column] - row[column].count))
                return isNumeric(column) ? space + row[column] : row[column] + space
            }
            return trimmed(cells.joined(separator: "  ")) + "\n"
        }.joined()
    }

    /// A column of numbers, or of what begins as one.
    private func isNumeric(_ column: Int) -> Bool {
        let cells = rows.compactMap { $0.count == header.count ? $0[column] : nil }.filter { !$0.isEmpty }
        return !cells.isEmpty && cells.allSatisfy { $0.first.map { $0.isNumber || $0 == "-" } ?? false }
    }

    private func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
