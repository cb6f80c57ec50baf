import ArgumentParser
import Communication
import Experiment
import Foundation
import Tensors
import Training

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train, as one of the ranks that mpirun started, or alone.",
        discussion: """
            Examples:
              mpirun -n 2 apus-worker configs/books.yaml
              mpirun -n 3 apus-worker --run checkpoints/books
              apus-worker configs/quickstart.yaml --set steps=20
              mpirun -n 2 apus-worker configs/decay.yaml --run checkpoints/decay-400 --from checkpoints/trunk
            """)

    @Argument(help: "The configuration; left out, the run goes on that --run names.") var config: String?
    @Option(name: .customLong("run"), help: "The run folder; checkpoints/<name> unless given.") var folder: String?
    @Option(
        name: .customLong("from"),
        help: "Begin with the steps of another run of the same configuration, as far as the learning rates agree.")
    var trunk: String?
    @Option(name: .customLong("set"), help: "Replace one value of the configuration, as in batch.sequences=64.")
    var settings: [String] = []
    @Option(help: "Kernel set: avx512, avx2 or baseline.") var kernels: KernelSet?
    @Flag(help: "Move an earlier run of the folder aside and begin anew.") var fresh = false
    @Flag(help: "Go on although this machine's arithmetic has other bits.") var allowOtherArithmetic = false

    func run() throws {
        let asked = try askedConfig()
        let directory = try runDirectory(asked)
        if config == nil, !settings.isEmpty {
            throw Failure(.usage, "--set changes a configuration; give the configuration's file too.")
        }
        if config == nil, trunk != nil {
            throw Failure(.usage, "--from begins a run; give its configuration's file too.")
        }
        let set = try kernelSet(directory)
        try PinnedProcess.ensure(set)
        guard Launch.isParallel else {
            let host = ProcessInfo.processInfo.hostName
            return Self.end(try work(asked, directory, set, link: OneProcess(), host: host, library: "none"))
        }
        let link = try MPICommunicator()
        do {
            let status = try work(
                asked, directory, set, link: link, host: MPICommunicator.host, library: MPICommunicator.library)
            try link.finalize()
            Self.end(status)
        } catch {
            Main.abort(link, error)
        }
    }

    /// A run that was stopped by request has told so already; its exit code says that it can go on.
    private static func end(_ status: RunEvent.Status) {
        if status == .interrupted { Foundation.exit(Experiment.ExitCode.interrupted.rawValue) }
    }

    /// What was asked for. Rank 0 tells the others, who may be on hosts that do not see the file.
    private func askedConfig() throws -> RunConfig? {
        guard let config, Launch.isFirstRank || FileManager.default.fileExists(atPath: config) else { return nil }
        return try RunConfig(file: URL(fileURLWithPath: config), overrides: settings)
    }

    private func runDirectory(_ asked: RunConfig?) throws -> RunDirectory {
        if let folder { return RunDirectory(URL(fileURLWithPath: folder)) }
        // Only rank 0 writes there.
        if asked == nil, config != nil { return .standard(name: "unseen") }
        guard let asked else {
            throw Failure(.usage, "Give a configuration to train, or --run with the folder of a run to go on with.")
        }
        return .standard(name: asked.name)
    }

    /// What was asked for, else what the run or its trunk is pinned to, else the strongest that all hosts run.
    private func kernelSet(_ directory: RunDirectory) throws -> KernelSet {
        if let kernels { return kernels }
        let own = try fresh ? nil : Provenance.read(directory)
        let ofTrunk = try trunk.flatMap { try Provenance.read(RunDirectory(URL(fileURLWithPath: $0))) }
        guard let pinned = own?.kernels ?? ofTrunk?.kernels else { return Launch.strongestKernels }
        let directory = own == nil ? RunDirectory(URL(fileURLWithPath: trunk ?? "")) : directory
        guard let set = KernelSet(rawValue: pinned) else {
            throw Failure(.badData, "\(directory.provenance.path) names an unknown kernel set \(pinned).")
        }
        guard set.isSupported else {
            throw Failure(
                .usage,
                "\(directory.url.path) was begun with the kernel set \(pinned), which this machine does not run; "
                    + "go on elsewhere, or give --kernels \(KernelSet.strongest.rawValue) --allow-other-arithmetic.")
        }
        return set
    }

    private func work<Link: Communicator>(
        _ asked: RunConfig?, _ directory: RunDirectory, _ set: KernelSet, link: Link, host: String, library: String
    ) throws -> RunEvent.Status {
        let printer = ProgressPrinter(speaks: link.rank == 0)
        let signals = StopSignals()
        let launch = LaunchSettings(
            directory: directory, trunk: trunk.map { RunDirectory(URL(fileURLWithPath: $0)) }, kernels: set,
            fresh: fresh, allowsOtherArithmetic: allowOtherArithmetic, host: host,
            mpiLibrary: library, version: ApusWorker.version)
        let run = try TrainingRun(config: asked, settings: launch, link: link, report: printer.show)
        return try run.run(stopRequested: { signals.isRaised })
    }
}
