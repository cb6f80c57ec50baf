import Experiment
import Foundation
import Testing
import Tokenization

@testable import Corpus

@Suite("Receipts: what a step read, and when a document is read")
struct ReceiptsTests {
    @Test("the places of a step's sequences are their text in the files, byte for byte, and every step has its digest")
    func places() throws {
        let made = try ReceiptsCase()
        let stream = made.corpus.train
        let endOfText = made.corpus.index.endOfText.map(Int32.init)
        #expect(made.corpus.index.train.shards.count > 1)
        var kinds: Set<String> = []
        for step in stride(from: 1, through: made.steps, by: 3) {
            let receipt = try StepReceipt(made.data, step: step)
            #expect(receipt.sequences.map(\.position) == Array(0..<96))
            var data = made.data
            let digests = (0..<12).map { data.batchDigest(step: step - 1, slot: $0) }
            #expect(receipt.batchDigest == TrainingData.stepDigest(slotDigests: digests))
            for sequence in receipt.sequences {
                #expect(sequence.slot == sequence.position / 8)
                #expect(sequence.ids == stream[sequence.sequence * 64..<sequence.sequence * 64 + 65])
                #expect(sequence.parts.first?.tokens.lowerBound == sequence.tokens.lowerBound)
                #expect(sequence.parts.last?.tokens.upperBound == sequence.tokens.upperBound)
                for part in sequence.parts {
                    let file = try #require(part.file)
                    let text = try ReceiptsCase.original(file: file, line: part.line)
                    #expect(Array(text[part.range]) == part.text, "step \(step), \(file)")
                    #expect(part.endsStretch == (stream[part.tokens].last == endOfText))
                    kinds.insert(part.line != nil ? "line" : part.range.lowerBound > 0 ? "inside" : "start")
                }
            }
        }
        #expect(kinds.count == 3, "lines of JSON, insides of files and their beginnings come")
    }

    @Test("one sequence of a step is what it is among all")
    func oneSequence() throws {
        let made = try ReceiptsCase()
        let all = try StepReceipt(made.data, step: 2)
        let one = try StepReceipt(made.data, step: 2, position: 17)
        #expect(one.batchDigest == all.batchDigest)
        #expect(one.sequences == [all.sequences[17]])
    }

    @Test("find tells the very steps whose receipts have a document, and that held-out text has none")
    func inverse() throws {
        let made = try ReceiptsCase()
        var seen: [String: Set<Int>] = [:]
        for step in 1...made.steps {
            for sequence in try StepReceipt(made.data, step: step).sequences {
                for part in sequence.parts where !part.range.isEmpty {
                    seen["\(try #require(part.file)) \(part.document)", default: []].insert(step)
                }
            }
        }
        let found = try made.search().find(
            DocumentQuery(place: nil, text: nil, files: []), limit: .max)
        #expect(found.count == found.documents.count && found.count == 101)
        var sides: Set<CorpusSide> = []
        for document in found.documents {
            #expect(Set(document.steps) == seen["\(document.file) \(document.document)"] ?? [], "\(document.file)")
            for stretch in document.stretches {
                sides.insert(stretch.side)
                #expect(stretch.side == .train || stretch.sequences.isEmpty)
                let text = try ReceiptsCase.original(file: document.file, line: document.line)[stretch.range]
                let ids = made.corpus.stream(stretch.side)[stretch.tokens]
                #expect(try made.corpus.tokenizer.decode(ids) == Array(text))
            }
        }
        #expect(sides.count == 2)
        #expect(seen.count < found.count)
    }

    @Test("documents are named by the end of a path, a part of it, a line or a number; copies are not in the corpus")
    func names() throws {
        let made = try ReceiptsCase()
        #expect(try made.find("texts/3.txt").documents.map(\.file) == [made.folder.path("texts/3.txt")])
        #expect(try made.find("3.txt").count == 1, "whole components of a path, not 13.txt")
        #expect(try made.find("3.tx").count == 4, "no path ends so: any part")
        let line = try made.find("records.jsonl:7")
        #expect(line.documents.map(\.line) == [7] && line.count == 1)
        #expect(try made.find("book.txt:0").count == 1)
        #expect(try made.find("book.txt:1").count == 0)
        let copy = try made.find("texts/copy.txt")
        #expect(copy.count == 0 && copy.files.count == 1)
        #expect(try made.find("absent.txt").files.isEmpty)
        let limited = try made.search().find(DocumentQuery(place: "records.jsonl", text: nil, files: []), limit: 2)
        #expect(limited.documents.count == 2 && limited.count == 60)
    }

    @Test("text is found at every place where the files have it, in the sequences and steps that hold it")
    func textSearch() throws {
        let made = try ReceiptsCase()
        for words in ["a tale told", "line 4711 of", "é", "book — line 8999", "ee"] {
            let found = try made.find(nil, text: words)
            var places: [String: [Int]] = [:]
            for document in found.documents {
                for stretch in document.stretches {
                    places[document.file, default: []] += stretch.matches.map { stretch.range.lowerBound + $0 }
                }
            }
            for (file, found) in places where file.hasSuffix(".txt") {
                let text = String(decoding: try ReceiptsCase.original(file: file, line: nil), as: UTF8.self)
                // A match across a cut of the split is none.
                let all = text.utf8.ranges(of: words.utf8).map {
                    text.utf8.distance(from: text.utf8.startIndex, to: $0.lowerBound)
                }
                #expect(Set(found).isSubset(of: all) && found.count + 20 > all.count, "\(words) in \(file)")
            }
        }
        let place = try #require(try made.find("book.txt", text: "line 4711 of").documents.first)
        guard place.stretches[0].side == .train else { return }
        #expect(place.stretches.count == 1 && place.stretches[0].sequences.count <= 2 && !place.steps.isEmpty)
        for step in place.steps {
            let parts = try StepReceipt(made.data, step: step).sequences.flatMap(\.parts)
            let at = place.stretches[0].range.lowerBound + place.stretches[0].matches[0]
            #expect(parts.contains { $0.file == place.file && $0.range.overlaps(at..<at + 12) })
        }
    }

    @Test("text is found across the chunks that it is looked for in")
    func chunks() throws {
        let words = Array("abcabd".utf8)
        let bytes = (0..<200_000).map { words[($0 + $0 / 7) % 6] }
        let folder = try TemporaryFolder()
        try folder.write("texts/a.txt", bytes)
        try folder.write("texts/b.txt", text("b", lines: 3))
        try folder.write("texts/c.txt", text("c", lines: 3))
        let corpus = try CorpusPreparation.prepare(CorpusConfig(paths: [folder.path("texts")]), cache: folder.cache)
        for side in CorpusSide.allCases {
            let stretches = Stretches(corpus, source: 0, side: side)
            for stretch in try (0..<stretches.count).map({ try stretches.stretch($0) }) {
                let text = stretches.stream[stretch.textTokens].map { UInt8($0) }
                let plain = text.indices.filter { text[$0...].starts(with: Array("dabca".utf8)) }
                let search = TextSearch(Array("dabca".utf8), tokenizer: BytesTokenizer())
                #expect(try search.offsets(in: stretch, of: stretches.stream) == plain)
            }
        }
    }

    @Test("of several sources, each sequence is its own source's, and find is the inverse of show in each")
    func severalSources() throws {
        let folder = try TemporaryFolder()
        for i in 0..<30 {
            try folder.write("books/\(i).txt", text("tower \(i)", lines: 4))
            try folder.write("code/\(i).md", text("größe \(i)", lines: 3))
        }
        let sources = [
            SourceConfig(name: "books", paths: [folder.path("books")], weight: 0.7),
            SourceConfig(name: "code", paths: [folder.path("code")], weight: 0.3),
        ]
        let corpus = try CorpusPreparation.prepare(CorpusConfig(sources: sources), cache: folder.cache)
        let data = try TrainingData(
            corpus, context: 32, sequencesPerStep: 12, slot: 3, limitTokens: nil, seed: 2, sources: sources)
        let steps = 2 * data.sequences / 12
        var seen: [String: Set<Int>] = [:]
        for step in 1...steps {
            for sequence in try StepReceipt(data, step: step).sequences {
                let folder = "/\(sequence.source)/"
                for part in sequence.parts {
                    let file = try #require(part.file)
                    #expect(file.contains(folder))
                    #expect(try Array(ReceiptsCase.original(file: file, line: nil)[part.range]) == part.text)
                    if !part.range.isEmpty { seen[file, default: []].insert(step) }
                }
            }
        }
        let found = try DocumentSearch(data, steps: steps).find(
            DocumentQuery(place: nil, text: "a tale told", files: []), limit: .max)
        #expect(found.count == 60 && Set(found.documents.map(\.source)) == ["books", "code"])
        let whole = try DocumentSearch(data, steps: steps).find(
            DocumentQuery(place: nil, text: nil, files: []), limit: .max)
        for document in whole.documents { #expect(Set(document.steps) == seen[document.file] ?? []) }
    }

    @Test("places of a token file count its ids, and a dropped byte order mark is not counted")
    func otherFiles() throws {
        let folder = try TemporaryFolder()
        let documents = (0..<30).map { text("ids \($0)", lines: 3) }
        var ids: [Int32] = []
        for document in documents { ids += document.map(Int32.init) + [256] }
        try folder.write("ids.bin", CorpusIndex.ElementType.uint16.encode(ids))
        try folder.write("mark.txt", [0xEF, 0xBB, 0xBF] + text("mark", lines: 40))
        let paths = [folder.path("ids.bin"), folder.path("mark.txt")]
        let corpus = try CorpusPreparation.prepare(CorpusConfig(paths: paths), cache: folder.cache)
        let data = try TrainingData(corpus, context: 32, sequencesPerStep: 12, slot: 3, limitTokens: nil, seed: 2)
        for step in 1...data.sequences / 12 {
            for part in try StepReceipt(data, step: step).sequences.flatMap(\.parts) {
                let isIDs = part.file?.hasSuffix("ids.bin") == true
                #expect(part.countsIDs == isIDs)
                let original = isIDs ? documents[part.document] : text("mark", lines: 40)
                #expect(Array(original[part.range]) == part.text)
            }
        }
        let third = try DocumentSearch(data, steps: 100).find(
            DocumentQuery(place: "ids.bin:3", text: nil, files: paths), limit: 9)
        #expect(third.documents.map(\.document) == [3])
        #expect(third.documents.first?.stretches.first?.range == 0..<documents[3].count)
    }

    @Test("text for the terminal has no control characters, and bytes that are none are told")
    func visible() {
        #expect(VisibleText.escaped("a\tb\n\u{1B}[2J\\ é😀\u{202E}".utf8) == "a\\tb\\n\\u{1B}[2J\\\\ é😀\\u{202E}")
        #expect(VisibleText.escaped([0xA9, 0x41, 0xC3]) == "\\xA9A\\xC3")
        #expect(VisibleText.escaped([0xF0, 0x9F, 0x98]) == "\\xF0\\x9F\\x98")
        #expect(VisibleText.shortened(Array("éééé".utf8), characters: 3) == "ééé…")
        #expect(VisibleText.shortened(Array("ééé".utf8), characters: 3) == "ééé")
    }
}
