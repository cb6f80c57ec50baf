import Experiment
import Foundation
import Reports
import ScalingLaws

/// What came out of a set of runs: a table, the law beside theory's where it is known, the report.
struct SweepResult {
    let tables: RunTables
    private let report: ReportBuilder
    private let sample: String?

    init(_ tables: RunTables, title: String, sample: String? = nil) {
        self.tables = tables
        self.sample = sample
        report = ReportBuilder(tables, title: title, sample: sample)
    }

    var text: String {
        var parts = [runs]
        parts.append(
            report.fitted.chinchilla.map { $0.text(dropped: report.fitted.dropped) }
                ?? "no law: \(report.fitted.problem ?? "")\n" + report.fitted.dropped.map { "note: \($0)\n" }.joined())
        if let theory = tables.calibration, let fit = report.fitted.chinchilla {
            parts.append(Self.comparison(fit, theory))
        }
        if let sample { parts.append("The largest model writes:\n\(sample)\n") }
        return parts.joined(separator: "\n")
    }

    /// Writes the report, and tells where all is.
    func write(to folder: SweepFolder) throws {
        let page = try report.write(to: folder.report)
        Console.show("\ntable   \(folder.runs.relativePath)\nreport  \(page.relativePath)\n")
    }

    private var runs: String {
        let isText = tables.records.contains { $0.evaluations.last?.bitsPerByte != nil }
        var table = TerminalTable(
            [
                .init("run", .left), .init("parameters"), .init("tokens"), .init("FLOP"), .init("held-out loss"),
                .init("±"),
            ]
                + (isText ? [.init("bits per byte")] : []) + [.init("", .left)])
        for record in tables.records {
            guard let last = record.rows.last, let final = record.evaluations.last else { continue }
            table.add(
                [
                    record.config.name, Humanly.count(last.totalParameters), Humanly.count(last.tokens),
                    Humanly.flops(last.flops6ND), Humanly.loss(final.loss), Humanly.loss(final.standardError),
                ] + (isText ? [final.bitsPerByte.map(Humanly.loss) ?? ""] : [])
                    + [record.status == .complete ? "" : record.status.rawValue])
        }
        return table.text(Console.style)
    }

    /// Fitted constants beside what theory says, as what they are.
    private static func comparison(_ fit: ChinchillaFit, _ theory: CalibrationTheory) -> String {
        var table = TerminalTable([
            .init("against theory", .left), .init("fitted"), .init("95 % interval"), .init("theory"), .init("", .left),
        ])
        func row(_ name: String, _ value: Double, _ expected: Double, _ note: String) {
            let interval = fit.interval(name).map {
                "\(Humanly.significant($0.lowerBound, 3)) … \(Humanly.significant($0.upperBound, 3))"
            }
            table.add([name, Humanly.significant(value, 4), interval ?? "", Humanly.significant(expected, 4), note])
        }
        row(
            "E", fit.law.irreducible, theory.irreducible, "the source's entropy, nats per token: no model can do better"
        )
        row(
            "E", fit.law.irreducible, theory.irreducible - theory.finiteOffset,
            "where a pure power law tends, because the facts are finitely many")
        row("alpha", fit.law.alpha, theory.alpha, "in the limit of many facts; early training bends it")
        row("beta", fit.law.beta, theory.beta, "in the same limit")
        return table.text(Console.style)
    }
}
