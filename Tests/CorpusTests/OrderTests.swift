import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Order of data")
struct OrderTests {
    @Test("over each epoch every training sequence is used exactly once, whatever the batch and the slots")
    func everySequenceOnce() throws {
        let folder = try TemporaryFolder()
        // 37 sequences of 5 tokens, and 3 tokens that are unused.
        let corpus = try folder.countingCorpus(train: 37 * 5 + 1 + 3, heldOut: 20, shardTokens: 64)
        for (sequencesPerStep, slot) in [(1, 1), (12, 1), (12, 4), (10, 10), (74, 37), (40, 8)] {
            var data = try TrainingData(
                corpus, context: 5, sequencesPerStep: sequencesPerStep, slot: slot, limitTokens: nil, seed: 7)
            #expect(data.sequences == 37 && data.unusedTokens == 3)
            var batch = Batch(capacity: slot, context: 5)
            var firstTokens: [Int] = []
            for step in 0..<(3 * 37 + sequencesPerStep - 1) / sequencesPerStep {
                for index in 0..<sequencesPerStep / slot {
                    data.fill(step: step, slot: index, into: &batch)
                    #expect(batch.sequences == slot && batch.counted.allSatisfy { $0 == 1 })
                    #expect(zip(batch.tokens, batch.targets).allSatisfy { $0 + 1 == $1 })
                    firstTokens += (0..<slot).map { Int(batch.tokens[$0 * 5]) }
                }
            }
            for epoch in 0..<3 {
                let used = firstTokens[epoch * 37..<(epoch + 1) * 37]
                #expect(used.sorted() == (0..<37).map { $0 * 5 })
            }
            #expect(firstTokens[0..<37] != firstTokens[37..<74])
        }
    }

    @Test("slots may be filled in any order by anybody: the order has no state")
    func stateless() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 102, heldOut: 20, shardTokens: 64)
        func data() throws -> TrainingData {
            try TrainingData(corpus, context: 5, sequencesPerStep: 6, slot: 2, limitTokens: nil, seed: 3)
        }
        var forward = try data()
        let expected = (0..<30).map { step in (0..<3).map { forward.batchDigest(step: step, slot: $0) } }
        var shuffled = try data()
        for step in (0..<30).reversed() {
            for slot in [1, 0, 2] { #expect(shuffled.batchDigest(step: step, slot: slot) == expected[step][slot]) }
        }
        #expect(Set(expected.joined()).count > 80)
    }

    @Test("a batch digest is of the windows as little-endian uint32, and the step's of its slots' in order")
    func digests() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 7, heldOut: 7, shardTokens: 64)
        // Two sequences, so that seed 0 or its epoch decides their order only.
        var data = try TrainingData(corpus, context: 3, sequencesPerStep: 2, slot: 1, limitTokens: nil, seed: 0)
        let slots = [data.batchDigest(step: 0, slot: 0), data.batchDigest(step: 0, slot: 1)]
        // printf '\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0' | sha256sum, and from 3 on.
        #expect(
            Set(slots.map(\.hexadecimal)) == [
                "baed642339816affb3fe8719792d0e4ce82f12db72b7373d244eaa65445800fe",
                "ba7c5ee6e0192fdfe80274584650a2fb8dae9213bd63ae7b31fe4d088074cb83",
            ])
        #expect(TrainingData.stepDigest(slotDigests: slots).count == 64)
        #expect(
            TrainingData.stepDigest(slotDigests: slots) != TrainingData.stepDigest(slotDigests: slots.reversed()))
    }

    @Test("a keyed permutation takes every value once, for every count")
    func permutation() {
        for count in Array(1...70) + [255, 256, 257, 1_000, 4_097] {
            let permutation = KeyedPermutation(count: count, stream: RandomStream(seed: 1, purpose: "\(count)"))
            #expect(Set((0..<count).map { permutation[$0] }) == Set(0..<count), "\(count)")
        }
    }

    @Test("smaller subsets lie inside larger ones, and a limit above the corpus changes nothing")
    func nestedSubsets() throws {
        func used(_ limit: Int?, epoch: Int = 0) -> [Int] {
            var order = DataOrder(available: 500, limit: limit, seed: 11)
            return (0..<order.count).map { order.sequence(atPosition: epoch * order.count + $0) }
        }
        var inner: Set<Int> = []
        for limit in [1, 2, 17, 100, 499, 500] {
            let subset = used(limit)
            #expect(Set(subset).count == limit)
            #expect(Set(used(limit, epoch: 4)) == Set(subset))
            #expect(inner.isSubset(of: subset))
            inner = Set(subset)
        }
        #expect(used(500) == used(nil) && used(9_000) == used(nil))
        #expect(used(100) != used(100, epoch: 1))
    }

    @Test("limit_tokens counts whole sequences, and at least one")
    func limits() throws {
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 101, heldOut: 20, shardTokens: 64)
        for (limit, sequences) in [(1, 1), (49, 4), (50, 5), (1_000, 10)] {
            let data = try TrainingData(
                corpus, context: 10, sequencesPerStep: 2, slot: 1, limitTokens: limit, seed: 1)
            #expect(data.sequences == sequences && data.trainingTokens == sequences * 10)
        }
    }

    @Test("the order is the same in every version and on every machine")
    func pinned() throws {
        // A second implementation, in another language, gave these.
        var all = DataOrder(available: 1_000, seed: 42)
        #expect([0, 1, 2, 999, 1_000, 1_001].map { all.sequence(atPosition: $0) } == [249, 626, 314, 164, 392, 798])
        var subset = DataOrder(available: 1_000, limit: 100, seed: 42)
        #expect([0, 1, 2, 99, 100, 101].map { subset.sequence(atPosition: $0) } == [645, 908, 864, 473, 759, 645])
        let folder = try TemporaryFolder()
        let corpus = try folder.countingCorpus(train: 50, heldOut: 101, shardTokens: 64)
        let heldOut = try HeldOutData(corpus, context: 5, amount: .tokens(30), slot: 2)
        #expect(heldOut.sequences == [3, 17, 19, 2, 0, 6])
    }

    @Test("other seeds give other orders")
    func seeds() {
        let orders = (0..<8).map { seed in
            var order = DataOrder(available: 50, seed: UInt64(seed))
            return (0..<50).map { order.sequence(atPosition: $0) }
        }
        #expect(Set(orders).count == 8)
    }

    @Test("many shards, of two or four bytes an id, read as one")
    func shards() throws {
        let folder = try TemporaryFolder()
        for train in [1_000, 70_000] {
            let whole = try folder.countingCorpus(train: train, heldOut: 9, shardTokens: 1 << 20)
            let parts = try folder.countingCorpus(train: train, heldOut: 9, shardTokens: train / 13)
            #expect(parts.index.train.shards.count == 14)
            #expect(parts.index.dtype == (train > 65_536 ? .uint32 : .uint16))
            #expect(whole.train[0..<train] == (0..<train).map(Int32.init))
            #expect(parts.train[0..<train] == whole.train[0..<train])
            for start in stride(from: 0, to: train - 200, by: train / 37) {
                #expect(parts.train[start..<start + 200] == whole.train[start..<start + 200])
            }
        }
    }

    @Test("windows share a token with the next, and what is behind the last is counted", arguments: 1...12)
    func windows(context: Int) throws {
        let folder = try TemporaryFolder()
        for tokens in [2, 11, 12, 13, 24, 25, 26] {
            let stream = try folder.countingCorpus(train: tokens, heldOut: 2, shardTokens: 64).train
            let windows = stride(from: 0, to: tokens, by: context).count { $0 + context < tokens }
            #expect(stream.sequences(context: context) == windows)
            #expect(stream.unusedTokens(context: context) == tokens - (windows == 0 ? 0 : windows * context + 1))
        }
    }
}
