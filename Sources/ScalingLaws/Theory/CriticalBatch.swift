import Foundation

/// Updates against tokens to one loss over runs of several batches: (S/S_min − 1)(E/E_min − 1) = 1 with E = B S
/// (McCandlish et al. 2018; Kaplan et al. 2020, eq. 5.1), which is S = S_min + E_min/B.
public struct BatchTradeoff: Sendable {
    /// The loss reached, nats per token.
    public let loss: Double
    /// By rising batch: tokens of a batch, updates to the loss.
    public let runs: [(batchTokens: Double, steps: Double)]
    /// S_min: updates at a batch without end.
    public let minimumSteps: Double
    /// E_min: tokens at the smallest batch.
    public let minimumTokens: Double
    /// The standard error of ln B_crit from the scatter about the hyperbola; nil with fewer than three runs.
    public let logError: Double?

    /// B_crit = E_min/S_min (eq. 5.2), tokens.
    public var criticalBatch: Double { minimumTokens / minimumSteps }

    /// Fits the hyperbola by least squares of ln S.
    /// - Throws: `TableError` with fewer than two batches, or when the updates do not follow a hyperbola: they must fall
    ///   with the batch, and not faster than its inverse.
    public init(loss: Double, runs: [(batchTokens: Double, steps: Double)]) throws {
        let runs = runs.sorted { $0.batchTokens < $1.batchTokens }
        guard Set(runs.map(\.batchTokens)).count > 1 else {
            throw TableError(
                "a critical batch needs runs of two or more batches that reach a loss of \(Number.short(loss)), and there "
                    + "\(runs.count == 1 ? "is 1" : "are \(runs.count) of one"): add runs of other batches")
        }
        self.loss = loss
        self.runs = runs
        // S on 1/B is a line, and weights 1/S² nearly make its least squares that of ln S: a start.
        let inverse = runs.map { 1 / $0.batchTokens }
        let line = LinearRegression(
            inverse, runs.map(\.steps), weights: runs.map { 1 / ($0.steps * $0.steps) })
        guard line.intercept > 0, line.slope > 0 else {
            throw TableError(
                "the updates to a loss of \(Number.short(loss)) over batches of \(Number.compact(runs[0].batchTokens)) to "
                    + "\(Number.compact(runs[runs.count - 1].batchTokens)) tokens lie on no hyperbola (S_min = "
                    + "\(Number.short(line.intercept)), E_min = \(Number.short(line.slope))): scan a wider range of batches"
            )
        }
        let objective = HyperbolaObjective(inverse: inverse, logSteps: runs.map { log($0.steps) })
        let start = ParameterVector(log(line.intercept), log(line.slope), 0, 0, 0, 0, 0, 0)
        let end = Minimizer(majorizingSteps: 60, exactSteps: 0).minimize(objective, from: start)
        minimumSteps = exp(end.parameters[0])
        minimumTokens = exp(end.parameters[1])
        logError = objective.ratioError(at: end)
    }
}

/// ½ Σ (ln(S_min + E_min/B) − ln S)². Parameters: ln S_min, ln E_min.
private struct HyperbolaObjective: Objective {
    let inverse: [Double]  // [runs]: 1/B
    let logSteps: [Double]  // [runs]

    func value(at p: ParameterVector) -> Double { derivatives(at: p, .majorizing).value }

    /// Gauss–Newton's curvature for both kinds.
    func derivatives(at p: ParameterVector, _ curvature: Curvature) -> Derivatives {
        var result = Derivatives(parameters: 2)
        let (steps, tokens) = (exp(p[0]), exp(p[1]))
        for i in inverse.indices {
            let total = steps + tokens * inverse[i]
            let share = steps / total
            let jacobian = ParameterVector(share, 1 - share, 0, 0, 0, 0, 0, 0)
            let residual = log(total) - logSteps[i]
            let pull = residual * jacobian
            result.value += 0.5 * residual * residual
            result.gradient += pull
            result.gradientScale += pull.replacing(with: -pull, where: pull .< 0)
            result.curvature.addOuterProduct(jacobian, weight: 1)
        }
        return result
    }

    /// Of ln E_min − ln S_min.
    func ratioError(at end: Minimum) -> Double? {
        guard inverse.count > 2 else { return nil }
        let contrast = ParameterVector(-1, 1, 0, 0, 0, 0, 0, 0)
        let curvature = derivatives(at: end.parameters, .majorizing).curvature
        guard let solution = curvature.solve(contrast, damping: .zero) else { return nil }
        return (2 * end.value / Double(inverse.count - 2) * (contrast * solution).sum()).squareRoot()
    }
}

/// B_crit(L) = B*/L^(1/α_B) (Kaplan et al. 2020, eq. 5.3) from runs of one model at several batches.
public struct CriticalBatchFit: Sendable {
    /// A run of the scan.
    public struct Run: Sendable {
        /// Tokens of a batch.
        public let batchTokens: Double
        /// By rising updates: updates so far, smoothed loss in nats per token.
        public let curve: [(steps: Double, loss: Double)]

        /// A run of the scan.
        public init(batchTokens: Double, curve: [(steps: Double, loss: Double)]) {
            self.batchTokens = batchTokens
            self.curve = curve.sorted { $0.steps < $1.steps }
        }

        /// Updates until the loss first is at or below `target`, between neighbours linear in ln S; nil if it never is.
        func steps(to target: Double) -> Double? {
            guard let after = curve.firstIndex(where: { $0.loss <= target }) else { return nil }
            guard after > 0 else { return nil }
            let (a, b) = (curve[after - 1], curve[after])
            let share = (a.loss - target) / (a.loss - b.loss)
            return a.steps * pow(b.steps / a.steps, share)
        }
    }

    /// One per loss target that at least three batches reach, by falling loss.
    public let tradeoffs: [BatchTradeoff]
    /// B_crit = B* L^(−1/α_B), through the trade-offs.
    public let law: PowerLaw

    /// α_B.
    public var alphaB: Double { -1 / law.exponent }
    /// B*, tokens.
    public var scale: Double { law.coefficient }

    /// Fits a hyperbola per target, then the power law.
    /// - Throws: `TableError` when fewer than two targets are reached by three batches on a hyperbola.
    public init(_ runs: [Run], targets: [Double]) throws {
        tradeoffs = targets.sorted(by: >).compactMap { target in
            let reached = runs.compactMap { run in run.steps(to: target).map { (run.batchTokens, $0) } }
            return reached.count > 2 ? try? BatchTradeoff(loss: target, runs: reached) : nil
        }
        guard tradeoffs.count > 1 else {
            throw TableError(
                "B_crit(L) needs at least 2 losses that 3 batches reach along a hyperbola, and of \(targets.count) "
                    + "targets over \(runs.count) runs there \(tradeoffs.count == 1 ? "is 1" : "are none"): add batches, "
                    + "or choose targets that all runs pass")
        }
        law = try PowerLaw(tradeoffs.map { .init(x: $0.loss, y: $0.criticalBatch, logError: $0.logError) })
    }
}
