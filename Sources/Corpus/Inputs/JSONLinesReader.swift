import Experiment

/// A file with a JSON object a line, one field of which is a document. Blank lines are passed over. A line is held in
/// memory, with its document, while that is read; the file is not.
final class JSONLinesReader: DocumentReader {
    private let lines: LineReader
    private let path: String
    private let field: [UInt8]
    private let invalid: InvalidText
    private var pieces: TextPieces?
    private var line = 0
    private var document = -1

    init(_ bytes: any ByteStream, path: String, options: ReadingOptions) {
        lines = LineReader(bytes)
        self.path = path
        field = Array(options.field.utf8)
        invalid = options.invalid
    }

    func next() throws -> DocumentPiece? {
        while true {
            if let piece = pieces?.next() {
                return DocumentPiece(
                    document: document, line: line, content: .text(piece.text), isText: piece.isText,
                    replaced: piece.replaced)
            }
            pieces = nil
            guard let next = try lines.next() else { return nil }
            let line = try next.number == 1 ? withoutMark(next) : next
            if !line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { try read(line) }
        }
    }

    private func read(_ line: LineReader.Line) throws {
        let range = try document(in: line)
        guard !range.isEmpty else { return }
        self.line = line.number
        document += 1
        var pieces = TextPieces(invalid, zeroIsText: true)
        do {
            try pieces.append(JSONString.decoded(line.bytes, range), isLast: true)
        } catch {
            throw invalidText(at: JSONString.position(of: error.offset, in: line.bytes, range), in: line)
        }
        self.pieces = pieces
    }

    /// Where the document is in its line; of several fields of one name, the last.
    private func document(in line: LineReader.Line) throws -> Range<Int> {
        var scanner = JSONObjectScanner(line.bytes)
        var found: JSONObjectScanner.Value?
        do {
            try scanner.members { key, value in
                if isField(key, of: line.bytes) { found = value }
            }
        } catch {
            throw failure(
                line, "\(error.words) (byte \(line.offset + error.offset) of the file); correct or remove the line.")
        }
        switch found {
        case .string(let range): return range
        case .other(let kind):
            throw failure(line, "the field \"\(name)\" is \(kind), not a string; name the field that holds the text.")
        case nil:
            throw failure(
                line, "there is no field \"\(name)\" (\(keys(of: line))); name the field that holds the text.")
        }
    }

    private var name: String { String(decoding: field, as: UTF8.self) }

    private func isField(_ key: Range<Int>, of bytes: [UInt8]) -> Bool {
        let key = bytes[key]
        if key.elementsEqual(field) { return true }
        return key.contains(.backslash) && JSONString.decoded(bytes, key.indices) == field
    }

    /// The keys that a line has, for a message.
    private func keys(of line: LineReader.Line) -> String {
        var scanner = JSONObjectScanner(line.bytes)
        var keys: [String] = []
        try? scanner.members { key, _ in
            keys.append("\"\(String(decoding: JSONString.decoded(line.bytes, key), as: UTF8.self))\"")
        }
        guard !keys.isEmpty else { return "the object is empty" }
        let more = keys.count > 12 ? " and \(keys.count - 12) more" : ""
        return "its fields: \(keys.prefix(12).joined(separator: ", "))\(more)"
    }

    private func withoutMark(_ line: LineReader.Line) throws -> LineReader.Line {
        guard let mark = ByteOrderMark(line.bytes) else { return line }
        guard mark == .utf8 else { throw mark.failure(path) }
        return LineReader.Line(bytes: Array(line.bytes.dropFirst(3)), number: 1, offset: line.offset + 3)
    }

    private func invalidText(at place: Int, in line: LineReader.Line) -> Failure {
        let what = line.bytes[place] == .backslash ? "half a surrogate pair" : "not UTF-8"
        return failure(
            line,
            "the field \"\(name)\" is no text at byte \(line.offset + place) of the file (\(what)); correct it, or have "
                + "invalid text replaced or skipped (`invalid`).")
    }

    private func failure(_ line: LineReader.Line, _ problem: String) -> Failure {
        Failure(.badData, "\(path), line \(line.number): \(problem)")
    }
}
