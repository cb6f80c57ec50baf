import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Preparing a corpus")
struct PreparationTests {
    @Test("both sides together are the texts, with end-of-text after each stretch")
    func content() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 30, lines: 20)
        let corpus = try CorpusPreparation.prepare(config, cache: folder.cache)
        var documents: Set<[UInt8]> = []
        for side in CorpusSide.allCases {
            let stream = corpus.stream(side)
            let ids = stream[0..<stream.count]
            #expect(ids.last == 256)
            let stretches = ids.dropLast().split(separator: 256, omittingEmptySubsequences: false)
            #expect(stretches.count == corpus.index.side(side).stretches)
            #expect(stretches.count == corpus.index.side(side).documents)
            #expect(corpus.index.side(side).bytes == ids.count - stretches.count)
            let texts = try stretches.map { try corpus.tokenizer.decode(Array($0)) }
            let scalars = texts.reduce(0) { $0 + String(decoding: $1, as: UTF8.self).unicodeScalars.count }
            #expect(corpus.index.side(side).characters == scalars)
            documents.formUnion(texts)
        }
        #expect(documents == Set((0..<30).map { text("file \($0)", lines: 20) }))
        #expect(corpus.index.sources.first?.files.count == 30)
        let bytesPerToken = try #require(corpus.sources.first?.heldOutBytesPerToken)
        #expect(bytesPerToken > 0.9 && bytesPerToken < 1)
    }

    @Test("a long document is split in pieces, and held-out text never appears in training")
    func longDocument() throws {
        let folder = try TemporaryFolder()
        let book = text("book", lines: 24_000)
        let config = CorpusConfig(paths: [try folder.write("book.txt", book)])
        let corpus = try CorpusPreparation.prepare(config, cache: folder.cache, shardTokens: 100_000)
        let train = corpus.train[0..<corpus.train.count]
        let heldOut = corpus.heldOut[0..<corpus.heldOut.count]
        #expect(
            train.count + heldOut.count == book.count + corpus.index.train.stretches + corpus.index.heldOut.stretches)
        #expect(corpus.index.train.documents == 1 && corpus.index.heldOut.documents == 1)
        #expect(heldOut.count > 60_000)
        // Lines are all different, so a window of one line's length that is on both sides would be a leak.
        let width = 60
        let seen = Set(
            stride(from: 0, to: train.count - width, by: 1).lazy.filter { train[$0] == 10 }
                .map { Array(train[$0..<$0 + width]) })
        #expect(seen.count > 10_000)
        let leaks = (0..<heldOut.count - width).count {
            heldOut[$0] == 10 && seen.contains(Array(heldOut[$0..<$0 + width]))
        }
        #expect(leaks == 0)
    }

    @Test("equal text is on one side, and neither names, folders nor shard sizes change the streams")
    func independenceOfNames() throws {
        let folder = try TemporaryFolder()
        for i in 0..<40 {
            try folder.write("one/\(100 + i).txt", text("\(i % 20)", lines: 3))
            try folder.write("other/deep/er/\(100 + i).md", text("\(i % 20)", lines: 3))
        }
        let one = try CorpusPreparation.prepare(
            CorpusConfig(paths: [folder.path("one")]), cache: folder.url.appending(component: "c1"), shardTokens: 99)
        let other = try CorpusPreparation.prepare(
            CorpusConfig(paths: [folder.path("other")]), cache: folder.url.appending(component: "c2"))
        #expect(one.contentDigest == other.contentDigest)
        #expect(one.index.train.shards.count > 1)
        for side in CorpusSide.allCases {
            let (a, b) = (one.stream(side), other.stream(side))
            #expect(a[0..<a.count] == b[0..<b.count])
        }
        #expect(CorpusSide.allCases.reduce(0) { $0 + one.index.side($1).documents } == 20)
        #expect(one.index.sources[0].dropped["duplicate"]?.documents == 20)
    }

    @Test("a second start uses what is there, without reading the text when nothing changed")
    func secondStart() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 12, lines: 5)
        let old = Date(timeIntervalSinceNow: -3600)
        for i in 0..<12 {
            try FileManager.default.setAttributes(
                [.modificationDate: old], ofItemAtPath: folder.path("texts/\(i).txt"))
        }
        var events: [CorpusProgress] = []
        let first = try CorpusPreparation.prepare(config, cache: folder.cache) { events.append($0) }
        #expect(events.last == .work(done: 2 * sourceBytes(first), total: 2 * sourceBytes(first)))
        events = []
        let second = try CorpusPreparation.prepare(config, cache: folder.cache) { events.append($0) }
        #expect(events.isEmpty)
        #expect(second.index == first.index)
        try folder.write("texts/3.txt", text("another", lines: 5))
        let third = try CorpusPreparation.prepare(config, cache: folder.cache)
        #expect(third.contentDigest != first.contentDigest)
    }

    @Test("racing writers all end with the same complete corpus, and leave nothing else behind")
    func racing() async throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 12, lines: 50)
        let cache = folder.cache
        let digests = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<6 { group.addTask { try CorpusPreparation.prepare(config, cache: cache).contentDigest } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(digests.count == 1)
        let inside = try FileManager.default.contentsOfDirectory(atPath: cache.path).filter { $0 != ".sources" }
        #expect(inside.count == 1)
    }

    @Test("what a killed writer left is removed after a week, and left alone before")
    func abandoned() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 12, lines: 5)
        for name in ["old", "new"] { try folder.write("cache/.apus-partial-\(name)/train-00000.bin", [1, 2]) }
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -8 * 86_400)],
            ofItemAtPath: folder.path("cache/.apus-partial-old"))
        _ = try CorpusPreparation.prepare(config, cache: folder.cache)
        #expect(!FileManager.default.fileExists(atPath: folder.path("cache/.apus-partial-old")))
        #expect(FileManager.default.fileExists(atPath: folder.path("cache/.apus-partial-new")))
    }

    @Test("a cache that cannot be written is named")
    func unwritableCache() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 12, lines: 5)
        let file = try folder.write("file", [1])
        expectFailure(.worker, "file/cache", "check that there is space") {
            _ = try CorpusPreparation.prepare(config, cache: URL(filePath: file).appending(component: "cache"))
        }
    }

    @Test("a folder that the user names is made, used again, and never written over")
    func namedFolder() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 12, lines: 5)
        let out = folder.url.appending(component: "out")
        let made = try CorpusPreparation.prepare(config, out: out)
        #expect(try CorpusPreparation.prepare(config, out: out).index == made.index)
        #expect(
            try CorpusPreparation.prepare(CorpusConfig(prepared: out.path), cache: folder.cache).index == made.index)
        try folder.write("mine/precious.dat", [1])
        let file = try folder.write("file", [1])
        for taken in [folder.path("mine"), file] {
            expectFailure(.usage, taken) { _ = try CorpusPreparation.prepare(config, out: URL(filePath: taken)) }
        }
        #expect(FileManager.default.fileExists(atPath: folder.path("mine/precious.dat")))
        #expect(FileManager.default.fileExists(atPath: file))
    }

    @Test("a corpus that cannot be split says what to do")
    func singleUnit() throws {
        let folder = try TemporaryFolder()
        let config = CorpusConfig(paths: [try folder.write("short.txt", Array("A tale.".utf8))])
        expectFailure(.badData, "give more text") { _ = try CorpusPreparation.prepare(config, cache: folder.cache) }
        #expect(!FileManager.default.fileExists(atPath: folder.cache.path))
    }

    private func sourceBytes(_ corpus: PreparedCorpus) -> Int {
        corpus.index.sources.flatMap(\.files).reduce(0) { $0 + $1.bytes }
    }
}
