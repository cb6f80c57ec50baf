import Experiment
import Foundation
import Synchronization
import Testing
import Tokenization

@testable import Corpus

@Suite("A preparation that was killed")
struct ResumedPreparationTests {
    @Test("goes on where it stopped, to the same files", arguments: [1, 9, 20, 33, 45])
    func goesOn(calls: Int) throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTwoSources()
        let whole = try CorpusPreparation.prepare(
            config, out: folder.url.appending(component: "whole"), shardTokens: 20_000)
        // A failing tokenizer stands for the kill: what is on the disk is what was committed, and some more.
        let failing = try folder.textCorpus(config, tokenizer: FailingTokenizer(after: calls))
        let partial = try PartialCorpus(in: folder.url, key: "k", progress: { _ in })
        #expect(throws: FailingTokenizer.Stop.self) {
            try CorpusPreparation.write(failing, in: partial, shardTokens: 20_000, secondsBetweenCommits: 0) { _ in }
        }
        let journal = try? Data(contentsOf: partial.folder.appending(component: CorpusWriter.journalFile))
        #expect(calls < 9 || journal != nil, "something was committed after \(calls) chunks")
        var messages: [String] = []
        let good = try folder.textCorpus(config, tokenizer: BytesTokenizer())
        try CorpusPreparation.write(good, in: partial, shardTokens: 20_000) {
            if case .message(let text) = $0 { messages.append(text) }
        }
        #expect(messages.isEmpty == (journal == nil))
        let resumed = partial.folder
        #expect(try PreparedCorpus(opening: resumed, verifying: true).index == whole.index)
        for name in try FileManager.default.contentsOfDirectory(atPath: whole.folder.path) {
            let there = try Data(contentsOf: resumed.appending(component: name))
            #expect(try Data(contentsOf: whole.folder.appending(component: name)) == there, "\(name)")
        }
    }

    @Test("begins anew when what it left is damaged, or of another text")
    func beginsAnew() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTwoSources()
        let whole = try CorpusPreparation.prepare(
            config, out: folder.url.appending(component: "whole"), shardTokens: 20_000)
        for damage in ["train-00000.bin", "journal.json"] {
            let partial = try PartialCorpus(in: folder.url, key: damage, progress: { _ in })
            let failing = try folder.textCorpus(config, tokenizer: FailingTokenizer(after: 30))
            #expect(throws: FailingTokenizer.Stop.self) {
                try CorpusPreparation.write(failing, in: partial, shardTokens: 9_000, secondsBetweenCommits: 0) { _ in }
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: partial.folder.path)
            let name = try #require(names.first { $0.hasSuffix(damage) })
            let file = partial.folder.appending(component: name)
            try Data(Data(contentsOf: file).dropLast(40)).write(to: file)
            let good = try folder.textCorpus(config, tokenizer: BytesTokenizer())
            try CorpusPreparation.write(good, in: partial, shardTokens: 20_000) { _ in }
            #expect(try PreparedCorpus(opening: partial.folder, verifying: true).index == whole.index)
        }
    }

    @Test("begins anew when the same documents are in other files, or others were dropped between them")
    func otherLayout() throws {
        let folder = try TemporaryFolder()
        let lines = (0..<400).map {
            Array("{\"text\": \"\($0) \(String(repeating: "tale \($0 * 7919) ", count: 200))\"}\n".utf8)
        }
        let one = CorpusConfig(paths: [try folder.write("one/all.jsonl", lines.joined())])
        let half = lines.count / 2
        try folder.write("two/a.jsonl", lines[..<half].joined())
        try folder.write("two/b.jsonl", lines[half...].joined())
        let two = CorpusConfig(paths: [folder.path("two")])
        let whole = try CorpusPreparation.prepare(two, out: folder.url.appending(component: "whole"))
        let partial = try PartialCorpus(in: folder.url, key: "k", progress: { _ in })
        #expect(throws: FailingTokenizer.Stop.self) {
            try CorpusPreparation.write(
                try folder.textCorpus(one, tokenizer: FailingTokenizer(after: 350)), in: partial,
                shardTokens: CorpusPreparation.usualShardTokens, secondsBetweenCommits: 0
            ) { _ in }
        }
        #expect(FileManager.default.fileExists(atPath: partial.folder.appending(component: "journal.json").path))
        let again = try folder.textCorpus(two, tokenizer: BytesTokenizer())
        #expect(again.contentDigest == whole.contentDigest)
        try CorpusPreparation.write(again, in: partial, shardTokens: CorpusPreparation.usualShardTokens) { _ in }
        #expect(try PreparedCorpus(opening: partial.folder, verifying: true).index == whole.index)
    }

    @Test("a tokenizer that was replaced under its name makes another corpus")
    func replacedTokenizer() throws {
        let folder = try TemporaryFolder()
        var config = try folder.writeTexts(files: 12, lines: 50)
        for i in 0..<12 {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: folder.path("texts/\(i).txt"))
        }
        var vocabularies: [Int] = []
        for vocabulary in [300, 310] {
            var trainer = try BytePairTrainer(vocabulary: vocabulary)
            try trainer.add(text("learn", lines: 100))
            config.tokenizer = try folder.write("tokenizer.json", trainer.train().serialized)
            vocabularies.append(try CorpusPreparation.prepare(config, cache: folder.cache).vocabulary)
        }
        #expect(vocabularies == [300, 310])
    }

    @Test("a damaged corpus stays until another one is whole")
    func damagedStays() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 12, lines: 50)
        let good = try CorpusPreparation.prepare(config, out: folder.url.appending(component: "out"))
        let shard = good.folder.appending(component: "train-00000.bin")
        try Data(contentsOf: shard).dropLast(2).write(to: shard)
        try folder.write("out/mine.txt", [1])
        try folder.write("texts/3.txt", text("another", lines: 5))
        // Its sources changed: it cannot be made again, and nothing of it goes.
        expectFailure(.badData, "train-00000.bin") {
            _ = try CorpusPreparation.prepare(CorpusConfig(prepared: good.folder.path), cache: folder.cache)
        }
        #expect(FileManager.default.fileExists(atPath: shard.path))
        try folder.write("texts/3.txt", text("file 3", lines: 50))
        var messages: [String] = []
        let again = try CorpusPreparation.prepare(CorpusConfig(prepared: good.folder.path), cache: folder.cache) {
            if case .message(let text) = $0 { messages.append(text) }
        }
        #expect(again.index == good.index)
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).first {
            $0.contains("replaced")
        }
        let mine = "\(try #require(kept))/mine.txt"
        #expect(FileManager.default.fileExists(atPath: folder.path(mine)), "other people's files are never removed")
        #expect(messages.contains { $0.contains("Other files") })
    }

    @Test("of two processes that prepare different texts for one folder, the later one is told")
    func otherCorpusInPlace() async throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 12, lines: 50)
        for i in 0..<12 { try folder.write("others/\(i).txt", text("other \(i)", lines: 50)) }
        let out = folder.url.appending(component: "out")
        var isFirst = true
        expectFailure(.usage, "something else") {
            _ = try CorpusPreparation.prepare(config, out: out) { _ in
                guard isFirst else { return }
                isFirst = false
                _ = try? CorpusPreparation.prepare(CorpusConfig(paths: [folder.path("others")]), out: out)
            }
        }
        #expect(try PreparedCorpus(opening: out, verifying: true).index.sources[0].files[0].path.contains("others"))
    }

    @Test("the number of cores changes nothing")
    func jobs() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTwoSources()
        let indices = try ["1", "2", "3", "7"].map { jobs in
            try CorpusPreparation.prepare(
                config, out: folder.url.appending(component: jobs), shardTokens: 33_333, jobs: Int(jobs)
            ).index
        }
        for index in indices { #expect(index == indices[0]) }
    }
}

extension TemporaryFolder {
    /// Two sources with long and short documents, some of them in both.
    fileprivate func writeTwoSources() throws -> CorpusConfig {
        for i in 0..<16 { try write("long/\(i).txt", text("long \(i)", lines: 4_000)) }
        for i in 0..<40 { try write("short/\(i).txt", text("short \(i % 30)", lines: 10 + i % 30)) }
        return CorpusConfig(sources: [
            SourceConfig(name: "long", paths: [path("long")]), SourceConfig(name: "short", paths: [path("short")]),
        ])
    }

    fileprivate func textCorpus(_ config: CorpusConfig, tokenizer: any Tokenizer) throws -> TextCorpus {
        let texts = try config.textSources.map {
            NamedText(name: $0.name, files: try TextSources(paths: $0.paths, spool: nil).files)
        }
        let scanned = try ScannedText(texts, config: config, options: ReadingOptions(), jobs: 2) { _ in }
        return try TextCorpus(scanned, tokenizer: tokenizer, config: config, jobs: 1) { _ in }
    }
}

/// The bytes tokenizer, until it throws.
private final class FailingTokenizer: Tokenizer {
    struct Stop: Error {}

    private let bytes = BytesTokenizer()
    private let calls = Atomic(0)
    private let last: Int

    init(after last: Int) { self.last = last }

    var description: TokenizerDescription { bytes.description }
    var vocabulary: Int { bytes.vocabulary }
    var endOfText: Int? { bytes.endOfText }
    var serialized: Data { bytes.serialized }

    func encode(_ text: [UInt8]) throws -> [Int32] {
        guard calls.add(1, ordering: .relaxed).newValue <= last else { throw Stop() }
        return bytes.encode(text)
    }

    func encodeWithSpecialTokens(_ text: [UInt8]) throws -> [Int32] { try encode(text) }
    func decode(_ ids: [Int32], keepingSpecialTokens: Bool) throws -> [UInt8] {
        try bytes.decode(ids, keepingSpecialTokens: keepingSpecialTokens)
    }
    func safeCut(_ text: [UInt8], upTo wanted: Int) -> Int? { bytes.safeCut(text, upTo: wanted) }
}
