import Foundation
import Testing

@testable import ScalingLaws

private let petaflopDay = KaplanConstants.petaflopDay

@Suite("Theory: closed forms of the papers")
struct TheoryTests {
    @Test("appendix B of Kaplan et al. gives its numbers, and its closed forms agree with a search")
    func appendixB() throws {
        let theory = KaplanTheory.published
        #expect(abs(theory.scaleC / petaflopDay / 1.61e8 - 1) < 1e-3)
        #expect(abs(theory.alphaC - 0.052453) < 5e-7)
        #expect(abs(1 + theory.efficientExcess - 1.1013) < 5e-5)
        #expect(abs(theory.parameters(compute: petaflopDay) / 5.844e8 - 1) < 1e-4)
        #expect(abs(theory.loss(compute: petaflopDay) - 2.694443) < 5e-7)
        #expect(abs(theory.steps(compute: petaflopDay) / 1.316e4 - 1) < 1e-4)
        #expect(abs(try #require(theory.excessCompute(sizeFactor: 0.6)) - 1.1647) < 5e-5)
        #expect(abs(try #require(theory.excessCompute(sizeFactor: 2.2)) - 1.2037) < 5e-5)
        #expect(abs(try #require(theory.stepRatio(sizeFactor: 2.2)) - 0.547) < 5e-4)
        #expect(theory.excessCompute(sizeFactor: 0.1) == nil)
        let early = theory.comparison(of: 0.1, with: 0.02)
        #expect(abs(early.parameters - 2.666) < 5e-4)
        #expect(abs(early.steps - 0.1329) < 5e-5 && abs(early.compute - 0.354) < 5e-4)
        // The least compute for a loss over all sizes, by a search: B15 is lowest where B7 and B8 say.
        let loss = theory.loss(compute: petaflopDay)
        let best = GoldenSection.minimum(in: log(1e8)...log(1e10)) {
            theory.compute(n: exp($0), loss: loss) ?? .infinity
        }
        #expect(abs(exp(best) / theory.parameters(compute: petaflopDay) - 1) < 1e-5)
        #expect(abs(try #require(theory.compute(n: exp(best), loss: loss)) / petaflopDay - 1) < 1e-9)
    }

    @Test("adjusting for the batch halves steps and compute at the critical batch")
    func batches() {
        let theory = KaplanTheory.published
        #expect(theory.criticalBatch(loss: 1) == 2.1e8)
        // Kaplan et al., §1.2: the critical batch doubles for every 13 % that the loss falls.
        #expect(abs(theory.criticalBatch(loss: 0.87 * 3) / theory.criticalBatch(loss: 3) - 2) < 0.06)
        let batch = theory.criticalBatch(loss: 3)
        #expect(theory.minimumSteps(steps: 1000, batchTokens: batch, loss: 3) == 500)
        #expect(theory.minimumCompute(compute: 1e18, batchTokens: batch, loss: 3) == 5e17)
        #expect(abs(theory.loss(n: 1e9, minimumSteps: 1e40) - theory.convergedLoss(n: 1e9)) < 1e-12)
    }

    @Test("overfitting and early stopping follow the joint law")
    func overfitting() {
        let joint = KaplanConstants.joint
        for n in [1e6, 1e8, 1e9] {
            let d = joint.tokens(forOverfitting: 0.02, n: n)
            // The paper rounds this to 5e3 N^0.74.
            #expect(abs(d / (5e3 * pow(n, 0.74)) - 1) < 0.08)
            #expect(abs(joint.overfitting(n: n, d: d) - 0.02) < 1e-12)
            let excess = joint.loss(n: n, d: d) / joint.loss(n: n, d: 1e60) - 1
            #expect(abs(excess - 0.02) < 1e-9)
        }
        let steps = joint.stoppingSteps(n: 1e8, d: 1e9)
        let gap = joint.loss(n: 1e8, d: 1e9) - joint.loss(n: 1e8, d: 1e60)
        #expect(abs(steps / (2.1e3 / pow(gap, 1 / 0.76)) - 1) < 1e-9)
        #expect(abs(KaplanAllocation.parameters(compute: petaflopDay) / 1.3e9 - 1) < 1e-12)
        #expect(abs(KaplanAllocation.tokens(compute: 1e4 * petaflopDay) / (2e10 * pow(1e4, 0.27)) - 1) < 1e-12)
    }

    @Test("a batch scan gives back its hyperbola and the law of the critical batch")
    func criticalBatch() throws {
        let batches = [1e4, 4e4, 1.6e5, 6.4e5]
        let tradeoff = try BatchTradeoff(loss: 3, runs: batches.map { ($0, 2000 + 1e9 / $0) })
        #expect(abs(tradeoff.minimumSteps / 2000 - 1) < 1e-9 && abs(tradeoff.criticalBatch / 5e5 - 1) < 1e-9)
        #expect(throws: TableError.self) { try BatchTradeoff(loss: 3, runs: [(1e4, 100), (1e5, 200)]) }
        // Runs whose loss falls as 6 S_min^−0.1 with B_crit = 2e8/L^5.
        let runs = batches.map { batch in
            CriticalBatchFit.Run(
                batchTokens: batch,
                curve: (0...2000).map { i in
                    let minimum = 10 * pow(1e4, Double(i) / 2000)
                    let loss = 6 * pow(minimum, -0.1)
                    return (minimum * (1 + 2e8 / pow(loss, 5) / batch), loss)
                })
        }
        let fit = try CriticalBatchFit(runs, targets: [4, 3.6, 3.2, 2.9, 100])
        #expect(fit.tradeoffs.count == 4)
        #expect(abs(fit.alphaB - 0.2) < 1e-3 && abs(fit.scale / 2e8 - 1) < 1e-2)
        #expect(throws: TableError.self) { try CriticalBatchFit(runs, targets: [100]) }
    }

    @Test("queries of a law agree with the law: excess, deployment, tokens per parameter, intervals")
    func queries() throws {
        let law = try #require(PublishedLaw.epoch.law)
        let ratio = law.tokensPerParameter(compute: 5.76e23)
        #expect(ratio > 15 && ratio < 25)
        let n = law.optimum.parameters(compute: 1e21)
        #expect(abs(law.compute(forOptimalParameters: n) / 1e21 - 1) < 1e-9)
        #expect(abs(try #require(law.excessCompute(sizeFactor: 1, compute: 1e21)) - 1) < 1e-9)
        for k in [0.25, 0.5, 2, 4] {
            let excess = try #require(law.excessCompute(sizeFactor: k, compute: 1e21))
            #expect(excess > 1)
            let d = excess * 1e21 / (6 * k * n)
            #expect(abs(law.loss(n: k * n, d: d) - law.optimalLoss(compute: 1e21)) < 1e-12)
            #expect(law.excessLoss(sizeFactor: k, compute: 1e21) > 0)
        }
        #expect(law.excessCompute(sizeFactor: 0.001, compute: 1e21) == nil)
        let small = try #require(law.deployment(n: n / 2, loss: law.optimalLoss(compute: 1e21)))
        #expect(abs(small.excessCompute - (law.excessCompute(sizeFactor: 0.5, compute: 1e21) ?? 0)) < 1e-9)
        let uses = try #require(small.breakEvenTokens)
        let cost = { (n: Double, training: Double) in training + 2 * n * uses }
        #expect(abs(cost(n / 2, small.compute) / cost(n, 1e21) - 1) < 1e-9)
        let resamples = LawResamples(
            (0..<101).map { i in
                var law = law
                law.irreducible = 1.7 + 0.001 * Double(i)
                return law
            })
        let interval = try #require(resamples.interval { $0.loss(n: 1e9, d: 1e10) })
        #expect(abs(interval.upperBound - interval.lowerBound - 0.095) < 1e-9)
        #expect(resamples.interval { $0.compute(forLoss: 1.75) } == nil)
        #expect(abs(resamples.answered { $0.compute(forLoss: 1.75) } - 0.5) < 0.01)
    }

    @Test("without embeddings Chinchilla looks like Kaplan: the exponents of Pearce and Song")
    func embeddings() throws {
        let convention = EmbeddingConvention.chinchilla
        for n in [1e3, 1e6, 1e9, 1e12] {
            #expect(abs(convention.nonEmbedding(total: convention.total(nonEmbedding: n)) / n - 1) < 1e-9)
        }
        #expect(abs(EmbeddingConvention(vocabulary: 32_000, aspect: 39.2).gamma / 47_491 - 1) < 1e-3)
        let spaced = EmbeddingConvention.logSpaced
        let sizes = spaced(pow(10, 2.9), pow(10, 9.2), 20)
        let budgets = spaced(pow(10, 12.95), pow(10, 20.7), 100)
        let tokens = spaced(1e6, 1e25, 1000)
        let hoffmann = ChinchillaLaw(irreducible: 1.6934, capacity: 406.4, data: 410.7, alpha: 0.3392, beta: 0.2849)
        let epoch = try #require(PublishedLaw.epoch.law)
        for (law, expected) in [(epoch, 0.7805), (hoffmann, 0.7388)] {
            let found = convention.griddedExponent(law, sizes: sizes, tokens: tokens, budgets: budgets)
            #expect(abs(found - expected) < 5e-5)
            // The derivative is that of the exact minimum, and ends at the law's own exponent for large models.
            let (low, high) = (0.999e6, 1.001e6)
            let slope =
                log(high / low)
                / log(
                    convention.compute(law, forOptimalNonEmbedding: high)
                        / convention.compute(law, forOptimalNonEmbedding: low))
            #expect(abs(convention.localExponent(law, nonEmbedding: 1e6) - slope) < 1e-6)
            #expect(abs(convention.localExponent(law, nonEmbedding: 1e17) - law.optimum.a) < 1e-3)
            // That exact minimum is lower than its neighbours at the same compute.
            let c = convention.compute(law, forOptimalNonEmbedding: 1e6)
            func loss(_ n: Double) -> Double { law.loss(n: convention.total(nonEmbedding: n), d: c / (6 * n)) }
            #expect(loss(1e6) < loss(0.99e6) && loss(1e6) < loss(1.01e6))
        }
    }

    @Test("the FLOPs of table A4 of Hoffmann et al. come out at its rounding, without embeddings")
    func tableA4() {
        for (shape, printed) in ChinchillaShape.tableA4 {
            #expect(abs(shape.ratioTo6ND() - printed) < 0.005)
        }
        let ratio = ChinchillaShape.tableA4[0].shape.ratioTo6ND(countingEmbeddings: true)
        #expect(abs(ratio - 1.58) < 0.005)
    }

    @Test("published laws answer a budget as their papers do")
    func published() throws {
        // Hoffmann et al., appendix D.4: at 1e21 FLOPs 2.80 billion by approach 1, 4.74 billion by Kaplan et al.'s law
        // fitted to total parameters; their own table 3 for Gopher's budget.
        #expect(abs(PublishedLaw.hoffmannEnvelope.optimum(budget: 1e21).n / 2.8e9 - 1) < 0.01)
        #expect(abs(PublishedLaw.hoffmannEnvelope.optimum(budget: 5.76e23).n / 67e9 - 1) < 1e-9)
        #expect(abs(PublishedLaw.hoffmannIsoFLOP.optimum(budget: 6.88e23).n / 67e9 - 1) < 0.04)
        let parametric = PublishedLaw.hoffmannParametric.optimum(budget: 5.76e23)
        #expect(abs(parametric.n / 40e9 - 1) < 0.01 && abs(6 * parametric.n * parametric.d / 5.76e23 - 1) < 1e-12)
        #expect(abs(try #require(parametric.loss) - 1.918) < 1e-3)
        let kaplan = PublishedLaw.kaplan.optimum(budget: petaflopDay)
        #expect(kaplan.n == 1.3e9 && PublishedLaw.kaplan.isNonEmbedding)
        #expect(abs(try #require(kaplan.loss) - pow(3.1e8, 0.05)) < 1e-12)
        #expect(PublishedLaw.named.map(\.name).contains("epoch"))
    }
}
