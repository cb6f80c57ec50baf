import Experiment

/// A file that is one document of text. A byte order mark of UTF-8 in front is no part of the document: editors leave
/// it behind, nobody wrote it. Those of UTF-16 and UTF-32 are named in the error.
final class TextReader: DocumentReader {
    /// Bytes that are asked for at a time.
    private static let chunkBytes = 65_536

    private let bytes: any ByteStream
    private let path: String
    private var pieces: TextPieces
    /// Bytes of the mark that was dropped; nil before the first read.
    private var markBytes: Int?
    private var isComplete = false

    init(_ bytes: any ByteStream, path: String, invalid: InvalidText) {
        self.bytes = bytes
        self.path = path
        pieces = TextPieces(invalid)
    }

    func next() throws -> DocumentPiece? {
        while true {
            if let piece = pieces.next() {
                return DocumentPiece(
                    document: 0, line: nil, content: .text(piece.text), isText: piece.isText,
                    replaced: piece.replaced)
            }
            guard !isComplete else { return nil }
            try fill()
        }
    }

    private func fill() throws {
        var chunk = try bytes.read(Self.chunkBytes)
        isComplete = chunk.count < Self.chunkBytes
        let mark = ByteOrderMark(chunk)
        let isFirst = markBytes == nil
        if isFirst, mark == .utf8 { chunk.removeFirst(3) }
        let markBytes = self.markBytes ?? (mark == .utf8 ? 3 : 0)
        self.markBytes = markBytes
        do {
            try pieces.append(chunk, isLast: isComplete)
        } catch {
            if isFirst, let mark, mark != .utf8 { throw mark.failure(path) }
            throw Self.failure(path, at: markBytes + error.offset, isZero: error.isZero)
        }
    }

    private static func failure(_ path: String, at offset: Int, isZero: Bool) -> Failure {
        if isZero {
            return Failure(
                .badData, "\(path) looks like a binary file (byte \(offset) is zero); leave it out of the corpus.")
        }
        return Failure(
            .badData,
            "\(path) is not UTF-8 text at byte \(offset); convert it to UTF-8, leave it out of the corpus, or have "
                + "invalid text replaced or skipped (`invalid`).")
    }
}

/// What a file of text may start with to tell its encoding.
enum ByteOrderMark: String {
    case utf8 = "UTF-8"
    case utf16 = "UTF-16"
    case utf32 = "UTF-32"

    /// The mark at the start of a file's first bytes; nil for none.
    init?(_ bytes: [UInt8]) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            self = .utf8
        } else if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
            self = .utf32
        } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            self = .utf16
        } else {
            return nil
        }
    }

    /// What is said of a file that starts with it.
    func failure(_ path: String) -> Failure {
        Failure(
            .badData,
            "\(path) is \(rawValue) text (its byte order mark is at byte 0), not UTF-8; convert it first, as with "
                + "`iconv -f \(rawValue) -t UTF-8`.")
    }
}
