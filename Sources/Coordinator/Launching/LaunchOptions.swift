import ArgumentParser
import Experiment
import Foundation

/// How workers are launched: options of every command that trains.
struct LaunchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Ranks; each is one core.",
            discussion:
                "Default: the slots of --hostfile, or this host's physical cores, at most one per slot of the global batch. The result has the same bits for every number.",
            valueName: "p"))
    var ranks: Int?

    @Option(help: ArgumentHelp("Hosts to run on, lines: name slots=N.", valueName: "file"))
    var hostfile: String?

    @Option(
        help: ArgumentHelp(
            "Kernel set: avx512, avx2 or baseline.", discussion: "Default: the strongest that all hosts have.",
            valueName: "name"))
    var kernels: String?

    @Flag(help: "Go on with a run although this machine computes other bits than the one it began on.")
    var allowOtherArithmetic = false

    @Option(help: ArgumentHelp("The mpirun to use; default: the one in the PATH.", valueName: "path"))
    var mpirun: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "One more argument for mpirun, as it is; may be repeated.",
            discussion:
                "As in --mpi-arg --mca --mpi-arg btl_tcp_if_include --mpi-arg 10.0.0.0/24. Words in APUS_MPIRUN_ARGS are added too.",
            valueName: "word"))
    var mpiArg: [String] = []

    /// The hostfile, read and checked.
    func readHostfile() throws -> Hostfile? { try hostfile.map { try Hostfile(file: $0) } }

    /// Ranks that launches side by side have together: `--ranks`, else the hostfile's slots, else this host's cores.
    /// - Throws: `Failure(.usage)` below 1.
    func places(_ hostfile: Hostfile?) throws -> Int {
        let places = ranks ?? hostfile?.slots ?? Host.cores
        guard places > 0 else { throw Failure(.usage, "\(places) ranks were asked for; at least 1 is needed.") }
        return places
    }

    /// Arguments for the worker.
    var workerArguments: [String] {
        (kernels.map { ["--kernels", $0] } ?? []) + (allowOtherArithmetic ? ["--allow-other-arithmetic"] : [])
    }
}
