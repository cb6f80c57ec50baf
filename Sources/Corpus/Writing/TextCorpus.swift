import Experiment
import Foundation
import Tokenization

/// Scanned text and the tokenizer that makes tokens of it.
struct TextCorpus: CorpusSource {
    let tokenizer: any Tokenizer
    let contentDigest: String
    let preparation: CorpusIndex.Preparation?
    private let text: ScannedText

    init(_ text: ScannedText, tokenizer: any Tokenizer, config: CorpusConfig) throws {
        self.text = text
        self.tokenizer = tokenizer
        preparation = CorpusIndex.Preparation(field: config.field, invalid: config.invalid, filter: config.filter)
        contentDigest = "\(CorpusIndex.currentSchema) text \(try tokenizer.digest) \(text.digest)".sha256
    }

    var kind: CorpusIndex.Kind { .text }
    var calibration: CalibrationConfig? { nil }

    var parts: [CorpusPart] {
        text.sources.map { source in
            CorpusPart(
                name: source.name, files: source.files.map(\.index), documents: source.documents,
                dropped: source.dropped)
        }
    }

    func write(into writer: CorpusWriter, progress: (CorpusProgress) -> Void) throws {
        let start = writer.position
        let total = text.bytes
        var done = total
        for source in text.sources[start.source...] {
            for (number, file) in source.files.enumerated().dropFirst(writer.position.file) {
                try write(file, number: number, of: source, into: writer)
                writer.endedFile()
                done += file.index.bytes
                progress(.work(done: done, total: 2 * total))
            }
            writer.endedSource()
        }
    }

    private func write(
        _ file: ScannedText.File, number: Int, of source: ScannedText.Source, into writer: CorpusWriter
    ) throws {
        let reader = try StretchReader(file, number: number, split: source.split) { $0.endIndex }
        let element = CorpusIndex.ElementType(vocabulary: tokenizer.vocabulary)
        var passed = 0
        let done = writer.position.stretch
        while let chunk = try reader.next() {
            defer { if chunk.ends { passed += 1 } }
            guard passed >= done else { continue }
            let side = writer.side(chunk.side)
            if let place = chunk.begins { side.begin(place) }
            let ids = element.encode(try tokenizer.encode(chunk.text))
            let characters = chunk.text.count { $0 & 0xC0 != 0x80 }
            try side.append(EncodedText(ids: ids, textBytes: chunk.text.count, characters: characters))
            guard chunk.ends else { continue }
            try side.end()
            try writer.endedStretch()
        }
    }
}
