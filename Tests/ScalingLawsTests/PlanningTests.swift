import Foundation
import Testing

@testable import ScalingLaws

@Suite("Planning by a law")
struct PlanningTests {
    private let law = ChinchillaLaw(irreducible: 1.8, capacity: 480, data: 2100, alpha: 0.35, beta: 0.37)

    @Test("the plan of a budget is the lowest loss of all ways to spend it, and its loss asks for that budget")
    func optimum() throws {
        let plan = BudgetPlan(law, compute: 1e21)
        #expect(abs(6 * plan.n.value * plan.d.value / 1e21 - 1) < 1e-12)
        let losses = stride(from: -2.0, through: 2, by: 0.01).map { exponent in
            let n = plan.n.value * exp2(exponent)
            return law.loss(n: n, d: 1e21 / (6 * n))
        }
        #expect(losses.allSatisfy { $0 >= plan.loss.value })
        let back = try #require(BudgetPlan(law, loss: plan.loss.value))
        #expect(abs(back.compute.value / 1e21 - 1) < 1e-9)
        #expect(BudgetPlan(law, loss: 1.8) == nil)
        #expect(plan.n.interval == nil)
    }

    @Test("off the best N the same budget buys a higher loss, and the same loss costs more")
    func alternatives() throws {
        let plan = BudgetPlan(law, compute: 1e21)
        for row in plan.alternatives() {
            let excess = try #require(row.excessCompute)
            let tokens = try #require(row.tokensForSameLoss)
            if row.ratio == 1 {
                #expect(abs(excess - 1) < 1e-5 && abs(row.loss - plan.loss.value) < 1e-9)
            } else {
                #expect(excess > 1.001 && row.loss > plan.loss.value)
                #expect(abs(law.loss(n: row.n, d: tokens) / plan.loss.value - 1) < 1e-9)
                #expect(abs(6 * row.n * tokens / 1e21 / excess - 1) < 1e-9)
            }
        }
        // A model so small that its own term is above the whole excess loss never gets there.
        #expect(plan.alternative(n: 1e7).excessCompute == nil)
    }

    @Test("intervals are those of the resampled laws")
    func intervals() throws {
        let laws = (0..<200).map { i in
            ChinchillaLaw(
                irreducible: 1.8, capacity: 480, data: 2100, alpha: 0.34 + 1e-4 * Double(i), beta: 0.37)
        }
        let plan = BudgetPlan(law, resampled: laws, compute: 1e21)
        let sizes = laws.map { $0.optimum.parameters(compute: 1e21) }.sorted()
        let interval = try #require(plan.n.interval)
        #expect(sizes[3] < interval.lowerBound && interval.lowerBound < sizes[7])
        #expect(sizes[192] < interval.upperBound && interval.upperBound < sizes[196])
        #expect(plan.compute.interval.map { $0.lowerBound == 1e21 && $0.upperBound == 1e21 } == true)
    }

    @Test("where some resampled laws never reach the loss, the interval of its budget has no upper bound")
    func unreachable() throws {
        let laws = (0..<200).map { i in
            ChinchillaLaw(
                irreducible: i < 10 ? 2.5 : 1.8 + 1e-4 * Double(i), capacity: 480, data: 2100, alpha: 0.35, beta: 0.37)
        }
        let plan = try #require(BudgetPlan(law, resampled: laws, loss: 2.4))
        for estimate in [plan.compute, plan.n, plan.d] {
            let interval = try #require(estimate.interval)
            #expect(interval.lowerBound.isFinite && interval.upperBound == .infinity)
        }
        // b < a: the larger the budget, the fewer tokens to a parameter.
        #expect(plan.tokensPerParameter.interval?.lowerBound == 0)
        #expect(plan.loss.interval?.upperBound == 2.5)
        let never = try #require(BudgetPlan(law, resampled: Array(laws.prefix(10)), loss: 2.4))
        #expect(never.compute.interval.map { $0.lowerBound == .infinity } == true)
        #expect(Bootstrap.quantile([1, 2, .infinity], 0.5) == 2)
    }

    @Test("only the ratios of weights count for the next run")
    func weights() throws {
        let points = ladder(seed: 1)
        let heavy = points.map { point in
            var point = point
            point.weight = 7
            return point
        }
        let one = try #require(NextRun(law: law, points: points, target: (3e9, 6e10), budget: 6e18))
        let other = try #require(NextRun(law: law, points: heavy, target: (3e9, 6e10), budget: 6e18))
        #expect(abs(other.standardError / one.standardError - 1) < 1e-9)
        for (a, b) in zip(one.candidates, other.candidates) { #expect(abs(a.shrinkage / b.shrinkage - 1) < 1e-9) }
    }

    /// N and D on a grid of 5 × 4, with made noise of 0.5 %.
    private func ladder(seed: UInt64) -> [FitPoint] {
        var generator = SplitMix64(seed: seed)
        return [1e6, 3e6, 1e7, 3e7, 1e8].flatMap { n in
            [5.0, 20, 80, 320].map { ratio in
                let noise = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0...1, using: &generator) }
                return FitPoint(n: n, d: ratio * n, loss: law.loss(n: n, d: ratio * n) * exp(0.005 * noise))
            }
        }
    }

    @Test("the run that narrows most does: adding it shrinks the spread of predictions as foretold")
    func nextRun() throws {
        let target = (n: 3e9, d: 6e10)
        let points = ladder(seed: 1)
        let next = try #require(NextRun(law: law, points: points, target: target, budget: 6e18))
        #expect(next.candidates.count == 4)
        #expect(zip(next.candidates, next.candidates.dropFirst()).allSatisfy { $0.compute > $1.compute })
        let best = next.candidates[0]
        #expect(best.shrinkage > 0 && best.shrinkage < 0.95)
        #expect(best.compute < 6e18 * 1.001)
        // The same by counting: the information matrix with the run added.
        let without = try #require(NextRun(law: law, points: points, target: target, budget: 1e18))
        let run = FitPoint(n: best.n, d: best.d, loss: law.loss(n: best.n, d: best.d))
        let with = try #require(NextRun(law: law, points: points + [run], target: target, budget: 1e18))
        // The scatter is estimated from one more run, which lies on the law: undo that.
        let scatter = (Double(points.count - 5) / Double(points.count - 4)).squareRoot()
        #expect(abs(with.standardError / without.standardError / scatter / best.shrinkage - 1) < 1e-6)
    }

    @Test("runs that do not identify the law have no next run")
    func unidentified() {
        let line = (1...8).map { FitPoint(n: 1e6 * Double($0), d: 1e8, loss: 3) }
        #expect(NextRun(law: law, points: line, target: (1e9, 1e10), budget: 1e18) == nil)
        #expect(NextRun(law: law, points: Array(ladder(seed: 2).prefix(5)), target: (1e9, 1e10), budget: 1e18) == nil)
    }

    @Test("what counts as C moves the exponent of N_opt as the closed form says")
    func tokenCost() throws {
        // C/D = 40 N^0.8, as when much of the cost is in embeddings.
        let points = ladder(seed: 3).map { point in
            FitPoint(n: point.n, d: point.d, c: 40 * pow(point.n, 0.8) * point.d, loss: point.loss)
        }
        let cost = try #require(TokenCost(points))
        #expect(abs(cost.exponent - 0.8) < 1e-9 && abs(cost.coefficient / 40 - 1) < 1e-8)
        #expect(TokenCost.sixND.optimumExponent(alpha: 0.35, beta: 0.37) == law.optimum.a)
        // The lowest loss of a budget, by search, at two budgets.
        let sizes = [1e21, 1e23].map { budget in
            stride(from: 10.0, through: 40, by: 0.001).map(exp).min { one, other in
                law.loss(n: one, d: budget / (40 * pow(one, 0.8)))
                    < law.loss(n: other, d: budget / (40 * pow(other, 0.8)))
            } ?? 0
        }
        let slope = log(sizes[1] / sizes[0]) / log(1e2)
        #expect(abs(slope - cost.optimumExponent(alpha: 0.35, beta: 0.37)) < 1e-3)
        #expect(TokenCost(ladder(seed: 3)) == nil)
    }
}
