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
        let mpirun = try Launch.findMPIRun(options.mpirun)
        let worker = try WorkerExecutable.path()
        let count = try RankCount(
            asked: options.ranks, hostfile: hostfile, cores: Host.cores, slots: config.slots,
            sequences: config.batch.sequences)
        if let hint = count.hint { announce(hint) }
        if hostfile == nil { try prepareCorpus() }
        let scratch = try Scratch(ranks: count.ranks)
        defer { scratch.remove() }
        if let note = scratch.note, hostfile == nil { announce(note) }
        announce("\(count.ranks) \(count.ranks == 1 ? "rank" : "ranks")\(count.reason.map { " (\($0))" } ?? "").")
        var launch = Launch(
            mpirun: mpirun, worker: worker, workerArguments: workerArguments + options.workerArguments,
            ranks: count.ranks, hostfile: hostfile, cores: Host.cores, scratch: scratch,
            extraArguments: Launch.argumentsFromEnvironment + options.mpiArg)
        if let hostfile, options.kernels == nil {
            launch.strongestKernels = try await HostProbe.strongestCommonSet(launch, hosts: hostfile.entries.count)
        }
        try await Launcher(launch: launch, display: display).run()
    }

    /// With several hosts the workers' first rank does it, where its host keeps the run.
    private func prepareCorpus() throws {
        let progress = CorpusProgressLine()
        defer { progress.finish() }
        _ = try CorpusPreparation.prepare(config.corpus, cache: RunDirectory.corpora) { progress.show($0) }
    }
}
