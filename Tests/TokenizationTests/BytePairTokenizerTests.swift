import Experiment
import Foundation
import Testing

@testable import Tokenization

@Suite("Byte-pair tokenizer")
struct BytePairTokenizerTests {
    @Test("strings of every script have the ids that Hugging Face gives them", arguments: PreTokenPattern.allCases)
    func reference(pattern: PreTokenPattern) throws {
        let tokenizer = try Reference.tokenizer(pattern)
        let cases = try Reference.cases()
        for (string, ids) in zip(cases.strings, cases.ids(pattern)) {
            let text = Array(string.utf8)
            #expect(tokenizer.encode(text) == ids, "\(string.debugDescription)")
            #expect(try tokenizer.decode(ids) == text)
        }
    }

    @Test("added tokens are found as Hugging Face finds them, special ones only on request")
    func addedTokens() throws {
        let tokenizer = try Reference.tokenizer(.gpt4)
        let cases = try Reference.cases()
        for (index, string) in cases.marked.enumerated() {
            let text = Array(string.utf8)
            #expect(tokenizer.encodeWithSpecialTokens(text) == cases.markedIds[index], "\(string)")
            #expect(tokenizer.encode(text) == cases.markedAsText[index], "\(string)")
            #expect(try tokenizer.decode(cases.markedIds[index], keepingSpecialTokens: true) == text)
        }
        let end = try #require(tokenizer.endOfText)
        #expect(try tokenizer.decode([Int32(end)]).isEmpty)
    }

    @Test(
        "a tokenizer that is written and read again is the same, and so are its bytes",
        arguments: PreTokenPattern.allCases)
    func serialization(pattern: PreTokenPattern) throws {
        let folder = try TemporaryFolder()
        let tokenizer = try Reference.tokenizer(pattern)
        let file = URL(filePath: try folder.write("t.json", tokenizer.serialized))
        let again = try #require(try Tokenizers.read(file) as? BytePairTokenizer)
        #expect(again.model == tokenizer.model)
        #expect(again.serialized == tokenizer.serialized)
        #expect(try again.digest == tokenizer.digest)
        #expect(tokenizer.description.kind == "bpe")
    }

    @Test("GPT-2's two files say the same tokenizer")
    func gpt2Files() throws {
        let folder = try TemporaryFolder()
        let tokenizer = try Reference.tokenizer(.gpt2)
        #expect(tokenizer.fitsGPT2Files)
        #expect(try !Reference.tokenizer(.gpt4).fitsGPT2Files)
        try folder.write("vocab.json", tokenizer.vocabularyFile)
        try folder.write("merges.txt", tokenizer.mergesFile)
        for place in [folder.url.path, folder.path("vocab.json"), folder.path("merges.txt")] {
            #expect(try Tokenizers.read(URL(filePath: place)).digest == tokenizer.digest)
        }
    }

    @Test("any bytes come back", arguments: PreTokenPattern.allCases)
    func lossless(pattern: PreTokenPattern) throws {
        let seed: UInt64 = 4
        var generator = SeededGenerator(seed: seed)
        let tokenizer = try Reference.tokenizer(pattern)
        for _ in 0..<1000 {
            let length = Int.random(in: 0...80, using: &generator)
            let text = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(try tokenizer.decode(tokenizer.encode(text)) == text, "seed \(seed): \(text)")
        }
    }

    @Test("a plain twin gives the same ids", arguments: PreTokenPattern.allCases)
    func plainTwin(pattern: PreTokenPattern) throws {
        let seed: UInt64 = 5
        var generator = SeededGenerator(seed: seed)
        let model = try Reference.tokenizer(pattern).model
        // Without added tokens: the twin has none.
        let tokenizer = BytePairTokenizer(
            try BytePairModel(
                pattern: pattern, ignoresMerges: false, vocabulary: model.spellings,
                merges: model.mergeLines.map { line in
                    let halves = line.split(separator: 0x20).map { Array($0) }
                    return (halves[0], halves[1])
                }, added: []))
        let twin = PlainBytePair(model: tokenizer.model)
        for _ in 0..<300 {
            let text = randomText(upTo: 25, using: &generator)
            let ids = twin.encode(text)
            #expect(tokenizer.encode(text) == ids, "seed \(seed): \(text)")
            #expect(tokenizer.encode(text) == ids, "seed \(seed), from the cache: \(text)")
        }
    }

    @Test("text that is cut at a safe place has the ids of the whole", arguments: PreTokenPattern.allCases)
    func safeCuts(pattern: PreTokenPattern) throws {
        let seed: UInt64 = 6
        var generator = SeededGenerator(seed: seed)
        let tokenizer = try Reference.tokenizer(pattern)
        var cuts = 0
        for _ in 0..<600 {
            let text = randomText(upTo: 30, using: &generator)
            guard text.count > 1 else { continue }
            // What the buffer shows of the text ends anywhere behind the wanted place.
            let wanted = Int.random(in: 0..<text.count, using: &generator)
            let buffer = Array(text[..<Int.random(in: wanted...text.count, using: &generator)])
            guard let cut = tokenizer.safeCut(buffer, upTo: wanted) else { continue }
            cuts += 1
            #expect(cut > 0 && cut <= wanted && cut < buffer.count)
            let (front, back) = (Array(text[..<cut]), Array(text[cut...]))
            #expect(
                tokenizer.encode(front) + tokenizer.encode(back) == tokenizer.encode(text),
                "seed \(seed): \(text), \(cut)")
            let special = tokenizer.encodeWithSpecialTokens(front) + tokenizer.encodeWithSpecialTokens(back)
            #expect(special == tokenizer.encodeWithSpecialTokens(text), "seed \(seed): \(text), \(cut)")
        }
        #expect(cuts > 300)
        #expect(tokenizer.safeCut(Array("one two".utf8), upTo: 6) == 3)
        #expect(tokenizer.safeCut(Array("          ".utf8), upTo: 6) == nil)
    }

    @Test("a run of a million letters is merged without waiting")
    func longRun() throws {
        let tokenizer = try Reference.tokenizer(.gpt2)
        let text = [UInt8](repeating: UInt8(ascii: "e"), count: 1_000_000)
        #expect(try tokenizer.decode(tokenizer.encode(text)) == text)
    }

    @Test("several threads encode at once")
    func threads() throws {
        let tokenizer = try Reference.tokenizer(.gpt4)
        let text = try Reference.text()
        let ids = tokenizer.encode(text)
        let all = try Array(0..<16).concurrentMap(jobs: 4) { _ in tokenizer.encode(text) }
        #expect(all.allSatisfy { $0 == ids })
    }

    @Test("a token stays whole where a file says that merges are to be ignored")
    func ignoredMerges() throws {
        let model = try Reference.tokenizer(.gpt2).model
        // The longest of all tokens with letters only, without the merge that makes it.
        let whole = try #require(
            model.tokens.filter { $0.bytes.allSatisfy { (97...122).contains($0) } }.max {
                $0.bytes.count < $1.bytes.count
            })
        let merges = zip(model.merges, model.mergeLines).filter { $0.0.product != whole.id }.map { _, line in
            let halves = line.split(separator: 0x20).map { Array($0) }
            return (left: halves[0], right: halves[1])
        }
        for ignores in [false, true] {
            let tokenizer = BytePairTokenizer(
                try BytePairModel(
                    pattern: .gpt2, ignoresMerges: ignores, vocabulary: model.spellings, merges: merges,
                    added: model.added))
            #expect((tokenizer.encode(whole.bytes) == [whole.id]) == ignores)
            #expect(String(decoding: tokenizer.serialized, as: UTF8.self).contains("\"ignore_merges\": \(ignores)"))
        }
    }

    @Test("an id outside of the vocabulary is refused")
    func unknownID() throws {
        let tokenizer = try Reference.tokenizer(.gpt2)
        for id in [-1, Int32(tokenizer.vocabulary), .max] {
            expectFailure(.badData, "\(id)") { _ = try tokenizer.decode([id]) }
        }
    }
}
