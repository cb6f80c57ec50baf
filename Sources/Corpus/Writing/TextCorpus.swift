import Experiment
import Foundation
import Synchronization
import Tokenization

/// Scanned text and the tokenizer that makes tokens of it.
struct TextCorpus: CorpusSource {
    let tokenizer: any Tokenizer
    let contentDigest: String
    let layoutDigest: String
    let preparation: CorpusIndex.Preparation?
    private let text: ScannedText
    private let jobs: Int
    private let didEncode: (Double) -> Void

    /// - Parameters:
    ///   - jobs: cores to encode on.
    ///   - didEncode: told the part of the text that is encoded.
    init(
        _ text: ScannedText, tokenizer: any Tokenizer, config: CorpusConfig, jobs: Int,
        didEncode: @escaping (Double) -> Void
    ) throws {
        self.text = text
        self.tokenizer = tokenizer
        self.jobs = jobs
        self.didEncode = didEncode
        preparation = CorpusIndex.Preparation(field: config.field, invalid: config.invalid, filter: config.filter)
        contentDigest = "\(CorpusIndex.currentSchema) text \(try tokenizer.digest) \(text.digest)".sha256
        layoutDigest = text.layoutDigest
    }

    var kind: CorpusIndex.Kind { .text }
    var calibration: CalibrationConfig? { nil }

    var parts: [CorpusPart] {
        text.sources.map { source in
            CorpusPart(
                name: source.name, files: source.files.map(\.index), documents: source.documents,
                dropped: source.dropped, replaced: source.files.reduce(0) { $0 + $1.replaced })
        }
    }

    /// A batch is encoded on all cores while one of them reads the next.
    func write(into writer: CorpusWriter, progress: (CorpusProgress) -> Void) throws {
        let reader = LockedReader(StretchesReader(text, from: writer.position, tokenizer: tokenizer))
        let bytesOfBatch = jobs * 2 * FileReader.chunkBytes
        let encoder = ChunkEncoder(tokenizer: tokenizer)
        let total = Double(max(1, text.keptBytes))
        var done = keptBytes(before: writer.position)
        var batch = try reader.batch(bytes: bytesOfBatch)
        while !batch.isEmpty {
            let work = [Work.read] + batch.map(Work.process)
            let results = try work.concurrentMap(jobs: jobs) { work -> Processed in
                switch work {
                case .read: return .read(try reader.batch(bytes: bytesOfBatch))
                case .process(let item): return .item(item, try encoder.encode(item))
                }
            }
            for case .item(let item, let encoded) in results {
                try append(item, encoded, to: writer)
                done += encoded?.textBytes ?? 0
            }
            guard case .read(let next)? = results.first else { preconditionFailure("reading is the first work") }
            batch = next
            didEncode(min(1, Double(done) / total))
        }
    }

    private enum Work: Sendable {
        case read
        case process(TextItem)
    }

    private enum Processed: Sendable {
        case read([TextItem])
        case item(TextItem, EncodedText?)
    }

    private func append(_ item: TextItem, _ encoded: EncodedText?, to writer: CorpusWriter) throws {
        switch item {
        case .endOfFile: writer.endedFile()
        case .endOfSource: writer.endedSource()
        case .chunk(let chunk):
            let side = writer.side(chunk.side)
            if let place = chunk.begins { side.begin(place) }
            if let encoded { try side.append(encoded) }
            guard chunk.ends else { return }
            try side.end()
            try writer.endedStretch()
        }
    }

    private func keptBytes(before position: WritingPosition) -> Int {
        let sources = text.sources.prefix(position.source).flatMap(\.files)
        let files = text.sources.dropFirst(position.source).first?.files.prefix(position.file) ?? []
        return (sources + files).reduce(0) { $0 + $1.keptBytes }
    }
}

/// A reader that whichever thread comes first asks for the next batch.
private final class LockedReader: Sendable {
    private let reader: Mutex<StretchesReader>

    init(_ reader: sending StretchesReader) { self.reader = Mutex(reader) }

    func batch(bytes: Int) throws -> [TextItem] { try reader.withLock { try $0.batch(bytes: bytes) } }
}

/// Makes tokens of chunks, on any thread.
private struct ChunkEncoder: Sendable {
    let tokenizer: any Tokenizer

    func encode(_ item: TextItem) throws -> EncodedText? {
        guard case .chunk(let chunk) = item else { return nil }
        let (ids, text) =
            switch chunk.content {
            case .text(let text): (try tokenizer.encode(text), text)
            case .tokens(let ids): (ids, try tokenizer.decode(ids))
            }
        return EncodedText(
            ids: CorpusIndex.ElementType(vocabulary: tokenizer.vocabulary).encode(ids), textBytes: text.count,
            characters: text.count { $0 & 0xC0 != 0x80 })
    }
}
