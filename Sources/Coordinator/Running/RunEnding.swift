import Experiment
import Foundation
import Reports

/// How a run ended, for the person who waited for it; makes its report.
struct RunEnding {
    let text: String

    init(_ directory: RunDirectory) throws {
        let report = try ReportBuilder(RunTables(records: [RunRecord(directory)])).write(to: directory.report)
        let rows = try Ledger.read(directory.ledger)
        var lines: [String] = []
        if let last = rows.last {
            lines.append(
                "done: \(last.step) steps, \(Humanly.count(last.tokens)) tokens, training loss \(Humanly.loss(last.trainLoss))"
            )
        }
        if let measured = rows.last(where: { $0.evalLoss != nil }), let loss = measured.evalLoss {
            let error = measured.evalLossStandardError.map { " ± \(Humanly.loss($0))" } ?? ""
            lines.append("held-out loss \(Humanly.loss(loss))\(error) nats per token after step \(measured.step)")
        }
        lines.append("ledger  \(directory.ledger.relativePath)")
        lines.append("report  \(report.relativePath)")
        text = lines.map { $0 + "\n" }.joined()
    }
}
