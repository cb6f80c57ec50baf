import Experiment
import Foundation

/// One launch of the worker under `mpirun`: who runs where, and with what environment. Pure: it starts nothing.
struct Launch {
    let mpirun: String
    let worker: String
    let workerArguments: [String]
    let ranks: Int
    let hostfile: Hostfile?
    /// Physical cores of this host.
    let cores: Int
    let scratch: Scratch
    /// Arguments for `mpirun` from the user, last, each as it is.
    let extraArguments: [String]
    /// What all hosts run, where they were asked.
    var strongestKernels: String?
    /// Whether the work leaves checkpoints to go on from.
    var resumes = true
    /// Whether other launches of ours run on this host meanwhile.
    var sharesHost = false

    /// Arguments for `mpirun`, the worker's included.
    var arguments: [String] {
        var arguments = ["-n", "\(ranks)"]
        if getuid() == 0 { arguments.append("--allow-run-as-root") }
        if let hostfile { arguments += ["--hostfile", hostfile.path] + Self.keepalive }
        if isOversubscribed { arguments += ["--oversubscribe", "--mca", "mpi_yield_when_idle", "1"] }
        if !extraArguments.contains("--bind-to") { arguments += ["--bind-to", bindsToCores ? "core" : "none"] }
        arguments += folders
        if Host.restrictsCrossMemoryAttach { arguments += ["--mca", "btl_vader_single_copy_mechanism", "none"] }
        for name in forwardedNames { arguments += ["-x", name] }
        return arguments + extraArguments + [worker] + workerArguments
    }

    /// Arguments for `mpirun` that have every host tell its kernel sets, a line each.
    func probeArguments(hosts: Int) -> [String] {
        ["-n", "\(hosts)", "--map-by", "ppr:1:node"] + (getuid() == 0 ? ["--allow-run-as-root"] : [])
            + (hostfile.map { ["--hostfile", $0.path] } ?? []) + libraryPath.flatMap { ["-x", $0] } + extraArguments
            + [worker, "kernels"]
    }

    /// What the environment of `mpirun` gets on top of the present one.
    var environment: [String: String] {
        var variables = [
            // One rank = one core = one BLAS thread; OpenBLAS reads this before main.
            "OPENBLAS_NUM_THREADS": "1",
            // Locks fail on some network file systems, and nobody else writes these files.
            "HDF5_USE_FILE_LOCKING": "FALSE",
            "APUS_PROGRESS": "json",
        ]
        variables["APUS_STRONGEST_KERNELS"] = strongestKernels
        return variables
    }

    private var isOversubscribed: Bool { ranks > (hostfile?.slots ?? cores) }

    /// A rank alone, and ranks beside other launches, are left to the system's scheduler: every mpirun counts cores from
    /// the first, so that two of them would bind their ranks to the same ones.
    private var bindsToCores: Bool { ranks > 1 && !isOversubscribed && !sharesHost }

    private var forwardedNames: [String] {
        environment.keys.sorted() + libraryPath
    }

    private var libraryPath: [String] {
        ["LD_LIBRARY_PATH"].filter { ProcessInfo.processInfo.environment[$0] != nil }
    }

    /// The launch's own folders. On other hosts they do not exist, and Open MPI 4.1 refuses a folder for this host alone
    /// (orte_local_tmpdir_base) when it starts remote daemons: with a hostfile each host uses its own /tmp.
    private var folders: [String] {
        guard hostfile == nil else { return [] }
        return ["--mca", "orte_tmpdir_base", scratch.session.path]
            + ["btl_vader", "osc_sm", "osc_rdma"].flatMap {
                ["--mca", "\($0)_backing_directory", scratch.sharedMemory.path]
            }
    }

    /// A host that vanishes is noticed after seconds; by default only after minutes.
    private static let keepalive = [("time", 3), ("intvl", 1), ("probes", 3)].flatMap {
        ["--mca", "oob_tcp_keepalive_\($0.0)", "\($0.1)"]
    }

    /// The `mpirun` that was given, or the one in the PATH.
    /// - Throws: `Failure(.worker)` when there is none.
    static func findMPIRun(_ given: String?) throws -> String {
        if let path = Host.program(given ?? "mpirun") { return path }
        throw Failure(
            .worker,
            given.map { "Cannot run \($0): there is no such program." }
                ?? "Cannot find mpirun in the PATH; install Open MPI (apt install openmpi-bin libopenmpi-dev) or give --mpirun."
        )
    }

    /// Words for `mpirun` from the environment, for clusters where every launch needs the same.
    static var argumentsFromEnvironment: [String] {
        (ProcessInfo.processInfo.environment["APUS_MPIRUN_ARGS"] ?? "").split(whereSeparator: \.isWhitespace)
            .map(String.init)
    }
}
