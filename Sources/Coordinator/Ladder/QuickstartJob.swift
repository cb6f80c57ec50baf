import Corpus
import Experiment
import Foundation
import Reports
import ScalingLaws

/// Carries out a ladder, going on where an earlier call stopped, and tells what came out.
struct QuickstartJob {
    let rungs: [Ladder.Rung]
    let folder: URL
    let options: LaunchOptions
    let isText: Bool

    func run() async throws {
        let digest = try corpusDigest()
        let isDone = try rungs.map { try isComplete($0, corpusDigest: digest) }
        let total = rungs.map(\.cost).reduce(0, +)
        let done = zip(rungs, isDone).map { $1 ? $0.cost : 0 }.reduce(0, +)
        let display = LadderDisplay(count: rungs.count, total: total, done: done)
        announce(display, complete: isDone.count { $0 })
        var hasAnnounced = false
        for (index, rung) in rungs.enumerated() where !isDone[index] {
            display.begin(rung, index: index + 1)
            let job = TrainingJob(
                config: rung.config, workerArguments: [try configFile(rung).path, "--run", rung.directory.url.path],
                options: options, display: display)
            try await job.run { line in
                if !hasAnnounced { display.complain("apus: \(line)") }
            }
            hasAnnounced = true
            display.end()
        }
        try await finish()
    }

    private func announce(_ display: LadderDisplay, complete: Int) {
        let source = isText ? "text" : "the calibration source, whose law is known"
        display.printer.line("A ladder of \(rungs.count) runs on \(source), in \(folder.relativePath)")
        if Host.cores == 1, options.ranks == 1 { display.printer.line("This machine has one core: one rank.") }
        if complete > 0 { display.printer.line("\(complete) of them are complete already.") }
    }

    /// Of the corpus as it is now; all runs of a ladder are on the same one.
    private func corpusDigest() throws -> String? {
        let progress = CorpusProgressLine()
        defer { progress.finish() }
        return try rungs.first.map {
            try CorpusPreparation.prepare($0.config.corpus, cache: RunDirectory.corpora) { progress.show($0) }
                .contentDigest
        }
    }

    /// - Throws: `Failure(.usage)` when another run is in its place, `Failure(.badData)` when its text was another:
    ///   nothing is written over.
    private func isComplete(_ rung: Ladder.Rung, corpusDigest: String?) throws -> Bool {
        guard rung.directory.holdsRun else { return false }
        let record = try RunRecord(rung.directory)
        guard record.config.hash == rung.config.hash else {
            throw Failure(
                .usage,
                "\(rung.directory.url.relativePath) holds a run of another configuration; give another folder with --out, or "
                    + "remove \(folder.relativePath).")
        }
        guard record.corpusDigest == nil || record.corpusDigest == corpusDigest else {
            throw Failure(
                .badData,
                "\(rung.directory.url.relativePath) was trained on the text as it was then, which has changed since; give "
                    + "another folder with --out, or remove \(folder.relativePath).")
        }
        return record.status == .complete
    }

    private func configFile(_ rung: Ladder.Rung) throws -> URL {
        let configs = folder.appendingPathComponent("configs")
        do {
            try FileManager.default.createDirectory(at: configs, withIntermediateDirectories: true)
        } catch {
            throw Failure(.worker, "Cannot create the folder \(configs.path): \(error.localizedDescription)")
        }
        let file = configs.appendingPathComponent("\(rung.config.name).yaml")
        try DurableFile.replace(file, with: Data(rung.config.yaml.utf8))
        return file
    }

    private func finish() async throws {
        let tables = RunTables(records: try rungs.map { try RunRecord($0.directory) })
        let runs = folder.appendingPathComponent("runs.csv")
        try tables.runs.write(to: runs)
        try tables.curves.write(to: folder.appendingPathComponent("curves.csv"))
        Console.show("\n" + Self.table(tables) + "\n")
        let sample = isText ? try await self.sample() : nil
        let report = ReportBuilder(tables, title: "Quickstart", sample: sample)
        Console.show(
            report.fitted.chinchilla.map { $0.text(dropped: report.fitted.dropped) }
                ?? "no law: \(report.fitted.problem ?? "")\n")
        if let theory = tables.calibration, let fit = report.fitted.chinchilla {
            Console.show("\n" + Self.comparison(fit, theory))
        }
        if let sample { Console.show("\nThe largest model writes:\n\(sample)\n") }
        let page = try report.write(to: folder.appendingPathComponent("report.html"))
        Console.show("\ntable   \(runs.relativePath)\nreport  \(page.relativePath)\n")
    }

    private static func table(_ tables: RunTables) -> String {
        let isText = tables.records.contains { $0.evaluations.last?.bitsPerByte != nil }
        var table = TerminalTable(
            [
                .init("run", .left), .init("parameters"), .init("tokens"), .init("FLOP"), .init("held-out loss"),
                .init("±"),
            ]
                + (isText ? [.init("bits per byte")] : []))
        for record in tables.records {
            guard let last = record.rows.last, let final = record.evaluations.last else { continue }
            table.add(
                [
                    record.config.name, Humanly.count(last.totalParameters), Humanly.count(last.tokens),
                    Humanly.flops(last.flops6ND), Humanly.loss(final.loss), Humanly.loss(final.standardError),
                ] + (isText ? [final.bitsPerByte.map(Humanly.loss) ?? ""] : []))
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

    /// What the largest of the longest runs writes.
    private func sample() async throws -> String? {
        guard let largest = rungs.last else { return nil }
        return try await WorkerExecutable.output([
            "generate", largest.directory.url.path, "--prompt", "The ", "--tokens", "400", "--temperature", "0.8",
            "--seed", "1",
        ])
    }
}
