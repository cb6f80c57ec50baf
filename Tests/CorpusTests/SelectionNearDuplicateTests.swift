import Experiment
import Testing

@testable import Corpus

/// Words drawn from a stream of random numbers.
struct RandomWords {
    private let stream: RandomStream
    private var index: UInt64 = 0

    init(seed: UInt64, name: String = "") { stream = RandomStream(seed: seed, purpose: "words", name: name) }

    mutating func next() -> Int {
        index += 1
        return Int(stream.bits(index) % 5_000)
    }

    mutating func number(below bound: Int) -> Int {
        index += 1
        return Int(stream.bits(index) % UInt64(bound))
    }

    mutating func document(words: Int) -> [Int] { (0..<words).map { _ in next() } }

    /// A copy with other words in `changes` places.
    mutating func edited(_ document: [Int], changes: Int) -> [Int] {
        var copy = document
        for _ in 0..<changes { copy[number(below: copy.count)] = 10_000 + next() }
        return copy
    }
}

/// Words as text, twelve a line.
func asText(_ words: [Int]) -> String {
    words.enumerated().map { "w\($0.element)" + ($0.offset % 12 == 11 ? ".\n" : " ") }.joined()
}

/// The similarity that a signature estimates, from the sets themselves.
func jaccard(_ a: [Int], _ b: [Int]) -> Double {
    func shingles(_ words: [Int]) -> Set<[Int]> {
        Set((0...words.count - ShingleSketch.shingleWords).map { Array(words[$0..<$0 + ShingleSketch.shingleWords]) })
    }
    let (a, b) = (shingles(a), shingles(b))
    return Double(a.intersection(b).count) / Double(a.union(b).count)
}

@Suite("Near duplicates")
struct SelectionNearDuplicateTests {
    private static let seed: UInt64 = 20_260_717

    private func signature(_ text: String) throws -> MinHash { try #require(facts(of: text).signature) }

    /// More than two standard deviations of an estimate (0.044 at most).
    private static let tolerance = 0.1

    @Test(
        "estimates are within 0.1 of the true similarity, at every similarity and length", arguments: [120, 400, 5_000])
    func estimates(words: Int) throws {
        var random = RandomWords(seed: Self.seed, name: "estimates \(words)")
        for share in [0, 1, 2, 4, 8, 15, 30, 60, 100] {
            let original = random.document(words: words)
            let copy = random.edited(original, changes: words * share / 200)
            let estimate = try signature(asText(original)).similarity(to: signature(asText(copy)))
            let truth = jaccard(original, copy)
            #expect(abs(estimate - truth) < Self.tolerance, "\(estimate) for \(truth); seed \(Self.seed)")
        }
    }

    @Test("estimates of short documents have no bias, and the spread of 128 independent values")
    func spread() throws {
        var random = RandomWords(seed: Self.seed, name: "spread")
        let pairs = 400
        var (error, squaredError, variance) = (0.0, 0.0, 0.0)
        for _ in 0..<pairs {
            let original = random.document(words: 60)
            let copy = random.edited(original, changes: 2)
            let truth = jaccard(original, copy)
            let off = try signature(asText(original)).similarity(to: signature(asText(copy))) - truth
            error += off / Double(pairs)
            squaredError += off * off / Double(pairs)
            variance += truth * (1 - truth) / Double(MinHash.count * pairs)
        }
        #expect(abs(error) < 4 * (variance / Double(pairs)).squareRoot(), "\(error); seed \(Self.seed)")
        // So many pairs tell a standard deviation to 3.5 %; three times that.
        #expect(squaredError.squareRoot() < 1.105 * variance.squareRoot(), "\(squaredError); seed \(Self.seed)")
    }

    @Test("unrelated texts are never near duplicates")
    func unrelated() throws {
        var random = RandomWords(seed: Self.seed, name: "unrelated")
        var index = NearDuplicateIndex(threshold: 0.1)
        for i in 0..<1_000 {
            let document = random.document(words: 5 + i % 300)
            #expect(index.insert(try signature(asText(document))), "document \(i); seed \(Self.seed)")
        }
    }

    @Test("the bands find what comparing all pairs finds", arguments: [0.3, 0.5, 0.7, 0.8, 0.9, 1])
    func bruteForce(threshold: Double) throws {
        var random = RandomWords(seed: Self.seed, name: "brute force \(threshold)")
        var originals: [[Int]] = []
        var index = NearDuplicateIndex(threshold: threshold)
        var kept: [MinHash] = []
        for i in 0..<600 {
            let isCopy = i % 3 > 0
            let source = isCopy ? originals[random.number(below: originals.count)] : random.document(words: 200)
            if !isCopy { originals.append(source) }
            let document = isCopy ? random.edited(source, changes: random.number(below: 40)) : source
            let signature = try signature(asText(document))
            let isNew = !kept.contains { $0.similarity(to: signature) >= threshold }
            #expect(index.insert(signature) == isNew, "document \(i); seed \(Self.seed)")
            if isNew { kept.append(signature) }
        }
        #expect(kept.count > originals.count / 2 && kept.count < 600)
    }

    @Test("a pair of the threshold's similarity shares a band but once in a thousand")
    func bands() {
        #expect([0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1].map(NearDuplicateIndex.bands) == [64, 64, 32, 32, 16, 8, 4])
        #expect(NearDuplicateIndex.bands(threshold: 0.01) == 128)
    }

    @Test("line breaks, punctuation and case make no difference")
    func layout() throws {
        let plain = try signature("the swift spends most of its life on the wing")
        #expect(try signature("  The swift\r\nspends — most, of (its) LIFE\n\non “the” wing!!\n") == plain)
        #expect(try signature("the swift spends most of its life on a wing") != plain)
        #expect(try signature("theswift spends most of its life on the wing") != plain)
    }

    @Test("fewer than five words have no signature; a character is a word where words have no spaces")
    func short() {
        #expect(facts(of: "only four words here").signature == nil)
        #expect(facts(of: "--- , . !").signature == nil)
        #expect(facts(of: "now there are five words").signature != nil)
        #expect(facts(of: "東京の空").signature == nil)
        #expect(facts(of: "東京の空に").signature != nil)
        #expect(facts(of: "l’été à Ωmega").signature == nil)
    }

    @Test("signatures are the same in every process and on every machine")
    func pinned() throws {
        var random = RandomWords(seed: 1)
        let long = try signature(asText(random.document(words: 2_000)))
        let short = try signature("the swift spends most of its life on the wing")
        #expect(long.values.map(String.init).joined(separator: " ").sha256.prefix(16) == "b8a6287bc0a0a6d1")
        #expect(short.values.map(String.init).joined(separator: " ").sha256.prefix(16) == "28e1cd5fbf32b69a")
    }
}
