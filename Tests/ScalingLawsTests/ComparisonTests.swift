import Foundation
import Testing

@testable import ScalingLaws

/// A standard normal, near enough: the sum of twelve uniform numbers.
private func normal(_ generator: inout SplitMix64) -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
}

@Suite("Whether two runs differ")
struct ComparisonTests {
    @Test(
        "Student's t has the tabled probabilities and quantiles, at fractional degrees of freedom too",
        arguments: [
            (1.0, 12.7062, 0.05), (2, 4.3027, 0.05), (10, 2.2281, 0.05), (30, 2.0423, 0.05), (4.5, 2.6585, 0.05),
        ])
    func studentT(freedom: Double, t: Double, probability: Double) {
        #expect(abs(StudentT.twoSidedProbability(t, degreesOfFreedom: freedom) - probability) < 1e-4)
        #expect(abs(StudentT.halfWidth(level: 1 - probability, degreesOfFreedom: freedom) / t - 1) < 1e-3)
    }

    @Test("equal models are called different in about one case of twenty, and a shift within the error is found")
    func pairedTest() throws {
        var generator = SplitMix64(seed: 3)
        var called = 0
        let trials = 400
        for _ in 0..<trials {
            let hard = (0..<60).map { _ in 3 + 0.5 * normal(&generator) }
            let comparison = try PairedComparison(
                losses(hard.map { $0 + 0.02 * normal(&generator) }), losses(hard.map { $0 + 0.02 * normal(&generator) })
            )
            if comparison.isSignificant { called += 1 }
            // What both find hard cancels in the pairs.
            #expect(comparison.standardError < 0.1 * comparison.unpairedError)
        }
        // Binomial with 400 trials at 5 %: three standard deviations are 13.
        #expect(abs(called - 20) <= 13, "\(called) of \(trials)")
        let hard = (0..<60).map { _ in 3 + 0.5 * normal(&generator) }
        let shifted = try PairedComparison(
            losses(hard), losses(hard.map { $0 + 0.02 + 0.02 * normal(&generator) }))
        #expect(shifted.isSignificant && shifted.interval.contains(0.02))
    }

    @Test("sequences count by their tokens, so that the difference is that of the two mean losses")
    func tokenWeights() throws {
        let tokens = [100.0, 100, 40]
        let a = SequenceLosses(
            name: "a", heldOutDigest: nil, sequences: ["0", "1", "2"], tokens: tokens, losses: [2, 3, 4])
        let b = SequenceLosses(
            name: "b", heldOutDigest: nil, sequences: ["0", "1", "2"], tokens: tokens, losses: [2.1, 3, 3])
        let comparison = try PairedComparison(a, b)
        #expect(abs(comparison.difference - (b.loss - a.loss)) < 1e-15)
        #expect(abs(comparison.difference - (100 * 0.1 - 40) / 240) < 1e-15)
    }

    @Test("losses on different held-out tokens are refused in words")
    func differentSets() throws {
        let a = losses([2, 3, 4], digest: "aa")
        #expect(throws: TableError.self) { try PairedComparison(a, losses([2, 3, 4], digest: "bb")) }
        #expect(throws: TableError.self) { try PairedComparison(a, losses([2, 3], digest: "aa")) }
        #expect(throws: TableError.self) { try PairedComparison(losses([2]), losses([3])) }
    }

    @Test("Welch's interval from three seeds a side covers the true difference 95 times of 100")
    func welch() throws {
        var generator = SplitMix64(seed: 8)
        let trials = 600
        let covered = (0..<trials).count { _ in
            let a = (0..<3).map { _ in 3 + 0.01 * normal(&generator) }
            let b = (0..<3).map { _ in 3.02 + 0.03 * normal(&generator) }
            return SeedComparison(a, b)?.interval.contains(0.02) ?? false
        }
        // Welch's approximation with two degrees of freedom a side errs by a percent or two.
        #expect(Double(covered) / Double(trials) > 0.925 && Double(covered) / Double(trials) < 0.985, "\(covered)")
    }

    @Test("one seed a side is told by other replicates only, and by nothing without them")
    func singleSeeds() throws {
        #expect(SeedComparison([3.0], [3.1]) == nil)
        let told = try #require(SeedComparison([3.0], [3.1], replicates: [[2.9, 2.92, 2.94]]))
        #expect(told.source == .pooled && told.degreesOfFreedom == 2)
        #expect(abs(told.standardError - 0.02 * 2.0.squareRoot()) < 1e-12)
        #expect(!told.isSignificant)
        let known = try #require(SeedComparison([27.5, 21.0, 19.0, 23.6], [27.1, 22.0, 20.8, 23.4, 23.4]))
        let (va, vb) = (13.469166666666666 / 4, 5.598 / 5)
        #expect(abs(known.standardError - (va + vb).squareRoot()) < 1e-9)
        #expect(abs(known.degreesOfFreedom - pow(va + vb, 2) / (va * va / 3 + vb * vb / 4)) < 1e-9)
    }

    private func losses(_ values: [Double], digest: String? = nil) -> SequenceLosses {
        SequenceLosses(
            name: "run", heldOutDigest: digest, sequences: values.indices.map(String.init),
            tokens: values.map { _ in 128 }, losses: values)
    }
}
