import Foundation
import Testing

@testable import ScalingLaws

private let truth = ChinchillaLaw(
    irreducible: 1.8172, capacity: 482.01, data: 2085.43, alpha: 0.3478, beta: 0.3658)

@Suite("Resamples and intervals")
struct BootstrapTests {
    @Test("clusters are drawn whole, and single points where no cluster has two")
    func clusters() throws {
        var points = syntheticRuns(truth, sizes: [1e7, 1e8, 1e9], tokens: [1e9, 1e10, 1e11], noise: 0.005)
        var generator = SplitMix64(seed: 4)
        #expect(!Resampling(points, clusters: true).hasClusters)
        for i in points.indices { points[i].cluster = "size \(points[i].n)" }
        let whole = Resampling(points, clusters: true)
        #expect(whole.hasClusters && whole.count == 3)
        for _ in 0..<20 {
            let drawn = whole.draw(using: &generator)
            for size in Set(points.map(\.n)) {
                let counts = points.indices.filter { points[$0].n == size }.map { i in drawn.count { $0 == i } }
                #expect(Set(counts).count == 1)
            }
        }
        #expect(!Resampling(points, clusters: false).hasClusters)
        for i in points.indices { points[i].cluster = "one" }
        #expect(Resampling(points, clusters: true).count == 9)
    }

    @Test("the indices that were drawn repeat the resamples, and a foreign index is refused")
    func indices() throws {
        let points = syntheticRuns(truth, sizes: [1e7, 1e8, 1e9, 8e9], tokens: [1e9, 8e9, 5e10], noise: 0.005)
        let fit = try LawFit(.chinchilla, points, options: FitOptions(resamples: 12, seed: 5))
        let drawn = try #require(fit.bootstrap).indices
        #expect(drawn.count == 12 && drawn.allSatisfy { $0.count == points.count })
        let again = try LawFit(.chinchilla, points, options: FitOptions(resamples: 0, indices: drawn))
        #expect(again.resampled == fit.resampled)
        #expect(again.interval("alpha") == fit.interval("alpha"))
        // A resample is a fit of its own: the draw that takes every point once is the fit of all.
        let all = try LawFit(.chinchilla, points, options: FitOptions(indices: [Array(points.indices)]))
        for (one, two) in zip(all.resampled[0], all.values) { #expect(abs(one / two - 1) < 1e-5) }
        #expect(throws: TableError.self) { try LawFit(.chinchilla, points, options: FitOptions(indices: [[0, 12]])) }
    }

    @Test("a linear search alone lands near the law, also when a term is nothing")
    func linearStarts() throws {
        let points = syntheticRuns(truth, sizes: [1e7, 1e8, 1e9, 8e9], tokens: [1e9, 8e9, 5e10, 3e11])
        let model = ChinchillaModel(points)
        let first = try #require(model.linearStarts(weights: points.map(\.weight)).first)
        #expect(abs(first[3] - truth.alpha) < 0.1 && abs(first[4] - truth.beta) < 0.1)
        let positive = NonNegativeLeastSquares([1, 2, 3], [3, 2, 1], [1, 1, 1], weights: [1, 1, 1])
        #expect(
            positive.coefficients.min() >= 0
                && positive.deviation([1, 2, 3], [3, 2, 1], [1, 1, 1], weights: [1, 1, 1]) < 1e-6)
        // The free solution of these has a negative third share.
        let edge = NonNegativeLeastSquares([1, 0], [0, 1], [0.1, -0.5], weights: [1, 1])
        #expect(edge.coefficients.min() >= 0)
    }

    @Test("the 95 % intervals of E and the exponents hold the truth in most of 25 tables of 35 runs")
    func coverage() throws {
        var generator = SplitMix64(seed: 11)
        var held = 0
        let tables = 25
        for table in 0..<tables {
            let points = isoFLOPRuns(noise: 0.005, using: &generator)
            let fit = try LawFit(.chinchilla, points, options: FitOptions(resamples: 60, seed: UInt64(table)))
            for (name, value) in [("E", truth.irreducible), ("alpha", truth.alpha), ("beta", truth.beta)] {
                held += try #require(fit.interval(name)).contains(value) ? 1 : 0
            }
        }
        // 75 answers, three to a table and not independent: 95 % is 71, and a fair method seldom falls below 65.
        #expect(held >= 65, "\(held) of \(3 * tables)")
    }

    /// Five budgets from 1e18 to 1e20 FLOPs, each with seven sizes up to 4 times above and below its best.
    private func isoFLOPRuns(noise: Double, using generator: inout SplitMix64) -> [FitPoint] {
        (0..<5).flatMap { budget in
            (0..<7).map { size in
                let compute = 1e18 * pow(100, Double(budget) / 4)
                let n = truth.optimum.parameters(compute: compute) * pow(4, Double(size) / 3 - 1)
                let d = compute / (6 * n)
                // The sum of twelve uniform numbers is near enough to a normal one.
                let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
                return FitPoint(n: n, d: d, loss: truth.loss(n: n, d: d) * exp(noise * normal))
            }
        }
    }
}
