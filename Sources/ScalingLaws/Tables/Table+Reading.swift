import Foundation

extension Table {
    /// Reads a table by the ending of its name: `.tsv`, `.jsonl` (or `.ndjson`), `.json` (an array of objects), anything
    /// else as CSV (RFC 4180).
    /// - Throws: `TableError` for a file that cannot be read, is no UTF-8, has no rows, or rows of differing width.
    public init(contentsOf url: URL) throws {
        let text = try Self.readText(url)
        switch url.pathExtension.lowercased() {
        case "jsonl", "ndjson": try self.init(jsonl: text, source: url.lastPathComponent)
        case "json": try self.init(json: text, source: url.lastPathComponent)
        case "tsv": try self.init(separated: text, by: .tab, source: url.lastPathComponent)
        default: try self.init(separated: text, by: .comma, source: url.lastPathComponent)
        }
    }

    /// Reads CSV whatever the file's name.
    public init(csv url: URL) throws {
        try self.init(separated: Self.readText(url), by: .comma, source: url.lastPathComponent)
    }

    /// What stands between the fields of a row.
    public enum Separator: Sendable {
        case comma
        case tab
    }

    /// Parses CSV or TSV text whose first record holds the column names.
    public init(separated text: String, by separator: Separator, source: String) throws {
        let byte = UInt8(ascii: separator == .comma ? "," : "\t")
        let records = try SeparatedText(text, separator: byte, source: source).records()
        guard let header = records.first else {
            throw TableError("\(source) is empty: a table needs a first line of column names and at least one row")
        }
        guard records.count > 1 else {
            throw TableError("\(source) has column names and no rows: add at least one row")
        }
        let names = header.fields.map { $0.trimmingCharacters(in: .whitespaces) }
        if names.count == 1, names[0].contains(";") {
            throw TableError("\(source) is separated by semicolons: save it with commas, or with tabs as .tsv")
        }
        if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
            throw TableError("\(source) has two columns named \"\(twice)\": rename one")
        }
        for record in records.dropFirst() where record.fields.count != names.count {
            throw TableError(
                "\(source), line \(record.line) has \(record.fields.count) fields and the first line names \(names.count) "
                    + "columns: correct the row")
        }
        let rows = records.dropFirst()
        let columns = names.indices.map { i in Column(name: names[i], cells: rows.map { $0.fields[i] }) }
        self.init(source: source, columns: columns, lines: rows.map(\.line))
    }

    /// Parses one flat JSON object per line; columns in the order in which keys first appear, null as missing.
    public init(jsonl text: String, source: String) throws {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        let written = lines.filter { !$0.element.allSatisfy(\.isWhitespace) }
        try self.init(
            objects: written.map { index, line in
                (index + 1, try FlatJSON(line, place: "\(source), line \(index + 1)").fields())
            }, source: source)
    }

    /// Parses a JSON array of flat objects, as `jsonl` takes them.
    public init(json text: String, source: String) throws {
        try self.init(objects: FlatJSON.objects(ofArray: text, source: source), source: source)
    }

    private init(objects: [(line: Int, fields: [(key: String, value: String)])], source: String) throws {
        guard !objects.isEmpty else { throw TableError("\(source) holds no rows: add at least one JSON object") }
        var names: [String] = []
        var cells: [String: [String]] = [:]
        for (row, object) in objects.enumerated() {
            for (key, value) in object.fields {
                if cells[key] == nil {
                    names.append(key)
                    cells[key] = Array(repeating: "", count: objects.count)
                }
                cells[key]?[row] = value
            }
        }
        self.init(
            source: source, columns: names.map { Column(name: $0, cells: cells[$0, default: []]) },
            lines: objects.map(\.line))
    }

    private static func readText(_ url: URL) throws -> String {
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw TableError("cannot read the table \(url.path): \(error.localizedDescription)")
        }
        guard var text = String(data: data, encoding: .utf8) else {
            throw TableError("\(url.lastPathComponent) is not UTF-8 text, so it is no CSV, TSV or JSONL table")
        }
        if text.first == "\u{FEFF}" { text.removeFirst() }
        return text
    }
}
