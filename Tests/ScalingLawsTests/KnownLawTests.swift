import Foundation
import Testing

@testable import ScalingLaws

@Suite("Laws that are known")
struct KnownLawTests {
    @Test("the calibration source has the entropy and the slopes that its definition gives")
    func calibration() throws {
        let theory = CalibrationTheory(alphabet: 32, key: 4, value: 3, exponent: 0.5)
        #expect(theory.facts == 1_048_576)
        #expect(abs(theory.entropyPerFact - 3.20125130) < 5e-9)
        #expect(abs(theory.irreducible - 0.45732161) < 5e-9)
        for (n, slope) in [(100, 0.505), (1_000, 0.521), (10_000, 0.575)] {
            let found = try #require(theory.slope(from: n, to: 3 * n))
            #expect(abs(found - slope) < 5e-4, "at \(n): \(found)")
        }
        #expect(abs(theory.finiteOffset / theory.irreducible - 0.0024) < 1e-4)
        let small = CalibrationTheory(alphabet: 32, key: 3, value: 3, exponent: 0.5)
        #expect(abs(small.irreducible - 0.52408056) < 5e-9)
        #expect(abs(small.finiteOffset / small.irreducible - 0.014) < 1e-4)
        #expect(small.alpha == 0.5 && abs(small.beta - 1.0 / 3) < 1e-15)
    }

    @Test("the tail runs from one to nothing, summed from either end")
    func tail() {
        let theory = CalibrationTheory(alphabet: 3, key: 2, value: 1, exponent: 1)
        let weights = (1...9).map { 1 / Double($0 * $0) }
        let total = weights.reduce(0, +)
        for n in 0...9 {
            #expect(abs(theory.tail(beyond: n) - weights.dropFirst(n).reduce(0, +) / total) < 1e-15)
        }
        #expect(theory.slope(from: 2, to: 9) == nil)
    }

    @Test("the published parametric laws give the numbers derived from them")
    func published() throws {
        let hoffmann = try #require(PublishedLaw.hoffmannParametric.law)
        #expect(abs(hoffmann.capacity - 406.4) < 0.05 && abs(hoffmann.data - 410.7) < 0.06)
        #expect(abs(hoffmann.irreducible - 1.69) < 0.005)
        #expect(abs(hoffmann.optimum.a - 0.4565) < 1e-4)
        // Hoffmann et al. §3.4: the approach gives a model of 40 billion parameters for Gopher's budget.
        #expect(abs(hoffmann.optimum.parameters(compute: 5.76e23) / 40e9 - 1) < 0.01)
        let epoch = try #require(PublishedLaw.epoch.law)
        #expect(abs(epoch.optimum.a - 0.513) < 5e-4)
        #expect(PublishedLaw.kaplan.tokensExponent == 0.27)
    }

    @Test("the joint law of Kaplan et al. has the single ones as its limits")
    func limits() {
        let joint = KaplanConstants.joint
        #expect(abs(joint.loss(n: 1e9, d: 1e40) / pow(6.4e13 / 1e9, 0.076) - 1) < 1e-9)
        #expect(abs(joint.loss(n: 1e40, d: 1e9) / pow(1.8e13 / 1e9, 0.103) - 1) < 1e-9)
    }
}
