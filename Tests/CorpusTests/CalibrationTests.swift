import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Calibration source")
struct CalibrationTests {
    private let small = CalibrationConfig(alphabet: 4, key: 3, value: 2, exponent: 0.5, tokens: 1_003)

    @Test("the entropy is the published one, E = 0.52408056 at b 32, m 3 and 0.45732161 at m 4")
    func entropy() {
        // Printed to 8 digits.
        let printed = 5.1e-9
        let short = CalibrationLaw(CalibrationConfig(alphabet: 32, key: 3, value: 3, exponent: 0.5, tokens: 1))
        #expect(abs(short.irreducibleLoss - 0.52408056) < printed)
        let long = CalibrationLaw(CalibrationConfig(alphabet: 32, key: 4, value: 3, exponent: 0.5, tokens: 1))
        #expect(abs(long.entropy - 3.20125130) < printed)
        #expect(abs(long.irreducibleLoss - 0.45732161) < printed)
    }

    @Test("a fact at u is the first whose cumulated probability exceeds u")
    func inversion() {
        let law = CalibrationLaw(small)
        var below = 0.0
        for k in 1...law.facts {
            let p = law.probability(k)
            #expect(law.fact(at: below + p * 0.001) == k)
            #expect(law.fact(at: below + p * 0.999) == k)
            below += p
            #expect(abs(law.tail(after: k) - (1 - below)) < 1e-12)
        }
        #expect(abs(below - 1) < 1e-12)
    }

    @Test("facts drawn have the law's entropy, and either side its own draws")
    func empiricalEntropy() {
        let law = CalibrationLaw(CalibrationConfig(alphabet: 32, key: 2, value: 3, exponent: 0.5, tokens: 1))
        let draws = 20_000
        for side in CorpusSide.allCases {
            let stream = CalibrationFacts.draws(side)
            let surprises = (0..<draws).map {
                -PortableMath.log(law.probability(law.fact(at: stream.uniform(UInt64($0)))))
            }
            let mean = surprises.reduce(0, +) / Double(draws)
            let variance = surprises.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws)
            #expect(abs(mean - law.entropy) < 4 * (variance / Double(draws)).squareRoot())
        }
        #expect(CalibrationFacts.draws(.train).bits(0) != CalibrationFacts.draws(.heldOut).bits(0))
    }

    @Test("a key is always followed by the same value, on both sides")
    func values() throws {
        let folder = try TemporaryFolder()
        let corpus = try CorpusPreparation.prepare(CorpusConfig(calibration: small), cache: folder.cache)
        var valueOfKey: [[Int32]: [Int32]] = [:]
        for stream in [corpus.train, corpus.heldOut] {
            for fact in 0..<stream.count / small.factLength {
                let ids = stream[fact * 5..<fact * 5 + 5]
                let value = valueOfKey[Array(ids[..<3]), default: Array(ids[3...])]
                #expect(value == Array(ids[3...]))
                valueOfKey[Array(ids[..<3])] = value
            }
        }
        #expect(valueOfKey.count == 64)
        #expect(Set(valueOfKey.values).count > 8)
    }

    @Test("counts and bytes are the same on every machine")
    func pinned() throws {
        let folder = try TemporaryFolder()
        let corpus = try CorpusPreparation.prepare(CorpusConfig(calibration: small), cache: folder.cache)
        #expect(corpus.train.count == 1_003)
        #expect(corpus.heldOut.count == 65_540)
        #expect(
            corpus.vocabulary == 4 && corpus.tokenizer.endOfText == nil && corpus.sources[0].heldOutBytesPerToken == nil
        )
        // A second implementation, in another language with the platform's libm, gave these too.
        #expect(
            corpus.index.train.shards.map(\.sha256) == [
                "2449dad8903eb6729e365e4b46f9fcb5c7de89bc1696db6c8fe16d392774d62d"
            ])
        #expect(
            corpus.index.heldOut.shards.map(\.sha256) == [
                "fc8114977cc7d2e56585689a59139106166c08c0c211f68b1f96646d3fde6e36"
            ])
    }
}
