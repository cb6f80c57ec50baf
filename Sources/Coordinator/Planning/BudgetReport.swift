import Experiment
import Foundation
import Reports
import ScalingLaws

/// What a law says to a budget or a loss, for a terminal and as JSON.
struct BudgetReport {
    let law: BudgetLaw
    let plan: BudgetPlan
    /// A number of parameters that was asked for instead of the best.
    let chosen: BudgetPlan.Alternative?
    let deployments: [BudgetPlan.Alternative]
    let nextRun: NextRun?
    /// FLOPs per second of all ranks together, where they are known.
    let rate: Double?

    /// - Throws: `Failure(.usage)` for a loss that the law never reaches.
    init(_ arguments: BudgetArguments, law: BudgetLaw, ranks: Int?) throws {
        self.law = law
        let plan =
            try arguments.targetLoss.map(law.plan(loss:)) ?? law.plan(compute: arguments.budget?.flops ?? 0)
        self.plan = plan
        chosen = arguments.n.map(plan.alternative)
        deployments = arguments.deploymentN.map(plan.alternative)
        nextRun = law.nextRun(for: plan, budget: arguments.nextBudget?.flops)
        rate = arguments.gflops.map { $0 * 1e9 * Double(ranks ?? 1) }
    }

    private var alternatives: [BudgetPlan.Alternative] { plan.alternatives() }

    var text: String {
        var lines = ["By \(law.name):", ""]
        let budget =
            "\(Humanly.flops(plan.compute.value)), \(Humanly.significant(pfDays(plan.compute.value), 3)) PF-days"
        lines += [
            "budget                \(budget)\(interval(plan.compute, Humanly.flops))",
            "parameters            \(Humanly.count(plan.n.value))\(interval(plan.n, Humanly.count))",
            "tokens                \(Humanly.count(plan.d.value))\(interval(plan.d, Humanly.count))",
            "tokens per parameter  \(ratio(plan.tokensPerParameter.value))\(interval(plan.tokensPerParameter, ratio))",
            "loss                  \(Humanly.loss(plan.loss.value)) nats/token\(lossInterval)",
        ]
        if let hours { lines.append("time                  \(Humanly.duration(seconds: 3600 * hours))") }
        if let chosen { lines += ["", choice(chosen)] }
        lines += ["", "Off the best N:", alternativeTable]
        if !deployments.isEmpty { lines += ["The same loss with other sizes:", deploymentTable] }
        lines += nextLines
        lines += ([law.extrapolation(plan.compute.value)].compactMap { $0 } + law.notes).map { "note: \($0)" }
        return lines.map { Console.style.plain($0) + "\n" }.joined()
    }

    private func choice(_ chosen: BudgetPlan.Alternative) -> String {
        let same =
            chosen.tokensForSameLoss.map {
                "; the loss of the best needs \(Humanly.count($0)) tokens, "
                    + "\(Humanly.significant(chosen.excessCompute ?? 0, 3)) times the budget"
            } ?? "; it never reaches the loss of the best"
        return "With \(Humanly.count(chosen.n)) parameters: \(Humanly.count(chosen.tokens)) tokens, "
            + "loss \(Humanly.loss(chosen.loss))\(same)"
    }

    private var alternativeTable: String {
        var table = TerminalTable([
            .init("N/N_opt"), .init("N"), .init("D"), .init("loss"), .init("more loss"), .init("compute for same loss"),
        ])
        for row in alternatives {
            table.add([
                Humanly.significant(row.ratio, 2), Humanly.count(row.n), Humanly.count(row.tokens),
                Humanly.loss(row.loss), String(format: "%+.4f", row.loss - plan.loss.value),
                row.excessCompute.map { "× \(Humanly.significant($0, 3))" } ?? "never",
            ])
        }
        return table.text(Console.style)
    }

    private var deploymentTable: String {
        var table = TerminalTable([
            .init("N"), .init("tokens"), .init("per parameter"), .init("compute"), .init("pays after generating"),
        ])
        for row in deployments {
            table.add([
                Humanly.count(row.n), row.tokensForSameLoss.map(Humanly.count) ?? "never",
                row.tokensForSameLoss.map { ratio($0 / row.n) } ?? "",
                row.excessCompute.map { "× \(Humanly.significant($0, 3))" } ?? "",
                tokensUntilPaid(row).map { "\(Humanly.count($0)) tokens" } ?? "",
            ])
        }
        return table.text(Console.style)
    }

    /// A token costs 2N FLOPs to generate: the smaller model saves 2 (N_opt − N) on each. nil where it saves nothing.
    private func tokensUntilPaid(_ row: BudgetPlan.Alternative) -> Double? {
        guard let excess = row.excessCompute, row.n < plan.n.value else { return nil }
        return max(0, excess - 1) * plan.compute.value / (2 * (plan.n.value - row.n))
    }

    private var nextLines: [String] {
        guard let nextRun, !nextRun.candidates.isEmpty else { return [] }
        var table = TerminalTable([.init("N"), .init("D"), .init("FLOPs"), .init("the interval shrinks to")])
        for run in nextRun.candidates {
            table.add([
                Humanly.count(run.n), Humanly.count(run.d), Humanly.scientific(run.compute),
                "\(Humanly.significant(100 * run.shrinkage, 3)) %",
            ])
        }
        let width = Humanly.significant(196 * nextRun.standardError, 2)
        return [
            "The next run that tells most about this loss (now ± \(width) % by the law's curvature), by what it may cost:",
            table.text(Console.style),
        ]
    }

    private var hours: Double? { rate.map { plan.compute.value / $0 / 3600 } }
    private func pfDays(_ flops: Double) -> Double { flops / KaplanConstants.petaflopDay }
    private func ratio(_ value: Double) -> String { Humanly.significant(value, 3) }

    /// Of the law: a single run scatters about it besides.
    private var lossInterval: String {
        let text = interval(plan.loss, Humanly.loss)
        return text.isEmpty ? "" : text + " of the law, without a run's scatter"
    }

    private func interval(_ estimate: BudgetPlan.Estimate, _ text: (Double) -> String) -> String {
        guard let interval = estimate.interval else { return "" }
        guard interval.upperBound.isFinite else {
            let low = interval.lowerBound.isFinite ? "\(text(interval.lowerBound)) … " : ""
            return "   (95 %: \(low)no upper bound)"
        }
        guard interval.upperBound > interval.lowerBound * (1 + 1e-9) else { return "" }
        return "   (95 %: \(text(interval.lowerBound)) … \(text(interval.upperBound)))"
    }

    /// One object; numbers in the shortest form that reads back to the same bits.
    var json: String {
        let estimates = [
            ("flops", plan.compute), ("n", plan.n), ("d", plan.d), ("tokens_per_parameter", plan.tokensPerParameter),
            ("loss", plan.loss),
        ]
        return JSONText.document(
            [("law", JSONText.string(law.name))] + estimates.map { ($0.0, JSONText.number($0.1.value)) } + [
                (
                    "intervals",
                    JSONText.object(
                        estimates.compactMap { name, value in value.interval.map { (name, FitResult.pair($0)) } })
                ),
                ("pf_days", JSONText.number(pfDays(plan.compute.value))),
                ("hours", hours.map(JSONText.number) ?? "null"),
                ("chosen", chosen.map(object) ?? "null"), ("off_optimum", JSONText.array(alternatives.map(object))),
                ("deployment", JSONText.array(deployments.map(object))),
                ("next_runs", JSONText.array((nextRun?.candidates ?? []).map(object))),
                ("standard_error_of_log_loss", nextRun.map { JSONText.number($0.standardError) } ?? "null"),
                ("notes", JSONText.array(law.notes.map(JSONText.string))),
            ])
    }

    private func object(_ row: BudgetPlan.Alternative) -> String {
        JSONText.object([
            ("n_over_best", JSONText.number(row.ratio)), ("n", JSONText.number(row.n)),
            ("d", JSONText.number(row.tokens)), ("loss", JSONText.number(row.loss)),
            ("d_for_same_loss", row.tokensForSameLoss.map(JSONText.number) ?? "null"),
            ("excess_compute", row.excessCompute.map(JSONText.number) ?? "null"),
            ("tokens_until_paid", tokensUntilPaid(row).map(JSONText.number) ?? "null"),
        ])
    }

    private func object(_ run: NextRun.Candidate) -> String {
        JSONText.object([
            ("n", JSONText.number(run.n)), ("d", JSONText.number(run.d)), ("flops", JSONText.number(run.compute)),
            ("interval_ratio", JSONText.number(run.shrinkage)),
        ])
    }
}
