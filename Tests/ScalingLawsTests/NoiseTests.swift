import Foundation
import Testing

@testable import ScalingLaws

@Suite("Noise: of seeds, of gradients, and what it leaves of a parameter")
struct NoiseTests {
    @Test("replicates give the pooled deviation of ln L, and runs that differ in more than the seed are no replicates")
    func seeds() throws {
        func run(_ n: Double, _ logLoss: Double, _ seed: String?) -> FitPoint {
            FitPoint(n: n, d: 1e9, loss: exp(logLoss), seed: seed)
        }
        let points = [
            run(1e6, 1.00, "1"), run(1e6, 1.02, "2"), run(1e7, 0.80, "1"), run(1e7, 0.81, "2"), run(1e7, 0.82, "3"),
            run(1e8, 0.5, "1"), run(1e8, 0.9, "1"), run(1e9, 0.4, "1"), run(2e9, 0.4, nil), run(2e9, 0.7, nil),
        ]
        let noise = try #require(SeedNoise(points))
        // (2 · 0.01² + 2 · 0.01²)/3
        #expect(abs(noise.standardDeviation - (4e-4 / 3).squareRoot()) < 1e-12)
        #expect(noise.degreesOfFreedom == 3 && noise.replicates.map(\.count) == [2, 3])
        #expect(SeedNoise(Array(points.suffix(3))) == nil)
        let interval = noise.interval
        #expect(abs(interval.lowerBound / noise.standardDeviation - 0.56650) < 1e-4)
        #expect(abs(interval.upperBound / noise.standardDeviation - 3.72855) < 1e-4)
    }

    @Test("the points of chi-square are those of the tables")
    func chiSquared() {
        for (p, freedom, expected) in [
            (0.95, 1, 3.84146), (0.025, 10, 3.24697), (0.975, 10, 20.48318), (0.95, 100, 124.342),
        ] {
            #expect(abs(ChiSquared.quantile(p, degreesOfFreedom: freedom) - expected) < 1e-3)
        }
    }

    @Test("the noise scale is the ratio of averages, in tokens, and survives negative estimates")
    func noiseScale() throws {
        var generator = NormalNoise(seed: 4)
        // A gradient of length 2 in 500 dimensions with noise of trace 8,000 per token: B_simple = 2,000 tokens.
        let steps: [(gradientSquare: Double, gradientNoise: Double)?] = (0..<600).map { _ in
            func normSquare(_ batch: Double) -> Double {
                (0..<500).reduce(0) { sum, k in
                    let value = (k == 0 ? 2 : 0) + (16 / batch).squareRoot() * generator.next()
                    return sum + value * value
                }
            }
            let small = (normSquare(256) + normSquare(256) + normSquare(256) + normSquare(256)) / 4
            return NoiseScale.estimates(
                smallNormSquare: small, smallBatch: 256, bigNormSquare: normSquare(1024), bigBatch: 1024)
        }
        let smooth = NoiseScale.smoothed(steps)
        #expect(abs(try #require(smooth[599]) / 2000 - 1) < 0.1)
        let mixed = NoiseScale.smoothed([nil, (-1, 3), (3, 1), nil, (.nan, 1)], decay: 0.5)
        #expect(mixed[0] == nil && mixed[1] == nil && mixed[3] == mixed[2] && mixed[4] == mixed[2])
        // Weights 1/3 and 2/3: (1 + 2/3)/(−1/3 + 2) = 1.
        #expect(abs(try #require(mixed[2]) - 1) < 1e-12)
    }

    @Test(
        "profiles hold the truth, end where the objective has risen to the threshold, and follow the bootstrap's scale")
    func profiles() throws {
        let law = ChinchillaLaw(irreducible: 1.69, capacity: 406.4, data: 410.7, alpha: 0.34, beta: 0.28)
        let runs = syntheticRuns(
            law, sizes: [1e7, 3e7, 1e8, 4e8, 1.5e9], tokens: [2e8, 8e8, 3e9, 1e10, 5e10], noise: 0.003, seed: 11)
        let fit = try ChinchillaFit(runs, options: FitOptions(resamples: 0))
        let truth: [ProfileLikelihood.Parameter: Double] = [
            .irreducible: 1.69, .alpha: 0.34, .beta: 0.28, .a: law.optimum.a,
        ]
        for parameter in ProfileLikelihood.Parameter.allCases {
            let profile = try #require(ProfileLikelihood(fit, parameter))
            let interval = try #require(profile.interval, "\(parameter)")
            #expect(interval.contains(try #require(truth[parameter])), "\(parameter) \(interval)")
            #expect(interval.contains(profile.estimate))
            let values = profile.curve.map(\.value)
            #expect(values == values.sorted() && values.count == 25)
            let inside = profile.curve.filter { interval.contains($0.value) }
            #expect(inside.allSatisfy { $0.objective <= profile.threshold * (1 + 1e-6) })
            #expect(try #require(profile.curve.first).objective > profile.threshold)
            #expect(try #require(profile.curve.last).objective > profile.threshold)
        }
        let alpha = try #require(ProfileLikelihood(fit, .alpha))
        #expect(abs(alpha.residualDeviation / 0.003 - 1) < 0.5)
        // By any other likelihood the same runs tell nearly the same.
        for loss in [FitLoss.lad, .logMSE, .mse] {
            let other = try ChinchillaFit(runs, options: FitOptions(loss: loss, resamples: 0))
            let interval = try #require(ProfileLikelihood(other, .alpha)?.interval, "\(loss)")
            let width = try #require(alpha.interval)
            // One table's interval may miss the truth; that two losses agree on one table is the claim.
            #expect(interval.overlaps(width) && interval.contains(alpha.estimate), "\(loss) \(interval)")
            let ratio = (interval.upperBound - interval.lowerBound) / (width.upperBound - width.lowerBound)
            #expect(ratio > 0.5 && ratio < 2, "\(loss)")
        }
        let envelope = try ChinchillaFit(runs, options: FitOptions(loss: .asymmetricMAE(ratio: 10), resamples: 0))
        #expect(ProfileLikelihood(envelope, .alpha).map(\.estimate) == nil)
    }

    @Test("only the ratios of weights count for a profile")
    func weights() throws {
        let law = ChinchillaLaw(irreducible: 1.69, capacity: 406.4, data: 410.7, alpha: 0.34, beta: 0.28)
        var runs = syntheticRuns(
            law, sizes: [1e7, 3e7, 1e8, 4e8, 1.5e9], tokens: [2e8, 8e8, 3e9, 1e10, 5e10], noise: 0.003, seed: 11)
        func interval() throws -> ClosedRange<Double> {
            let fit = try ChinchillaFit(runs, options: FitOptions(resamples: 0))
            return try #require(ProfileLikelihood(fit, .alpha)?.interval)
        }
        let plain = try interval()
        for i in runs.indices { runs[i].weight = 9 }
        let heavy = try interval()
        #expect(abs(heavy.lowerBound / plain.lowerBound - 1) < 1e-4)
        #expect(abs(heavy.upperBound / plain.upperBound - 1) < 1e-4)
    }

    @Test("a parameter that the runs cannot tell has an open interval")
    func open() throws {
        // Runs far from any floor: E may be anything down to nothing.
        let law = ChinchillaLaw(irreducible: 0.02, capacity: 406.4, data: 410.7, alpha: 0.34, beta: 0.28)
        let runs = syntheticRuns(law, sizes: [1e5, 3e5, 1e6], tokens: [1e6, 5e6, 2e7], noise: 0.02, seed: 3)
        let fit = try ChinchillaFit(runs, options: FitOptions(resamples: 0))
        let profile = try #require(ProfileLikelihood(fit, .irreducible))
        #expect(profile.lower == nil && profile.interval == nil)
    }
}
