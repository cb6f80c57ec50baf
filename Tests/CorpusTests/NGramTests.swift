import Foundation
import Testing

@testable import Corpus

@Suite("n-gram baselines")
struct NGramTests {
    /// A Markov chain of order one over `symbols`: the next is the last plus 1 with probability 0.75, else any.
    private static func chain(_ count: Int, symbols: Int32, seed: UInt64) -> [Int32] {
        var state = seed
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        var tokens: [Int32] = [0]
        while tokens.count < count {
            tokens.append(next() % 4 != 0 ? ((tokens.last ?? 0) + 1) % symbols : Int32(next() % UInt64(symbols)))
        }
        return tokens
    }

    @Test("on a chain of order one the unigrams reach ln V, the bigrams its entropy, and longer ones gain nothing")
    func chain() throws {
        let symbols: Int32 = 16
        let model = NGramModel(Self.chain(200_000, symbols: symbols, seed: 1), order: 4, vocabulary: 16)
        let losses = model.losses(on: Self.chain(20_000, symbols: symbols, seed: 2))
        let other = 0.25 / 16
        let entropy = -(0.75 + other) * log(0.75 + other) - 15 * other * log(other)
        #expect(losses.count == 4)
        #expect(abs(losses[0] - log(16)) < 0.01)
        #expect(abs(losses[1] - entropy) < 0.02)
        #expect(losses[2] > losses[1] - 0.005 && losses[2] < losses[1] + 0.1)
    }

    @Test("the probabilities of all tokens after any context add to one, at every order")
    func normalization() {
        let tokens: [Int32] = [0, 1, 2, 0, 1, 3, 0, 1, 2, 2, 1, 0, 3, 3, 1, 2]
        let model = NGramModel(tokens, order: 3, vocabulary: 5)
        for context: [Int32] in [[0, 1], [1, 2], [4, 4], [3, 1], [2, 4]] {
            for order in 1...3 {
                let sum = (0..<5).reduce(0.0) { sum, token in
                    sum + exp(-model.losses(on: context + [Int32(token)])[order - 1])
                }
                #expect(abs(sum - 1) < 1e-9, "\(context) at order \(order)")
            }
        }
    }

    @Test("five orders over a longer text are still probabilities")
    func longNormalization() {
        let model = NGramModel(Self.chain(3_000, symbols: 6, seed: 5), order: 5, vocabulary: 6)
        let contexts = Self.chain(60, symbols: 6, seed: 6)
        for start in 0..<50 {
            let context = Array(contexts[start..<start + 4])
            let sum = (0..<6).reduce(0.0) { $0 + exp(-model.losses(on: context + [Int32($1)])[4]) }
            #expect(abs(sum - 1) < 1e-9)
        }
    }

    @Test("a small example by hand: absolute discounting of the unigrams, continuation counts below the bigrams")
    func byHand() {
        // Counts a 3, b 1, c 1: n₁ = 2, n₂ = 0, so D = 1. p(a) = (3 − 1)/5 + 1·3/5·1/4.
        let model = NGramModel([0, 1, 0, 2, 0], order: 1, vocabulary: 4)
        #expect(abs(exp(-model.losses(on: [0])[0]) - (0.4 + 0.15)) < 1e-12)
        #expect(abs(exp(-model.losses(on: [3])[0]) - 0.15) < 1e-12)
        // After a come b and c, once each: D = 1 leaves all to the continuation counts. Before a stand b and c, before b
        // and c stands a: N₁₊(· w) is 2, 1, 1 of 4, n₁ = 2 and n₂ = 1, so D = ½ and p(a) = 1.5/4 + ½·3/4·1/4.
        let bigrams = NGramModel([0, 1, 0, 2, 0], order: 2, vocabulary: 4)
        #expect(abs(exp(-bigrams.losses(on: [0, 0])[1]) - (0.375 + 0.09375)) < 1e-12)
    }

    @Test("too few tokens have no loss")
    func short() {
        let model = NGramModel([1, 2], order: 4, vocabulary: 3)
        #expect(model.losses(on: [1, 2, 0]).isEmpty)
        #expect(model.losses(on: [1, 2, 0, 1]).allSatisfy { abs($0) < 20 })
    }
}
