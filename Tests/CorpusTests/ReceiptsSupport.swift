import Experiment
import Foundation
import Testing
import Tokenization

@testable import Corpus

/// A corpus of files of all kinds with a byte-pair tokenizer, and a run's order of it.
struct ReceiptsCase {
    let folder: TemporaryFolder
    let corpus: PreparedCorpus
    let data: TrainingData
    let steps: Int

    /// A book long enough that the split cuts it, small texts, and lines of JSON; characters of one to four bytes.
    init() throws {
        folder = try TemporaryFolder()
        try folder.write("texts/book.txt", text("book", lines: 9_000))
        for i in 0..<40 { try folder.write("texts/\(i).txt", text("file \(i) 😀", lines: 1 + i % 7)) }
        // The equal one is left out.
        try folder.write("texts/copy.txt", text("file 3 😀", lines: 4))
        let lines = (0..<60).map { #"{"id": \#($0), "text": "record \#($0)\nend \u00e9 of \"it\""}"# + "\n" }
        try folder.write("texts/records.jsonl", lines.joined().utf8)
        let config = CorpusConfig(paths: [folder.path("texts")], tokenizer: "bpe:400")
        corpus = try CorpusPreparation.prepare(config, cache: folder.cache, shardTokens: 50_000)
        data = try TrainingData(
            corpus, context: 64, sequencesPerStep: 96, slot: 8, limitTokens: nil, seed: 5)
        // The whole order, and some of it again.
        steps = data.sequences / 96 + 5
    }

    func search() -> DocumentSearch { DocumentSearch(data, steps: steps) }

    func find(_ place: String?, text: String? = nil) throws -> DocumentSearch.Findings {
        let query = DocumentQuery(place: place, text: text, files: corpus.index.sources[0].files.map(\.path))
        return try search().find(query, limit: 100)
    }

    /// The text of a document, read from its file by other means.
    static func original(file: String, line: Int?) throws -> [UInt8] {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
        guard let line else { return bytes }
        let row = Data(bytes.split(separator: UInt8(ascii: "\n"))[line - 1])
        let object = try JSONSerialization.jsonObject(with: row) as? [String: Any]
        return Array(try #require(object?["text"] as? String).utf8)
    }
}
