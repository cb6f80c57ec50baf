import ArgumentParser
import Corpus
import Experiment
import Foundation
import Reports

struct Sweep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Train a ladder of runs from one file, packed over the cores, and fit the law.",
        discussion: """
            Every size with every length and seed, over one base configuration, with rules for what changes with size. \
            Small runs go side by side, one rank each; large ones get more ranks. The bits of a run depend on neither.

            Examples:
              apus sweep configs/ladder-calibration.yaml --dry-run
              apus sweep configs/ladder-calibration.yaml
              apus sweep configs/ladder-books.yaml --out checkpoints/books-again --ranks 8

            In the folder (checkpoints/<name> unless given): sweep.yaml, a folder for every run, runs.csv, curves.csv, \
            evaluations.csv and report.html. Ctrl-C finishes the steps, saves and exits with code 5; the same command \
            goes on. A run that diverges is recorded, and the others go on.
            """)

    @Argument(help: "The sweep's file.") var file: String
    @Option(help: ArgumentHelp("Folder of the runs; default: checkpoints/<name>.", valueName: "dir")) var out: String?
    @Flag(help: "Show the runs, what was left out, compute, time and disk; train nothing.") var dryRun = false
    @OptionGroup(title: "Launch") var launch: LaunchOptions

    func run() async throws {
        let sweep = try SweepConfig(file: URL(fileURLWithPath: file))
        _ = try launch.places(launch.readHostfile())
        if dryRun { return try await show(sweep) }
        let folder = try SweepFolder(place(of: sweep))
        try await Orphans(below: folder.url).settle { Console.tell("apus: \($0)") }
        let corpus = try Self.prepare(sweep.template.corpus)
        let plan = try sweep.plan(vocabulary: corpus.vocabulary, rules: .published, source: file)
        let found = try SweepState(plan, in: folder.url, corpusDigest: corpus.contentDigest)
        let estimate = try await estimate(plan, found, mostSecondsUnprobed: 300)
        try folder.describe(plan, yaml: sweep.yaml)
        announce(plan, folder, found, estimate)
        let job = SweepJob(
            plan: plan, folder: folder, options: launch, pace: estimate.pace, memory: estimate.memory, found: found)
        let failed = try await job.run()
        let result = SweepResult(try job.writeTables(), title: sweep.name)
        Console.show("\n" + result.text)
        try result.write(to: folder)
        try Self.judge(failed)
    }

    private func show(_ sweep: SweepConfig) async throws {
        let plan = try sweep.plan(vocabulary: sweep.template.corpus.vocabulary, rules: .published, source: file)
        let found = foundUnprepared(plan, in: place(of: sweep))
        let estimate = try await estimate(plan, found, mostSecondsUnprobed: 0)
        Console.show(SweepTable(plan, estimate, found).text)
    }

    private func place(of sweep: SweepConfig) -> URL { URL(fileURLWithPath: out ?? "checkpoints/\(sweep.name)") }

    /// What the folder holds, where its runs are the plan's; what the sweep would be refused for is told.
    private func foundUnprepared(_ plan: SweepPlan, in folder: URL) -> SweepState? {
        do {
            return try SweepState(plan, in: folder, corpusDigest: nil)
        } catch {
            Console.tell(ErrorReport(error).text)
            return nil
        }
    }

    private func estimate(
        _ plan: SweepPlan, _ found: SweepState?, mostSecondsUnprobed most: Double
    ) async throws -> SweepEstimate {
        try await Interrupts.shared.cancelling { [launch] in
            try await SweepEstimate(plan, found: found, options: launch, mostSecondsUnprobed: most)
        }
    }

    private func announce(_ plan: SweepPlan, _ folder: SweepFolder, _ found: SweepState, _ estimate: SweepEstimate) {
        let settled = found.runs.count(where: \.isSettled)
        let complete = settled == 0 ? "" : ", \(settled) of them complete already"
        Console.show("A sweep of \(plan.runs.count) runs in \(folder.url.relativePath)\(complete)\n")
        for line in plan.dropped { Console.show(Console.style.plain("left out: \(line)") + "\n") }
        for line in plan.notes { Console.show(Console.style.plain(line) + "\n") }
        let strangers = folder.strangers(to: plan)
        if !strangers.isEmpty {
            Console.tell(
                "apus: the folder also holds \(strangers.joined(separator: ", ")), which this sweep does not name: not in "
                    + "its tables.")
        }
        guard settled < plan.runs.count else { return }
        let disk = SweepDisk(zip(plan.runs, found.runs).filter { !$1.isSettled }.map(\.0))
        for line in [estimate.sentence, disk.sentence] { Console.show(Console.style.plain(line) + "\n") }
        if let shortage = disk.shortage(at: folder.url.path) { Console.tell("apus: \(shortage)") }
    }

    /// Once, before all runs.
    static func prepare(_ corpus: CorpusConfig) throws -> PreparedCorpus {
        let progress = CorpusProgressLine()
        defer { progress.finish() }
        return try CorpusPreparation.prepare(corpus, cache: RunDirectory.corpora) { progress.show($0) }
    }

    static func judge(_ failed: [(run: String, reason: String)]) throws {
        guard let first = failed.first else { return }
        let others = failed.count == 1 ? "" : ", as did \(failed.dropFirst().map(\.run).joined(separator: ", "))"
        throw WorkerEnded(
            code: .worker,
            sentence:
                "\(first.run) failed\(others): \(first.reason) The same command tries again; what is complete stays.")
    }
}
