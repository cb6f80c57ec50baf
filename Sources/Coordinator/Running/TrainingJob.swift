import Corpus
import Experiment
import Foundation

/// One run, launched and watched to its end: what `train` does once, and a ladder many times.
struct TrainingJob {
    let config: RunConfig
    /// Arguments that tell the worker what to run: a configuration and settings, or a run folder.
    let workerArguments: [String]
    let options: LaunchOptions
    let display: any RunDisplay

    /// Prepares the corpus, launches, and returns when the run is complete.
    /// - Parameter announce: takes what a person should know about the launch, a line each.
    /// - Throws: `WorkerEnded` and `Failure`.
    func run(announce: (String) -> Void) async throws {
        let hostfile = try options.readHostfile()
        // What is missing is told before minutes of preparing.
        _ = (try Launch.findMPIRun(options.mpirun), try WorkerExecutable.path())
        let count = try RankCount(
            asked: options.ranks, hostfile: hostfile, cores: Host.cores, slots: config.slots,
            sequences: config.batch.sequences)
        if let hint = count.hint { announce(hint) }
        if hostfile == nil { try prepareCorpus() }
        announce("\(count.ranks) \(count.ranks == 1 ? "rank" : "ranks")\(count.reason.map { " (\($0))" } ?? "").")
        try await options.launch(
            workerArguments + options.workerArguments, ranks: count.ranks, hostfile: hostfile,
            kernelsAreChosen: options.kernels != nil, display: display, announce: announce)
    }

    /// With several hosts the workers' first rank does it, where its host keeps the run.
    private func prepareCorpus() throws {
        let progress = CorpusProgressLine()
        defer { progress.finish() }
        _ = try CorpusPreparation.prepare(config.corpus, cache: RunDirectory.corpora) { progress.show($0) }
    }
}
