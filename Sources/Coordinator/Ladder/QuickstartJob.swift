import Experiment
import Foundation

/// Carries out the quickstart's ladder, going on where an earlier call stopped, and tells what came out.
struct QuickstartJob {
    let sweep: SweepConfig
    let folder: URL
    let options: LaunchOptions
    let isText: Bool

    func run() async throws {
        let folder = try SweepFolder(folder)
        try await Orphans(below: folder.url).settle { Console.tell("apus: \($0)") }
        let corpus = try Sweep.prepare(sweep.template.corpus)
        let plan = try sweep.plan(vocabulary: corpus.vocabulary, source: "the quickstart's ladder")
        let found = try SweepState(plan, in: folder.url, corpusDigest: corpus.contentDigest)
        try folder.describe(plan, yaml: sweep.yaml)
        announce(plan, folder, complete: found.runs.count(where: \.isSettled))
        // Of any rate, since it tells which runs are long, and no more.
        let pace = SweepPace(sgemmGigaflops: 100)
        let job = SweepJob(plan: plan, folder: folder, options: options, pace: pace, found: found)
        let failed = try await job.run()
        try Sweep.judge(failed)
        let result = SweepResult(try job.writeTables(), title: "Quickstart", sample: try await sample(plan, folder))
        Console.show("\n" + result.text)
        try result.write(to: folder)
    }

    private func announce(_ plan: SweepPlan, _ folder: SweepFolder, complete: Int) {
        let source = isText ? "text" : "the calibration source, whose law is known"
        Console.show("A ladder of \(plan.runs.count) runs on \(source), in \(folder.url.relativePath)\n")
        if Host.cores == 1, options.ranks == 1 { Console.show("This machine has one core: one rank.\n") }
        if complete > 0 { Console.show("\(complete) of them are complete already.\n") }
    }

    /// What the largest of the longest runs writes.
    private func sample(_ plan: SweepPlan, _ folder: SweepFolder) async throws -> String? {
        guard isText, let largest = plan.runs.last else { return nil }
        return try await WorkerExecutable.output([
            "generate", folder.directory(of: largest).url.path, "--prompt", "The ", "--tokens", "400", "--temperature",
            "0.8", "--seed", "1",
        ])
    }
}
