import Experiment
import Foundation

/// How a run ended, for the person who waited for it.
struct RunSummary {
    let text: String

    init(_ directory: RunDirectory) throws {
        let rows = try Ledger.read(directory.ledger)
        var lines: [String] = []
        if let last = rows.last {
            lines.append(
                "done: \(last.step) steps, \(EventText.count(last.tokens)) tokens, training loss \(EventText.loss(last.trainLoss))"
            )
        }
        if let measured = rows.last(where: { $0.evalLoss != nil }), let loss = measured.evalLoss {
            let error = measured.evalLossStandardError.map { " ± \(EventText.loss($0))" } ?? ""
            lines.append("held-out loss \(EventText.loss(loss))\(error) nats per token after step \(measured.step)")
        }
        lines.append("ledger  \(directory.ledger.relativePath)")
        text = lines.map { $0 + "\n" }.joined()
    }
}
