import Experiment
import Foundation
import Reports

/// A sweep before it begins: its runs, what was left out, and what it will take.
struct SweepTable {
    let plan: SweepPlan
    let estimate: SweepEstimate
    private let found: SweepState?

    /// - Parameter found: how far the runs are; nil for nothing done.
    init(_ plan: SweepPlan, _ estimate: SweepEstimate, _ found: SweepState?) {
        self.plan = plan
        self.estimate = estimate
        self.found = found
    }

    var text: String {
        let settled = found?.runs.count(where: \.isSettled) ?? 0
        let done = settled == 0 ? [] : ["\(settled) of \(plan.runs.count) runs are complete already"]
        let lines =
            plan.dropped.map { "left out: \($0)" } + plan.notes + [total] + done + [
                estimate.sentence, SweepDisk(plan.runs).sentence,
            ]
        return runs + "\n" + lines.map { Console.style.plain($0) + "\n" }.joined()
    }

    private var runs: String {
        var table = TerminalTable([
            .init("run", .left), .init("layers"), .init("width"), .init("parameters"), .init("tokens"), .init("D/N"),
            .init("FLOP"), .init("learning rate"), .init("batch"), .init("steps"), .init("one core"), .init("", .left),
        ])
        for run in plan.runs {
            let (config, shape) = (run.config, run.shape)
            table.add([
                run.name, "\(shape.layers)", "\(shape.width)", "\(shape.totalParameters)",
                Humanly.count(config.totalTokens),
                Humanly.significant(Double(config.totalTokens) / Double(shape.totalParameters), 3),
                Humanly.flops(run.flops), "\(config.schedule.peak)", "\(config.batch.sequences)", "\(config.steps)",
                Humanly.duration(seconds: estimate.pace.seconds(run)),
                run.trunk.map { "from \($0) at step \(run.branchStep)" } ?? "",
            ])
        }
        return table.text(Console.style)
    }

    private var total: String {
        let own = plan.runs.map(\.ownFLOPs).reduce(0, +)
        let alone = plan.runs.map(\.flops).reduce(0, +)
        let saved =
            own < alone
            ? "; \(Humanly.flops(alone)) if every run were made alone (\(Humanly.percent(1 - own / alone)) saved)" : ""
        return "\(plan.runs.count) runs, \(Humanly.flops(own)) of training\(saved)"
    }
}
