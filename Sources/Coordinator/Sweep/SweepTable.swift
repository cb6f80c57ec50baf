import Experiment
import Foundation
import Reports

/// A sweep before it begins: its runs, what was left out, and what it will take.
struct SweepTable {
    let plan: SweepPlan
    let estimate: SweepEstimate

    init(_ plan: SweepPlan, _ estimate: SweepEstimate) {
        self.plan = plan
        self.estimate = estimate
    }

    var text: String {
        let lines = plan.dropped.map { "left out: \($0)" } + plan.notes + [total, estimate.sentence, disk]
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

    /// Checkpoints (parameters and two moments), one more while the next is written, and about 300 bytes a step of tables.
    private var disk: String {
        let bytes = plan.runs.map { run in
            12 * run.shape.totalParameters * (run.config.checkpoint.keep + 1) + 300 * run.config.steps
        }.reduce(0, +)
        return "at most \(Humanly.bytes(Double(bytes))) of disk"
    }
}
