import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Receipts from damaged places")
struct ReceiptsDamageTests {
    @Test("places of any content give a sentence or figures, and never a crash")
    func hostilePlaces() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 30, lines: 6)
        let good = try CorpusPreparation.prepare(config, cache: folder.cache)
        let files = CorpusSide.allCases.map { good.folder.appending(component: good.index.side($0).places.file) }
        let contents = try files.map { try Data(contentsOf: $0) }
        let seed: UInt64 = 11
        let random = RandomStream(seed: seed, purpose: "places")
        let values: [UInt64] = [0, 1, 7, 1 << 20, 1 << 62, (1 << 63) - 1, 1 << 63, .max]
        var refused = 0
        for i in 0..<300 {
            let bits = random.bits(UInt64(i))
            for (file, content) in zip(files, contents) {
                var bad = content
                let field = Int(bits >> 8 % UInt64(content.count / 8)) % (content.count / 8)
                let value = values[Int(bits % 8)]
                for byte in 0..<8 { bad[8 * field + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte))) }
                try bad.write(to: file)
            }
            do {
                try Self.readAll(good.folder)
            } catch let failure as Failure {
                #expect(failure.code == .badData, "seed \(seed), try \(i): \(failure)")
                refused += 1
            }
        }
        #expect(refused > 50)
        for (file, content) in zip(files, contents) { try content.write(to: file) }
        try Self.readAll(good.folder)
    }

    /// All that reads places, on a corpus whose hashes nobody checks.
    private static func readAll(_ folder: URL) throws {
        let corpus = try PreparedCorpus(opening: folder, verifying: false)
        let data = try TrainingData(corpus, context: 16, sequencesPerStep: 64, slot: 8, limitTokens: nil, seed: 1)
        _ = try StepReceipt(data, step: 1)
        _ = try DocumentSearch(data, steps: 9).find(
            DocumentQuery(place: nil, text: "tale told", files: []), limit: 100)
        _ = try CorpusReport(corpus, context: 16, samples: 5)
    }

    @Test("a token outside of the vocabulary is refused by name where hashes are not checked")
    func oddToken() throws {
        let folder = try TemporaryFolder()
        let corpus = try CorpusPreparation.prepare(try folder.writeTexts(files: 30, lines: 6), cache: folder.cache)
        let shard = corpus.folder.appending(component: corpus.index.train.shards[0].file)
        var bytes = try Data(contentsOf: shard)
        for i in bytes.indices { bytes[i] = 0xEE }
        try bytes.write(to: shard)
        let data = try TrainingData(
            try PreparedCorpus(opening: corpus.folder, verifying: false), context: 16, sequencesPerStep: 8, slot: 8,
            limitTokens: nil, seed: 1)
        expectFailure(.badData, "61166") { _ = try StepReceipt(data, step: 1) }
    }
}
