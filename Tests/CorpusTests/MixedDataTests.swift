import Crypto
import Experiment
import Foundation
import Testing

@testable import Corpus

/// Training and held-out data of a corpus with several sources.
@Suite("Mixed data")
struct MixedDataTests {
    private static let weights = [SourceConfig(name: "b", weight: 3), SourceConfig(name: "a", weight: 7)]

    @Test("batches hold the windows of the sequences that a step tells, and its digest is of them")
    func batches() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.mixedCorpus(("a", 2_003, 40), ("b", 905, 40))
        var data = try TrainingData(
            corpus, context: 5, sequencesPerStep: 12, slot: 4, limitTokens: nil, seed: 9, sources: Self.weights)
        #expect(data.mixture.counts == [400, 171] && data.sequences == 571 && data.unusedTokens == 2 + 4)
        #expect(data.trainingTokens == (400 + 180) * 5)
        let firsts = [0, 2_043]
        var batch = Batch(capacity: 4, context: 5)
        for step in [0, 3, 47, 48, 90] {
            let sequences = data.sequences(ofStep: step)
            #expect(sequences.count == 12)
            var digests: [[UInt8]] = []
            for slot in 0..<3 {
                data.fill(step: step, slot: slot, into: &batch)
                let windows = sequences[slot * 4..<(slot + 1) * 4].map { source, sequence in
                    (0...5).map { Int32(firsts[source] + sequence * 5 + $0) }
                }
                #expect(batch.tokens == windows.flatMap { $0.dropLast() })
                #expect(batch.targets == windows.flatMap { $0.dropFirst() })
                let bytes = windows.joined().flatMap { id in (0..<4).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } }
                #expect(data.batchDigest(step: step, slot: slot) == Array(SHA256.hash(data: Data(bytes))))
                digests.append(data.batchDigest(step: step, slot: slot))
            }
            #expect(TrainingData.stepDigest(slotDigests: digests).count == 64)
            for (j, (source, sequence)) in sequences.enumerated() {
                let positions = data.positions(ofSource: source, sequence: sequence, steps: 100)
                #expect(positions.contains(step * 12 + j))
            }
        }
        #expect(data.epoch(step: 47) == 0 && data.epoch(step: 48) == 1)
    }

    @Test("what a run reads of each source is told before it starts")
    func readings() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.mixedCorpus(("a", 2_003, 40), ("b", 905, 40))
        let data = try TrainingData(
            corpus, context: 5, sequencesPerStep: 571, slot: 1, limitTokens: nil, seed: 9, sources: Self.weights)
        let lines = data.readings(steps: 2).map(\.text)
        #expect(
            lines == [
                "a: 2,003 tokens, 400 sequences of 5, 2 tokens unused; this run reads 70.1 % = 2.00 epochs, 2,000 tokens "
                    + "repeated",
                "b: 905 tokens, 180 sequences of 5, 4 tokens unused; this run reads 29.9 % = 1.90 epochs, 810 tokens "
                    + "repeated",
            ])
        let short = try TrainingData(
            corpus, context: 5, sequencesPerStep: 10, slot: 1, limitTokens: 500, seed: 9, sources: Self.weights)
        #expect(
            short.readings(steps: 10).map(\.text)[1]
                == "b: 905 tokens, 180 sequences of 5 (30 within the limit), 4 tokens unused; this run reads 30.0 % = "
                + "1.00 epochs, 0 tokens repeated")
        let begun = try #require(data.readings(steps: 0).first)
        #expect(begun.text.hasSuffix("0.0 % = 0.00 epochs, 0 tokens repeated, 400 sequences never read"))
    }

    @Test("held-out sequences follow the shares, at least one each, all fewer where a source has too few")
    func heldOut() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.mixedCorpus(("a", 500, 501), ("b", 500, 121))
        func counts(_ amount: EvaluateConfig.Amount, _ sources: [SourceConfig] = Self.weights) throws -> [Int] {
            let data = try HeldOutData(corpus, context: 5, amount: amount, slot: 8, sources: sources)
            #expect(data.parts.map(\.name) == ["a", "b"])
            #expect(data.parts.last?.range.upperBound == data.sequences.count)
            return data.parts.map(\.range.count)
        }
        #expect(try counts(.tokens(50)) == [7, 3])
        #expect(try counts(.tokens(56)) == [8, 3])
        #expect(try counts(.tokens(1)) == [1, 1])
        #expect(try counts(.tokens(5 * 80)) == [56, 24])
        // b has 24 sequences: with more, the shares would not be kept.
        #expect(try counts(.tokens(9_999)) == [56, 24])
        #expect(try counts(.all) == [100, 24])
        #expect(try counts(.tokens(50), []) == [5, 5])
    }

    @Test("held-out slots straddle sources, and hold the windows of each source's own stream")
    func heldOutSlots() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.mixedCorpus(("a", 500, 51), ("b", 500, 36))
        let data = try HeldOutData(corpus, context: 5, amount: .all, slot: 4)
        #expect(data.parts.map(\.range) == [0..<10, 10..<17] && data.slots == 5)
        for part in data.parts { #expect(data.sequences[part.range].sorted() == Array(0..<part.range.count)) }
        var batch = Batch(capacity: 4, context: 5)
        var found: [Int] = []
        for slot in 0..<data.slots {
            data.fill(slot: slot, into: &batch)
            found += (0..<batch.sequences).map { Int(batch.tokens[$0 * 5]) }
        }
        let firsts = [500, 500 + 51 + 500]
        #expect(
            found
                == zip(data.parts, firsts).flatMap { part, first in data.sequences[part.range].map { first + 5 * $0 } })
        let alone = try HeldOutData(corpus, context: 5, amount: .tokens(10), slot: 4)
        #expect(alone.sequences[0] == data.sequences[0], "a smaller evaluation is the beginning of a larger one")
    }

    @Test("a source shorter than one sequence is named")
    func tooShort() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.mixedCorpus(("a", 500, 51), ("b", 9, 5))
        expectFailure(.badData, "train side of the source b", "9 tokens", "the 10 of") {
            _ = try TrainingData(corpus, context: 9, sequencesPerStep: 1, slot: 1, limitTokens: nil, seed: 1)
        }
        expectFailure(.badData, "held-out side of the source b", "5 tokens") {
            _ = try HeldOutData(corpus, context: 6, amount: .all, slot: 1)
        }
        expectFailure(.usage, "names c", "are a, b") {
            _ = try HeldOutData(corpus, context: 2, amount: .all, slot: 1, sources: [SourceConfig(name: "c")])
        }
    }

    @Test("each source of a corpus has an order of its own, also for the same number of sequences")
    func ownOrders() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.mixedCorpus(("a", 500, 151), ("b", 500, 151))
        let data = try HeldOutData(corpus, context: 5, amount: .all, slot: 4)
        #expect(data.sequences[0..<30] != data.sequences[30..<60])
        var mixture = try TrainingData(
            corpus, context: 5, sequencesPerStep: 1, slot: 1, limitTokens: nil, seed: 1
        ).mixture
        var orders = [[Int]](repeating: [], count: 2)
        for position in 0..<mixture.sequencesPerPass {
            let (source, sequence) = mixture.sequence(atPosition: position)
            orders[source].append(sequence)
        }
        #expect(orders[0].sorted() == orders[1].sorted() && orders[0] != orders[1])
    }
}
