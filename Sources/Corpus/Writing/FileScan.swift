import Crypto
import Experiment

/// One file that was read: what selection needs to know of its documents, and the hashes that split them.
struct FileScan: Sendable {
    private let file: SourceFile
    private let sha256: String
    private let bytes: Int
    private let replaced: Int
    private let units: [UInt64]
    private let documents: [Measured]

    private struct Measured: Sendable {
        let facts: DocumentFacts
        let units: Range<Int>
        let isText: Bool
    }

    /// Throws `Failure(.badData)` for a file that cannot be used.
    init(_ file: SourceFile, options: ReadingOptions, filter: FilterConfig) throws {
        let reader = try file.open(options)
        var measure = DocumentMeasure(filter)
        var hash = SHA256()
        var documents: [Measured] = []
        var units: [UInt64] = []
        var (bytes, replaced, first) = (0, 0, 0)
        var present: (number: Int, isText: Bool)?
        func endDocument(_ isText: Bool) {
            documents.append(Measured(facts: measure.finish(), units: first..<units.count, isText: isText))
            first = units.count
        }
        while let piece = try reader.next() {
            if let present, present.number != piece.document { endDocument(present.isText) }
            present = (piece.document, piece.isText)
            let stored = piece.content.hashedBytes
            hash.update(data: stored)
            units.append(HeldOutSplit.hash(stored))
            bytes += stored.count
            replaced += piece.replaced
            switch piece.content {
            case .text(let text): measure.add(text: text)
            case .tokens(let ids): measure.add(tokens: ids)
            }
        }
        if let present { endDocument(present.isText) }
        self.file = file
        self.documents = documents
        self.units = units
        self.bytes = bytes
        self.replaced = replaced
        sha256 = hash.finalize().hexadecimal
    }

    /// The file with each document kept or dropped, in order.
    func selected(
        by selection: inout DocumentSelection, dropped: inout [String: CorpusIndex.Dropped]
    ) -> ScannedText.File {
        var keptBytes = 0
        let selected = documents.map { document in
            let reason = document.isText ? selection.reason(toDrop: document.facts) : .notText
            if let reason {
                dropped[reason.rawValue, default: .init(documents: 0, bytes: 0)].documents += 1
                dropped[reason.rawValue]?.bytes += document.facts.bytes
            } else {
                keptBytes += document.facts.bytes
            }
            return ScannedText.Document(units: document.units, isKept: reason == nil)
        }
        return ScannedText.File(
            file: file, index: CorpusIndex.File(path: file.path, bytes: file.bytes, textBytes: bytes, sha256: sha256),
            documents: selected, units: units, keptBytes: keptBytes, replaced: replaced)
    }
}

extension DocumentPiece.Content {
    /// What is hashed: text itself, ids as little-endian uint32.
    var hashedBytes: [UInt8] {
        switch self {
        case .text(let text): text
        case .tokens(let ids): CorpusIndex.ElementType.uint32.encode(ids)
        }
    }
}
