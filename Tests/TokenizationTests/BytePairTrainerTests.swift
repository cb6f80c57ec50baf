import Experiment
import Foundation
import Testing

@testable import Tokenization

@Suite("Byte-pair trainer")
struct BytePairTrainerTests {
    private func train(
        _ texts: [[UInt8]], vocabulary: Int, pattern: PreTokenPattern = .gpt2, jobs: Int = 1, wordLimit: Int? = nil,
        pieces: Int = .max
    ) throws -> BytePairTokenizer {
        var trainer = try BytePairTrainer(vocabulary: vocabulary, pattern: pattern, jobs: jobs, wordLimit: wordLimit)
        for text in texts {
            for start in stride(from: 0, to: text.count, by: pieces) {
                try trainer.add(Array(text[start..<start + min(pieces, text.count - start)]))
            }
            try trainer.endDocument()
        }
        return try trainer.train()
    }

    @Test("600 ids are learned as Hugging Face learns them", arguments: PreTokenPattern.allCases)
    func reference(pattern: PreTokenPattern) throws {
        let tokenizer = try train([Reference.text()], vocabulary: 600, pattern: pattern)
        #expect(tokenizer.model.mergeLines == (try Reference.tokenizer(pattern).model.mergeLines))
        #expect(tokenizer.vocabulary == 600 && tokenizer.endOfText == 599)
    }

    @Test("to the last pair, with all its ties, merges are those of Hugging Face", arguments: PreTokenPattern.allCases)
    func exhausted(pattern: PreTokenPattern) throws {
        let tokenizer = try train([Reference.text()], vocabulary: 12_000, pattern: pattern)
        let expected = try #require(Reference.cases().learned[pattern.rawValue])
        let lines = tokenizer.mergesFile.dropFirst("#version: 0.2\n".utf8.count)
        #expect(tokenizer.model.merges.count == expected.merges)
        #expect(String(decoding: lines, as: UTF8.self).sha256 == expected.sha256)
        #expect(tokenizer.vocabulary < 12_000)
    }

    @Test("ids are the bytes in GPT-2's order, the merges, then the special tokens")
    func layout() throws {
        var trainer = try BytePairTrainer(vocabulary: 300, specialTokens: ["<|endoftext|>", "<|user|>"])
        try trainer.add(Array("low lower lowest low low".utf8))
        let tokenizer = try trainer.train()
        #expect(tokenizer.encode(Array("!".utf8)) == [0])
        #expect(tokenizer.encode([0]) == [188])
        let last = Int32(tokenizer.vocabulary)
        #expect(tokenizer.specialTokens == [last - 2, last - 1])
        #expect(tokenizer.encodeWithSpecialTokens(Array("<|user|>".utf8)) == [last - 1])
        #expect(tokenizer.encode(Array(" low".utf8)).count == 1)
    }

    @Test("neither jobs, nor pieces of the text, nor words that had to go in between change what is learned")
    func independence() throws {
        let seed: UInt64 = 8
        var generator = SeededGenerator(seed: seed)
        let text = try Reference.text()
        // Longer than a round of 16 parts; every copy has words of its own.
        var long: [UInt8] = []
        while long.count < 18 << 20 {
            long += text + Array("x\(String(UInt32.random(in: 0 ... .max, using: &generator), radix: 36)) ".utf8)
        }
        let texts = [text, long, Array("the end".utf8)]
        for limit in [nil, 60_000] {
            let one = try train(texts, vocabulary: 500, wordLimit: limit)
            let other = try train(texts, vocabulary: 500, jobs: 3, wordLimit: limit, pieces: 99_991)
            #expect(try one.digest == other.digest, "seed \(seed)")
        }
        var small = try BytePairTrainer(vocabulary: 500, wordLimit: 60_000)
        try small.add(long)
        let dropped = small.droppedWords
        #expect(dropped)
    }

    @Test("words that are too rare for the room go by their counts alone")
    func rareWords() {
        var words = WordCounts()
        for word in ["a", "b", "b", "c", "c", "d", "d", "d"] {
            words.count(Array(word.utf8).span, 0..<1)
        }
        words.keepMostFrequent(limit: 100)
        #expect(words.counts == [2, 2, 3])
        words.keepMostFrequent(limit: 40)
        #expect(words.counts == [3] && words.words[0].elementsEqual([UInt8(ascii: "d")]))
    }

    @Test("progress grows to the end of the text and of the ids")
    func progress() throws {
        var trainer = try BytePairTrainer(vocabulary: 400)
        let text = try Reference.text()
        var told: [BytePairTrainer.Progress] = []
        try trainer.add(text) { told.append($0) }
        _ = try trainer.train { told.append($0) }
        #expect(told.contains(.counted(bytes: text.count)) && told.last == .merged(ids: 400, of: 400))
    }

    @Test("no text, too few ids and doubled special tokens are refused")
    func refusals() {
        expectFailure(.badData, "no text") { _ = try train([], vocabulary: 300) }
        expectFailure(.usage, "256") { _ = try train([], vocabulary: 256) }
        expectFailure(.usage, "once") { _ = try BytePairTrainer(vocabulary: 300, specialTokens: ["a", "a"]) }
        expectFailure(.badData, "special") {
            var trainer = try BytePairTrainer(vocabulary: 300, specialTokens: ["the"])
            try trainer.add(Array("the the the".utf8))
            _ = try trainer.train()
        }
    }
}
