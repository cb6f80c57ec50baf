import Crypto
import Experiment
import Foundation
import Tokenization

/// Text files that have been read once: checked, hashed, and split. Writing reads them again, piece by piece.
struct TextCorpus: CorpusSource {
    let tokenizer: any Tokenizer
    let contentDigest: String
    private let documents: [Document]
    private let split: HeldOutSplit

    private struct Document {
        let source: CorpusIndex.Source
        /// Keyed hashes of its units.
        let units: [UInt64]
    }

    /// Reads all files. Throws `Failure(.badData)` for what is not text or cannot be split.
    init(_ sources: TextSources, tokenizer: any Tokenizer, progress: (CorpusProgress) -> Void) throws {
        self.tokenizer = tokenizer
        var documents: [Document] = []
        var done = 0
        for file in sources.files {
            documents.append(
                try Self.scan(file) { bytes in
                    done += bytes
                    progress(.work(done: min(done, sources.bytes), total: 2 * sources.bytes))
                })
        }
        self.documents = documents
        split = try HeldOutSplit(hashes: documents.lazy.flatMap(\.units))
        let parts = documents.map { "\($0.source.bytes) \($0.source.sha256)\n" }
        contentDigest = "\(CorpusIndex.currentSchema) text \(try tokenizer.digest)\n\(parts.joined())".sha256
    }

    var kind: CorpusIndex.Kind { .text }
    var files: [CorpusIndex.Source] { documents.map(\.source) }
    var calibration: CalibrationConfig? { nil }

    private static func scan(_ file: SourceFile, didRead: (Int) -> Void) throws -> Document {
        let units = try TextUnits(path: file.path)
        var hash = SHA256()
        var bytes = 0
        var hashes: [UInt64] = []
        while let unit = try units.next() {
            hash.update(data: unit)
            bytes += unit.count
            hashes.append(HeldOutSplit.hash(unit))
            didRead(unit.count)
        }
        let digest = hash.finalize().hexadecimal
        return Document(source: CorpusIndex.Source(path: file.path, bytes: bytes, sha256: digest), units: hashes)
    }

    func write(into writer: CorpusWriter, progress: (CorpusProgress) -> Void) throws {
        let total = documents.reduce(0) { $0 + $1.source.bytes }
        var done = total
        for document in documents {
            try write(document, into: writer) { bytes in
                done += bytes
                progress(.work(done: done, total: 2 * total))
            }
        }
    }

    /// End-of-text follows each unbroken stretch on a side: text that was never together is not joined.
    private func write(_ document: Document, into writer: CorpusWriter, didWrite: (Int) -> Void) throws {
        let units = try TextUnits(path: document.source.path)
        var side: CorpusSide?
        for side in Set(document.units.map(split.side)) { writer.countDocument(on: side) }
        for expected in document.units {
            guard let unit = try units.next(), HeldOutSplit.hash(unit) == expected else { throw changed(document) }
            let next = split.side(of: expected)
            if let side, side != next { try writer.endStretch(on: side) }
            try writer.append(try tokenizer.encode(unit), textBytes: unit.count, to: next)
            side = next
            didWrite(unit.count)
        }
        guard try units.next() == nil else { throw changed(document) }
        if let side { try writer.endStretch(on: side) }
    }

    private func changed(_ document: Document) -> Failure {
        Failure(.badData, "\(document.source.path) changed while it was read; start again when it is complete.")
    }
}
