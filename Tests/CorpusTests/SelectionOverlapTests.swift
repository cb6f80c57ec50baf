import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Overlap of held-out and training text")
struct SelectionOverlapTests {
    private static let seed: UInt64 = 13
    private static let endOfText = 4_999

    /// The different n-grams of a text, the plain way.
    private func ngrams(_ ids: [Int32], endOfText: Int? = nil) -> Set<[Int32]> {
        let n = OverlapCounter.ngram
        guard ids.count >= n else { return [] }
        let windows = (0...ids.count - n).map { Array(ids[$0..<$0 + n]) }
        return Set(windows.filter { window in !window.contains { Int($0) == endOfText } })
    }

    /// Two texts with stretches in common, some end-of-text, and n-grams that come twice.
    private func texts(_ name: String, count: Int) -> (heldOut: [Int32], train: [Int32]) {
        var random = RandomWords(seed: Self.seed, name: name)
        let heldOut = random.document(words: count).map(Int32.init)
        var train = random.document(words: count).map(Int32.init)
        for _ in 0..<40 {
            let (from, to) = (random.number(below: count - 100), random.number(below: count - 100))
            let length = random.number(below: 100)
            train.replaceSubrange(to..<to + length, with: heldOut[from..<from + length])
        }
        return (heldOut + heldOut.prefix(count / 4), train)
    }

    private func chunks(_ ids: [Int32], of size: Int) -> [[Int32]] {
        stride(from: 0, to: ids.count, by: size).map { Array(ids[$0..<min(ids.count, $0 + size)]) }
    }

    private func count(_ heldOut: [Int32], _ train: [Int32], chunk: Int = 65_536, limit: Int = 1 << 20) -> OverlapCount
    {
        var counter = OverlapCounter(limit: limit, endOfText: Self.endOfText)
        for part in chunks(heldOut, of: chunk) { counter.addHeldOut(part) }
        counter.endStretch()
        for part in chunks(train, of: chunk) { counter.addTrain(part) }
        return counter.count
    }

    @Test(
        "the counts are those of sets of arrays, however the ids are cut", arguments: [1, 5, 12, 13, 14, 1_000, 65_536])
    func plain(chunk: Int) {
        let (heldOut, train) = texts("plain", count: 10_000)
        let wanted = ngrams(heldOut, endOfText: Self.endOfText)
        let found = wanted.intersection(ngrams(train))
        #expect(heldOut.contains(Int32(Self.endOfText)) && found.count > 500 && found.count < wanted.count / 2)
        let expected = OverlapCount(ngram: 13, heldOut: wanted.count, found: found.count, sampled: 1)
        #expect(count(heldOut, train, chunk: chunk) == expected, "seed \(Self.seed)")
    }

    @Test("above the limit a sample is counted, which does not depend on the order and has nearly the same share")
    func sample() {
        let (heldOut, train) = texts("sample", count: 40_000)
        let all = count(heldOut, train)
        let sampled = count(heldOut, train, chunk: 777, limit: 10_000)
        #expect(sampled.sampled == 4 && sampled.heldOut <= 10_000 && sampled.heldOut > 9_000)
        #expect(abs(sampled.share - all.share) < 0.01, "\(sampled), \(all); seed \(Self.seed)")
        var counter = OverlapCounter(limit: 10_000, endOfText: Self.endOfText)
        for id in [2, 0, 3, 1] {
            // With the n-grams across the cuts in both of the parts.
            counter.addHeldOut(Array(heldOut[id * 12_500..<min(heldOut.count, (id + 1) * 12_500 + 12)]))
            counter.endStretch()
        }
        counter.addTrain(train)
        #expect(counter.count == sampled)
    }

    @Test("n-grams cross neither the end of a stretch nor from held-out to training text")
    func stretches() {
        let ids = (0..<20).map(Int32.init)
        var counter = OverlapCounter()
        counter.addHeldOut(Array(ids[..<10]))
        counter.endStretch()
        counter.addHeldOut(Array(ids[10...]))
        #expect(counter.count.heldOut == 0)
        counter.endStretch()
        counter.addHeldOut(ids)
        #expect(counter.count.heldOut == 8)
        counter.addTrain(Array(ids[..<12]))
        counter.endStretch()
        counter.addTrain(Array(ids[12...]))
        #expect(counter.count.found == 0)
        counter.endStretch()
        counter.addTrain(Array(ids[..<13]))
        counter.addTrain(ids)
        #expect(counter.count == OverlapCount(ngram: 13, heldOut: 8, found: 8, sampled: 1))
    }

    @Test("training text right behind held-out text makes no n-gram with it")
    func sides() {
        let ids = (0..<26).map(Int32.init)
        var counter = OverlapCounter()
        counter.addHeldOut(ids)
        counter.addHeldOut(Array(ids[..<5]))
        counter.addTrain(Array(ids[5..<16]))
        #expect(counter.count.found == 0)
    }

    @Test("nothing held out, or nothing to train on, is a count of nothing")
    func empty() {
        #expect(count([], [1, 2, 3]) == OverlapCount(ngram: 13, heldOut: 0, found: 0, sampled: 1))
        #expect(count(Array(repeating: 7, count: 100), []).heldOut == 1)
        #expect(OverlapCounter().count.share == 0)
    }

    @Test("memory is bounded by the limit")
    func memory() {
        var counter = OverlapCounter(limit: 10_000)
        var random = RandomWords(seed: Self.seed, name: "memory")
        for _ in 0..<10 { counter.addHeldOut(random.document(words: 50_000).map(Int32.init)) }
        counter.addTrain([0])
        #expect(counter.count.heldOut <= 10_000 && counter.count.sampled == 64)
        #expect(counter.stateBytes <= 10_000 * (24 + 4))
    }

    @Test("the count reads back from its JSON")
    func json() throws {
        let count = OverlapCount(ngram: 13, heldOut: 9, found: 2, sampled: 4)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(count)
        #expect(String(decoding: data, as: UTF8.self) == #"{"found":2,"held_out":9,"ngram":13,"sampled":4}"#)
        #expect(try JSONDecoder().decode(OverlapCount.self, from: data) == count)
    }
}
