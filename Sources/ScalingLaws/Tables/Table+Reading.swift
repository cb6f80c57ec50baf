import Foundation

extension Table {
    /// Reads a table by the ending of its name: `.tsv`, `.jsonl` (or `.ndjson`), anything else as CSV (RFC 4180).
    /// - Throws: `TableError` for a file that cannot be read, is no UTF-8, has no rows, or rows of differing width.
    public init(contentsOf url: URL) throws {
        let text = try Self.readText(url)
        switch url.pathExtension.lowercased() {
        case "jsonl", "ndjson": try self.init(jsonl: text, source: url.lastPathComponent)
        case "tsv": try self.init(separated: text, by: "\t", source: url.lastPathComponent)
        default: try self.init(separated: text, by: ",", source: url.lastPathComponent)
        }
    }

    /// Reads CSV whatever the file's name.
    public init(csv url: URL) throws {
        try self.init(separated: Self.readText(url), by: ",", source: url.lastPathComponent)
    }

    /// Parses CSV (separator ",") or TSV ("\t") text whose first record holds the column names.
    public init(separated text: String, by separator: Character, source: String) throws {
        let records = try SeparatedText(text, separator: separator, source: source).records()
        guard let header = records.first else {
            throw TableError("\(source) is empty: a table needs a first line of column names and at least one row")
        }
        guard records.count > 1 else {
            throw TableError("\(source) has column names and no rows: add at least one row")
        }
        let names = header.fields.map { $0.trimmingCharacters(in: .whitespaces) }
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
        var names: [String] = []
        var cells: [String: [String]] = [:]
        var lines: [Int] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            for (key, value) in try FlatJSON(line, place: "\(source), line \(index + 1)").fields() {
                if cells[key] == nil { names.append(key) }
                cells[key, default: []] += Array(repeating: "", count: lines.count - (cells[key]?.count ?? 0)) + [value]
            }
            lines.append(index + 1)
            for name in names where cells[name, default: []].count < lines.count { cells[name, default: []].append("") }
        }
        guard !lines.isEmpty else { throw TableError("\(source) holds no rows: add at least one JSON object") }
        self.init(source: source, columns: names.map { Column(name: $0, cells: cells[$0, default: []]) }, lines: lines)
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

/// RFC 4180: fields may stand in double quotes, a doubled quote inside is one, line ends inside are text.
private struct SeparatedText {
    struct Record {
        var line: Int
        var fields: [String]
    }

    private let characters: [Character]
    private let separator: Character
    private let source: String

    init(_ text: String, separator: Character, source: String) {
        characters = Array(text)
        self.separator = separator
        self.source = source
    }

    /// Every record that is not an empty line.
    func records() throws -> [Record] {
        var records: [Record] = []
        var (at, line) = (0, 1)
        while at < characters.count {
            var record = Record(line: line, fields: [])
            repeat { record.fields.append(try field(&at, &line)) } while take(separator, &at)
            if at < characters.count {
                at += 1
                line += 1
            }
            if record.fields != [""] { records.append(record) }
        }
        return records
    }

    private func take(_ character: Character, _ at: inout Int) -> Bool {
        guard at < characters.count, characters[at] == character else { return false }
        at += 1
        return true
    }

    /// One field; leaves `at` on the separator, the line end or the end of the text.
    private func field(_ at: inout Int, _ line: inout Int) throws -> String {
        guard take("\"", &at) else {
            let start = at
            while at < characters.count, characters[at] != separator, !characters[at].isNewline { at += 1 }
            return String(characters[start..<at])
        }
        let opened = line
        var text = ""
        while at < characters.count {
            let character = characters[at]
            at += 1
            if character == "\"" {
                guard take("\"", &at) else { return try closed(text, at, line) }
            }
            if character.isNewline { line += 1 }
            text.append(character)
        }
        throw TableError("\(source), line \(opened) opens a quoted field that never ends: add the closing quote")
    }

    private func closed(_ text: String, _ at: Int, _ line: Int) throws -> String {
        guard at == characters.count || characters[at] == separator || characters[at].isNewline else {
            throw TableError(
                "\(source), line \(line) has text after a closing quote: double the quotes inside the field")
        }
        return text
    }
}
