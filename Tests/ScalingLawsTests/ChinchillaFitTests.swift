import Foundation
import Testing

@testable import ScalingLaws

/// A grid of sizes and lengths with the losses of a known law, and seeded noise on ln L.
func syntheticRuns(
    _ law: ChinchillaLaw, sizes: [Double], tokens: [Double], noise: Double = 0, seed: UInt64 = 1
) -> [FitPoint] {
    var generator = SplitMix64(seed: seed)
    return sizes.flatMap { n in
        tokens.map { d in
            // The sum of twelve uniform numbers is near enough to a normal one.
            let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
            return FitPoint(n: n, d: d, loss: law.loss(n: n, d: d) * exp(noise * normal))
        }
    }
}

private let truth = ChinchillaLaw(irreducible: 1.69, capacity: 406.4, data: 410.7, alpha: 0.34, beta: 0.28)
private let sizes = [1e7, 3e7, 1e8, 4e8, 1.5e9]
private let lengths = [2e8, 1e9, 5e9, 3e10]

@Suite("The parametric fit of Hoffmann et al.")
struct ChinchillaFitTests {
    @Test("noise-free losses give back all five parameters within 1e-6")
    func recovery() throws {
        let fit = try ChinchillaFit(
            syntheticRuns(truth, sizes: sizes, tokens: lengths), options: FitOptions(resamples: 0))
        for (found, expected) in zip(ChinchillaFit.values(of: fit.law), ChinchillaFit.values(of: truth)) {
            #expect(abs(found / expected - 1) < 1e-6)
        }
        #expect(fit.warnings.isEmpty, "\(fit.warnings)")
    }

    @Test("losses with 0.2 % noise and a few wild runs still give the law")
    func robustRecovery() throws {
        let seed: UInt64 = 7
        var points = syntheticRuns(truth, sizes: sizes, tokens: lengths + [8e8, 1e10], noise: 0.002, seed: seed)
        points[4].loss *= 1.3
        points[17].loss *= 1.2
        let fit = try ChinchillaFit(points, options: FitOptions(resamples: 60, seed: seed))
        #expect(abs(fit.law.irreducible - truth.irreducible) < 0.05, "seed \(seed)")
        #expect(abs(fit.law.alpha - truth.alpha) < 0.03, "seed \(seed)")
        #expect(abs(fit.law.beta - truth.beta) < 0.03, "seed \(seed)")
        // Whether intervals hold the truth is no question of one table: BootstrapTests asks it of many.
        for (name, value) in fit.parameters.prefix(5) {
            #expect(try #require(fit.interval(name)).contains(value), "\(name), seed \(seed)")
        }
    }

    @Test("the analytic gradient and Hessian are those of central differences", arguments: [1e-3, 1e-1])
    func derivatives(delta: Double) {
        let points = syntheticRuns(truth, sizes: sizes, tokens: lengths, noise: 0.05, seed: 3)
        let objective = ChinchillaObjective(points, delta: delta)
        let at = objective.centred(lnA: 5.5, lnB: 6.5, lnE: 0.6, alpha: 0.31, beta: 0.30)
        let here = objective.derivatives(at: at, .exact)
        for j in 0..<ChinchillaObjective.parameterCount {
            let h = 1e-6
            var (up, down) = (at, at)
            up[j] += h
            down[j] -= h
            let slope = (objective.value(at: up) - objective.value(at: down)) / (2 * h)
            // Differences of a sum of about 1e-2 over 2e-6 round at 1e-12.
            #expect(abs(slope - here.gradient[j]) < 1e-8 * max(1, here.gradientScale[j]))
            let (above, below) = (objective.derivatives(at: up, .exact), objective.derivatives(at: down, .exact))
            for k in 0..<ChinchillaObjective.parameterCount {
                let bend = (above.gradient[k] - below.gradient[k]) / (2 * h)
                #expect(abs(bend - here.curvature.rows[j][k]) < 1e-6 * max(1, abs(bend)), "entry \(j), \(k)")
            }
        }
    }

    @Test("the same runs and seed give the same bits, another seed other intervals")
    func determinism() throws {
        let points = syntheticRuns(truth, sizes: [1e7, 1e8, 1e9], tokens: [1e9, 8e9, 5e10], noise: 0.01)
        let options = FitOptions(resamples: 20, seed: 5)
        let fit = try ChinchillaFit(points, options: options)
        let again = try ChinchillaFit(points, options: options)
        #expect(again.fit.values == fit.fit.values && again.fit.resampled == fit.fit.resampled)
        #expect(again.objective == fit.objective && again.certificate == fit.certificate)
        let other = try ChinchillaFit(points, options: FitOptions(resamples: 20, seed: 6))
        #expect(other.law == fit.law)
        #expect(other.interval("E") != fit.interval("E"))
    }

    @Test("a ladder of one length per size, one size or too few runs is refused or warned of in words")
    func poorDesigns() throws {
        let oneSize = syntheticRuns(truth, sizes: [1e8], tokens: [1e9, 2e9, 4e9, 8e9, 1e10, 2e10])
        #expect(throws: TableError.self) { try ChinchillaFit(oneSize) }
        let oneLength = syntheticRuns(truth, sizes: [1e7, 2e7, 4e7, 8e7, 1e8, 2e8], tokens: [1e9])
        #expect(throws: TableError.self) { try ChinchillaFit(oneLength) }
        #expect(throws: TableError.self) { try ChinchillaFit(Array(oneSize.prefix(5))) }
        let diagonal = [1e7, 2e7, 5e7, 1e8, 3e8, 1e9, 4e9].map { n in
            FitPoint(n: n, d: 20 * n, loss: truth.loss(n: n, d: 20 * n))
        }
        let fit = try ChinchillaFit(diagonal, options: FitOptions(resamples: 0))
        #expect(!fit.isTrustworthy)
        #expect(fit.warnings.contains { $0.text.contains("N and D move together") })
        let narrow = syntheticRuns(truth, sizes: [1e8, 1.1e8, 1.2e8], tokens: lengths, noise: 0.01)
        let narrowFit = try ChinchillaFit(narrow, options: FitOptions(resamples: 0))
        #expect(narrowFit.warnings.contains { $0.text.contains("N spans only a factor of 1.2") })
    }

    @Test("losses without any law are refused or not trusted")
    func lawless() throws {
        var untrusted = 0
        for seed in UInt64(1)...4 {
            let flat = ChinchillaLaw(irreducible: 3, capacity: 0, data: 0, alpha: 0.3, beta: 0.3)
            let points = syntheticRuns(
                flat, sizes: [1e6, 1e7, 1e8], tokens: [1e8, 1e9, 1e10], noise: 0.05, seed: seed)
            do {
                let fit = try ChinchillaFit(points, options: FitOptions(resamples: 10))
                untrusted += fit.isTrustworthy ? 0 : 1
            } catch is TableError {
                untrusted += 1
            }
        }
        #expect(untrusted == 4)
    }

    @Test("the closed forms of the optimum agree with a search along the budget")
    func optimum() throws {
        let compute = 1e21
        let best = truth.optimum
        let n = best.parameters(compute: compute)
        #expect(abs(6 * n * best.tokens(compute: compute) / compute - 1) < 1e-12)
        for factor in [0.9, 1.1] {
            let other = truth.loss(n: n * factor, d: compute / (6 * n * factor))
            #expect(other > truth.optimalLoss(compute: compute))
        }
        let back = try #require(truth.compute(forLoss: truth.optimalLoss(compute: compute)))
        #expect(abs(back / compute - 1) < 1e-9)
        #expect(truth.compute(forLoss: 1.69) == nil)
        let tokens = try #require(truth.tokens(forLoss: 2.5, n: 1e9))
        #expect(abs(truth.loss(n: 1e9, d: tokens) - 2.5) < 1e-12)
        #expect(truth.tokens(forLoss: 1.7, n: 1e6) == nil)
    }

    @Test("the text names every parameter, and what was left out")
    func text() throws {
        let fit = try ChinchillaFit(
            syntheticRuns(truth, sizes: [1e7, 1e8, 1e9], tokens: [1e9, 8e9, 5e10], noise: 0.01),
            options: FitOptions(resamples: 20))
        let text = fit.text(dropped: ["a row"])
        for name in ChinchillaFit.parameterNames { #expect(text.contains("\n\(name) "), "\(name)") }
        #expect(text.contains("note: a row"))
    }
}
