import Foundation

extension Table {
    /// The table as CSV (RFC 4180, but with "\n" line ends, as Unix tools expect).
    public var csv: String {
        var lines = [columnNames.map(Self.quoted).joined(separator: ",")]
        for row in 0..<rowCount {
            lines.append(columns.map { Self.quoted($0.cells[row]) }.joined(separator: ","))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One JSON object per row; a column is written as numbers when each of its cells is one, empty cells as null.
    public var jsonl: String {
        let numeric = columns.map { $0.cells.allSatisfy { $0.isEmpty || Self.isJSONNumber($0) } }
        var text = ""
        for row in 0..<rowCount {
            let fields = columns.indices.map { i in
                let cell = columns[i].cells[row]
                let value = cell.isEmpty ? "null" : numeric[i] ? cell : JSONText.string(cell)
                return "\(JSONText.string(columns[i].name)): \(value)"
            }
            text += "{" + fields.joined(separator: ", ") + "}\n"
        }
        return text
    }

    /// Writes by the ending of the name: `.jsonl` as JSONL, anything else as CSV.
    public func write(to url: URL) throws {
        let text = url.pathExtension.lowercased() == "jsonl" ? jsonl : csv
        do {
            try Data(text.utf8).write(to: url, options: .atomic)
        } catch {
            throw TableError("cannot write the table \(url.path): \(error.localizedDescription)")
        }
    }

    private static func quoted(_ cell: String) -> String {
        let special = cell.contains { $0 == "," || $0 == "\"" || $0.isNewline } || cell.first == " " || cell.last == " "
        return special ? "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : cell
    }

    private static func isJSONNumber(_ cell: String) -> Bool {
        cell.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil
    }
}
