import Experiment
import Tensors
import Testing
import Transformer

@Suite("Sampling")
struct SamplerTests {
    /// Probabilities 0.5, 0.25, 0.125, 0.125 at temperature 1, not in order.
    private static let logits: [Float] = [-2.079_441_5, -0.693_147_2, -1.386_294_4, -2.079_441_5]
    private static let draws = 4_000

    private func shares(_ sampler: Sampler) -> [Double] {
        var counts = [Double](repeating: 0, count: Self.logits.count)
        for index in 0..<Self.draws { counts[sampler.choose(Self.logits, index: index)] += 1 }
        return counts.map { $0 / Double(Self.draws) }
    }

    /// Five standard deviations of a share of `draws`; seeds are fixed, so this fails always or never.
    private func expectShares(_ actual: [Double], _ expected: [Double]) {
        for (share, p) in zip(actual, expected) {
            #expect(abs(share - p) <= 5 * (p * (1 - p) / Double(Self.draws)).squareRoot(), "\(actual) for \(expected)")
        }
    }

    @Test("temperature 0 takes the likeliest token, the first one of equals")
    func greedy() {
        let sampler = Sampler(temperature: 0, seed: 1)
        #expect((0..<20).allSatisfy { sampler.choose(Self.logits, index: $0) == 1 })
        #expect(sampler.choose([1, 3, 3, 2], index: 0) == 1)
        #expect(sampler.choose([5], index: 0) == 0)
    }

    @Test("temperature 1 draws tokens by their probabilities, and a low one the likeliest")
    func temperature() {
        expectShares(shares(Sampler(temperature: 1, seed: 1)), [0.125, 0.5, 0.25, 0.125])
        // At temperature 1/2 probabilities are squared: 1/64, 1/4, 1/16, 1/64 of 22/64.
        expectShares(shares(Sampler(temperature: 0.5, seed: 2)), [1 / 22, 16 / 22, 4 / 22, 1 / 22])
        #expect(shares(Sampler(temperature: 0.01, seed: 3)) == [0, 1, 0, 0])
    }

    @Test("top-k keeps the k likeliest tokens and their proportions")
    func topK() {
        #expect(shares(Sampler(temperature: 1, topK: 1, seed: 1)) == [0, 1, 0, 0])
        expectShares(shares(Sampler(temperature: 1, topK: 2, seed: 1)), [0, 2.0 / 3, 1.0 / 3, 0])
        expectShares(shares(Sampler(temperature: 1, topK: 100, seed: 1)), [0.125, 0.5, 0.25, 0.125])
    }

    @Test("top-p keeps the fewest tokens that hold the probability p")
    func topP() {
        #expect(shares(Sampler(temperature: 1, topP: 0.4, seed: 1)) == [0, 1, 0, 0])
        expectShares(shares(Sampler(temperature: 1, topP: 0.7, seed: 1)), [0, 2.0 / 3, 1.0 / 3, 0])
        expectShares(shares(Sampler(temperature: 1, topP: 1, seed: 1)), [0.125, 0.5, 0.25, 0.125])
        expectShares(shares(Sampler(temperature: 1, topK: 3, topP: 0.99, seed: 1)), [1.0 / 7, 4.0 / 7, 2.0 / 7, 0])
    }

    @Test("a text is a function of the seed, and its tokens may be asked for in any order")
    func seeds() {
        func text(_ seed: UInt64) -> [Int] {
            let sampler = Sampler(temperature: 1, seed: seed)
            return (0..<50).map { sampler.choose(Self.logits, index: $0) }
        }
        #expect(text(1) == text(1) && text(1) != text(2))
        let sampler = Sampler(temperature: 1, seed: 1)
        #expect((0..<50).reversed().map { sampler.choose(Self.logits, index: $0) } == text(1).reversed())
    }

    @Test("the next token's logits are those of the last one, and only the last `context` tokens count")
    func nextLogits() {
        let shape = ModelShape(layers: 1, width: 6, heads: 2, context: 5, vocabulary: 7)
        let seeded = SeededModel(shape, sequences: 1)
        func next(_ ids: [Int32]) -> [Float] {
            seeded.model.nextLogits(after: ids, parameters: seeded.parameters.floats, work: seeded.work)
        }
        let ids: [Int32] = [3, 1, 4, 1, 5]
        seeded.tokens = ids
        #expect(next(ids) == seeded.logits(rows: 4..<5) && next(Array(ids.prefix(2))) == seeded.logits(rows: 1..<2))
        #expect(next([6, 2] + ids) == next(ids))
    }
}
