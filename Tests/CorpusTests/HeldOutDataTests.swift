import Experiment
import Testing

@testable import Corpus

@Suite("Held-out data")
struct HeldOutDataTests {
    @Test("an evaluation is the first sequences of one fixed order, cut into slots, the last one short")
    func slots() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 50, heldOut: 101, shardTokens: 30)
        let all = try HeldOutData(corpus, context: 5, amount: .all, slot: 8)
        #expect(all.sequences.sorted() == Array(0..<20) && all.slots == 3)
        #expect((0..<3).map(all.sequences(inSlot:)) == [8, 8, 4])
        for (tokens, sequences) in [(1, 1), (14, 2), (50, 10), (9_999, 20)] {
            let some = try HeldOutData(corpus, context: 5, amount: .tokens(tokens), slot: 8)
            #expect(some.sequences == Array(all.sequences.prefix(sequences)))
        }
        #expect(all.bytesPerToken == nil)
    }

    @Test("rows behind a short slot hold zeros and do not count")
    func filling() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 50, heldOut: 101, shardTokens: 30)
        let data = try HeldOutData(corpus, context: 5, amount: .all, slot: 8)
        var batch = Batch(capacity: 8, context: 5)
        var firstTokens: [Int] = []
        for slot in 0..<data.slots {
            data.fill(slot: slot, into: &batch)
            #expect(batch.sequences == data.sequences(inSlot: slot))
            #expect(batch.counted.reduce(0) { $0 + Int($1) } == batch.filledTokens)
            #expect(batch.tokens[batch.filledTokens...].allSatisfy { $0 == 0 })
            #expect(zip(batch.tokens, batch.targets).prefix(batch.filledTokens).allSatisfy { $0 + 1 == $1 })
            firstTokens += (0..<batch.sequences).map { Int(batch.tokens[$0 * 5]) }
        }
        #expect(firstTokens == data.sequences.map { 50 + $0 * 5 })
    }

    @Test("a side shorter than one sequence is refused with the numbers")
    func tooShort() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 9, heldOut: 5, shardTokens: 30)
        expectFailure(.badData, "held-out", "5 tokens", "the 7 of") {
            _ = try HeldOutData(corpus, context: 6, amount: .all, slot: 1)
        }
        expectFailure(.badData, "train", "9 tokens", "the 10 of") {
            _ = try TrainingData(corpus, context: 9, sequencesPerStep: 1, slot: 1, limitTokens: nil, seed: 1)
        }
    }

    @Test("the summary tells tokens, documents, bytes, and what a context leaves unused")
    func summary() throws {
        let folder = try TemporaryFolder()
        let config = try folder.writeTexts(files: 12, lines: 40)
        let corpus = try CorpusPreparation.prepare(config, cache: folder.cache)
        let lines = CorpusSummary(corpus, context: 16).lines
        #expect(lines.contains { $0.contains("12 files") })
        #expect(lines.contains { $0.hasPrefix("train ") && $0.contains(" sequences of 16, ") && $0.contains("unused") })
        #expect(lines.contains { $0.hasPrefix("held-out ") && $0.contains("1 shard") })
    }
}
