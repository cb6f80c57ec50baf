import Foundation
import ScalingLaws

/// The sentences of a report.
struct ReportProse {
    private let report: Report

    init(_ report: Report) { self.report = report }

    /// What was run and what came out, a sentence each.
    var summary: [String] { [whatWasRun, best, law, optimum, calibration, noFit].compactMap { $0 } }

    private var whatWasRun: String {
        let runs = report.runs
        let complete = runs.count { $0.status == .complete }
        let sizes = runs.map(\.parameters)
        let tokens = runs.map(\.tokens)
        let compute = runs.reduce(0) { $0 + $1.flops }
        let others = runs.count - complete
        let count = runs.count == 1 ? "One run" : "\(runs.count) runs"
        return
            "\(count) of \(Self.range(sizes)) parameters on \(Self.range(tokens)) tokens, \(Humanly.flops(compute)) in all"
            + (others == 0 ? "." : "; \(complete) complete, \(others) not.")
    }

    private var best: String? {
        let measured = report.runs.compactMap { run in run.finalLoss.map { (run, $0) } }
        guard let (run, loss) = measured.min(by: { $0.1 < $1.1 }) else { return nil }
        let error = run.finalLossError.map { " ± \(Humanly.loss($0))" } ?? ""
        let bits = run.bitsPerByte.map { ", \(Humanly.significant($0, 4)) bits per byte" } ?? ""
        return "The lowest final loss is \(Humanly.loss(loss))\(error) nats per token\(bits) (\(run.name))."
    }

    private var law: String? {
        guard let fit = report.chinchilla else { return nil }
        let law = fit.law
        return "The fitted law is L(N, D) = \(Humanly.significant(law.irreducible, 4)) + "
            + "\(Humanly.significant(law.capacity, 4)) / N^\(Humanly.significant(law.alpha, 3)) + "
            + "\(Humanly.significant(law.data, 4)) / D^\(Humanly.significant(law.beta, 3)): irreducible loss "
            + "E\(Self.interval(fit, "E")), exponents α\(Self.interval(fit, "alpha")) and β\(Self.interval(fit, "beta")). "
            + "It leaves \(Humanly.significant(100 * fit.residualSpread, 2)) % of the loss unexplained (root mean square)."
    }

    private var optimum: String? {
        guard let fit = report.chinchilla else { return nil }
        let best = fit.law.optimum
        return "For a budget C the best model has N ∝ C^\(Humanly.significant(best.a, 3))"
            + "\(Self.interval(fit, "a")) parameters and D ∝ C^\(Humanly.significant(best.b, 3)) tokens."
    }

    private var calibration: String? {
        guard let theory = report.calibration else { return nil }
        let exact =
            "The data are a calibration source whose entropy is exactly "
            + "\(Humanly.significant(theory.irreducible, 6)) nats per token; theory predicts α near "
            + "\(Humanly.significant(theory.alpha, 3)) and β near \(Humanly.significant(theory.beta, 3)) for a large source"
        guard let law = report.chinchilla?.law else { return exact + "." }
        let lower = theory.irreducible - theory.finiteOffset
        return exact + ", and a pure power law fitted well inside this finite one tends to E = "
            + "\(Humanly.significant(lower, 5)). The fit says E = \(Humanly.significant(law.irreducible, 5)), "
            + "α = \(Humanly.significant(law.alpha, 3)), β = \(Humanly.significant(law.beta, 3))."
    }

    private var noFit: String? {
        guard report.chinchilla == nil else { return nil }
        let problem = report.fitProblem ?? "no fit was asked for"
        return "No law of N and D was fitted: \(problem)\(problem.hasSuffix(".") ? "" : ".")"
    }

    /// Everything that limits what may be concluded, grave first.
    var warnings: [FitWarning] {
        let all = (report.chinchilla?.warnings ?? []) + (report.kaplan?.warnings ?? []) + report.cautions
        let dropped = report.dropped.map(FitWarning.caution)
        return all.filter(\.isGrave) + all.filter { !$0.isGrave } + dropped
    }

    private static func interval(_ fit: ChinchillaFit, _ name: String) -> String {
        guard let interval = fit.interval(name) else { return "" }
        return
            " (95 %: \(Humanly.significant(interval.lowerBound, 3)) to \(Humanly.significant(interval.upperBound, 3)))"
    }

    private static func range(_ values: [Int]) -> String {
        guard let low = values.min(), let high = values.max() else { return "no" }
        return low == high ? Humanly.count(low) : "\(Humanly.count(low)) to \(Humanly.count(high))"
    }
}
