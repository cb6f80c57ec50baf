import Experiment
import Foundation
import Testing
import Tokenization

@testable import Corpus

@Suite("Damaged corpora")
struct DamageTests {
    @Test("a shard that is truncated, extended or missing is named at once; an altered one when verifying")
    func shards() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 100, heldOut: 30, shardTokens: 40)
        let shard = corpus.folder.appending(component: "train-00001.bin")
        let good = try Data(contentsOf: shard)
        #expect(good.count == 80)
        for bad in [Data(), good.dropLast(), good + [0]] {
            try bad.write(to: shard)
            expectFailure(.badData, "train-00001.bin", "\(bad.count) bytes") {
                _ = try PreparedCorpus(opening: corpus.folder, verifying: false)
            }
        }
        var flipped = good
        flipped[17] ^= 4
        try flipped.write(to: shard)
        _ = try PreparedCorpus(opening: corpus.folder, verifying: false)
        expectFailure(.badData, "train-00001.bin", "altered") {
            _ = try PreparedCorpus(opening: corpus.folder, verifying: true)
        }
        try FileManager.default.removeItem(at: shard)
        expectFailure(.badData, "train-00001.bin", "missing") {
            _ = try PreparedCorpus(opening: corpus.folder, verifying: false)
        }
    }

    @Test("an index that is missing, cut, of another schema, or at odds with itself is refused")
    func index() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 100, heldOut: 30, shardTokens: 40)
        let file = corpus.folder.appending(component: "index.json")
        let good = try String(contentsOf: file, encoding: .utf8)
        let bad = [
            String(good.dropLast(20)), "", "[]", good.replacing(CorpusIndex.currentSchema, with: "apus-corpus-9"),
            good.replacing("\"tokens\" : 100", with: "\"tokens\" : 101"), good.replacing("uint16", with: "uint32"),
            good.replacing("train-00001.bin", with: "../train-00001.bin"),
            good.replacing("\"tokens\" : 40", with: "\"tokens\" : 9223372036854775807"),
            good.replacing("content_digest", with: "digest"),
        ]
        for text in bad {
            try Data(text.utf8).write(to: file)
            expectFailure(.badData, "index.json") { _ = try PreparedCorpus(opening: corpus.folder, verifying: false) }
        }
        try FileManager.default.removeItem(at: file)
        expectFailure(.badData, "index.json") { _ = try PreparedCorpus(opening: corpus.folder, verifying: false) }
    }

    @Test("an index with any byte changed opens or is refused, and never crashes")
    func fuzzedIndex() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 100, heldOut: 30, shardTokens: 40)
        let file = corpus.folder.appending(component: "index.json")
        let good = try Data(contentsOf: file)
        let seed: UInt64 = 5
        let random = RandomStream(seed: seed, purpose: "fuzz")
        for i in 0..<1_000 {
            var bad = good
            let bits = random.bits(UInt64(i))
            bad[Int(bits % UInt64(good.count))] = UInt8(truncatingIfNeeded: bits >> 40)
            try bad.write(to: file)
            do {
                _ = try PreparedCorpus(opening: corpus.folder, verifying: false)
            } catch let error where !(error is Failure) {
                Issue.record("seed \(seed), try \(i): \(error)")
            } catch {}
        }
    }

    @Test("shards of no token and of one are read over")
    func emptyShards() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 5, heldOut: 3, shardTokens: 1)
        let file = corpus.folder.appending(component: "index.json")
        let first = try #require(corpus.index.train.shards.first)
        let empty = "{ \"file\" : \"empty.bin\", \"sha256\" : \"\([UInt8]().hash)\", \"tokens\" : 0 }"
        let text = try String(contentsOf: file, encoding: .utf8)
        let end = try #require(text.range(of: "\"file\" : \"\(first.file)\""))
        let brace = try #require(text[..<end.lowerBound].lastIndex(of: "{"))
        try Data((text[..<brace] + empty + ",\n" + text[brace...]).utf8).write(to: file)
        try Data().write(to: corpus.folder.appending(component: "empty.bin"))
        let again = try PreparedCorpus(opening: corpus.folder, verifying: true)
        #expect(again.train[0..<5] == [0, 1, 2, 3, 4])
    }

    @Test("ids outside of the vocabulary are refused, though the hash is right")
    func vocabulary() throws {
        let folder = try TemporaryFolder()
        let out = folder.url.appending(component: "odd")
        try writeCorpus(OddSource(), to: out, shardTokens: 10)
        expectFailure(.badData, "Token 3", "is 9", "vocabulary of 5") {
            _ = try PreparedCorpus(opening: out, verifying: true)
        }
    }

    @Test("a damaged shard is made again from unchanged sources, and said so; not from changed ones")
    func rebuild() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 12, lines: 5)
        let good = try CorpusPreparation.prepare(config, cache: folder.cache)
        let direct = CorpusConfig(prepared: good.folder.path)
        let shard = good.folder.appending(component: "train-00000.bin")
        for config in [config, direct] {
            try Data(contentsOf: shard).dropLast(2).write(to: shard)
            var messages: [String] = []
            let again = try CorpusPreparation.prepare(config, cache: folder.cache) {
                if case .message(let text) = $0 { messages.append(text) }
            }
            #expect(again.index == good.index)
            #expect(messages.count == 1 && messages[0].contains("train-00000.bin"))
        }
        try Data(contentsOf: shard).dropLast(2).write(to: shard)
        try folder.write("texts/0.txt", text("another", lines: 5))
        expectFailure(.badData, "train-00000.bin") { _ = try CorpusPreparation.prepare(direct, cache: folder.cache) }
    }
}

extension [UInt8] {
    /// SHA-256 in hexadecimal.
    fileprivate var hash: String { String(decoding: self, as: UTF8.self).sha256 }
}

/// A source that breaks its own vocabulary.
private struct OddSource: CorpusSource {
    var contentDigest: String { "odd".sha256 }
    var kind: CorpusIndex.Kind { .calibration }
    var tokenizer: any Tokenizer { SymbolTokenizer(alphabet: 5) }
    var layoutDigest: String { contentDigest }
    var preparation: CorpusIndex.Preparation? { nil }
    var calibration: CalibrationConfig? { nil }
    var parts: [CorpusPart] { [CorpusPart(name: "text")] }

    func write(into writer: CorpusWriter, progress: (CorpusProgress) -> Void) throws {
        try writer.append([0, 1, 2, 9], to: .train)
        try writer.append([0, 1], to: .heldOut)
    }
}
