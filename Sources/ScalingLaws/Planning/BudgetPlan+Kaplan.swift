import Foundation

extension BudgetPlan {
    /// The best use of `compute` FLOPs by Kaplan et al. 2020: N_opt = 1.3e9 C^0.73 (non-embedding, C in PF-days, §6.1) and
    /// the loss of eq. 1.3; what other sizes cost by their eq. B16. C is their C_min, of small batches.
    public static func kaplan(compute: Double) -> BudgetPlan {
        let n = KaplanAllocation.parameters(compute: compute)
        func exact(_ value: Double) -> Estimate { Estimate(value: value, interval: nil) }
        return BudgetPlan(
            compute: exact(compute), n: exact(n), d: exact(compute / (6 * n)),
            tokensPerParameter: exact(compute / (6 * n * n)), loss: exact(KaplanAllocation.loss(compute: compute)),
            law: nil)
    }

    /// The budget of eq. 1.3 for `loss` nats per token: C = 3.1e8 L^(−1/0.050) PF-days.
    public static func kaplan(loss: Double) -> BudgetPlan {
        kaplan(compute: 3.1e8 * KaplanConstants.petaflopDay * pow(loss, -1 / 0.050))
    }

    /// Eq. B16 says what N = k N_opt(C′) costs to reach the loss of C′. A fixed N with a fixed budget reaches the loss of
    /// the C′ at which that cost is the budget.
    func kaplanAlternative(n other: Double) -> Alternative {
        let ratio = other / n.value
        let excess = KaplanTheory.published.excessCompute(sizeFactor: ratio)
        // The cost rises with C′: once the size is far too small for C′, nothing reaches its loss.
        var (low, high) = (compute.value * 1e-9, compute.value)
        for _ in 0..<200 {
            let middle = (low * high).squareRoot()
            let factor = KaplanTheory.published.excessCompute(
                sizeFactor: other / KaplanAllocation.parameters(compute: middle))
            let isAbove = factor.map { $0 * middle > compute.value } ?? true
            if isAbove { high = middle } else { low = middle }
        }
        return Alternative(
            ratio: ratio, n: other, tokens: compute.value / (6 * other), loss: KaplanAllocation.loss(compute: low),
            tokensForSameLoss: excess.map { $0 * compute.value / (6 * other) }, excessCompute: excess)
    }
}
