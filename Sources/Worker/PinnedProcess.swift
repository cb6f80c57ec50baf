import Experiment
import Foundation
import Tensors

/// The environment that a kernel set and one BLAS thread need is read when OpenBLAS loads, before `main`: a process that
/// was started without it executes itself once more.
enum PinnedProcess {
    private static let marker = "APUS_PINNED"

    /// Returns when this process runs with `set`, or does not return: it starts again with the right variables.
    /// - Throws: `Failure(.usage)` for a set that this machine does not run; `Failure(.worker)` when OpenBLAS ignores
    ///   the variables.
    static func ensure(_ set: KernelSet) throws {
        guard set.isSupported else {
            throw Failure(
                .usage,
                "This machine does not run the kernel set \(set.rawValue); the strongest that it runs is "
                    + "\(KernelSet.strongest.rawValue): --kernels \(KernelSet.strongest.rawValue).")
        }
        let wanted = [
            "OPENBLAS_CORETYPE": set.blasCoreType, "OPENBLAS_NUM_THREADS": "1", "HDF5_USE_FILE_LOCKING": "FALSE",
        ]
        let environment = ProcessInfo.processInfo.environment
        if wanted.allSatisfy({ environment[$0.key] == $0.value }) { return try check(set) }
        guard environment[marker] == nil else {
            throw Failure(.worker, "The environment for the kernel set \(set.rawValue) did not survive a restart.")
        }
        if let preset = environment["OPENBLAS_CORETYPE"], preset != set.blasCoreType, Launch.isFirstRank {
            Main.complain(
                "OPENBLAS_CORETYPE=\(preset) is overridden by \(set.blasCoreType): it is part of the kernel set "
                    + "\(set.rawValue); choose another set with --kernels.")
        }
        for (name, value) in wanted { unsafe setenv(name, value, 1) }
        unsafe setenv(marker, "1", 1)
        execute()
        throw Failure(.worker, "Cannot start \(CommandLine.arguments[0]) again with the kernel set's environment.")
    }

    private static func check(_ set: KernelSet) throws {
        guard BLAS.threads == 1, BLAS.coreName.lowercased() == set.blasCoreType.lowercased() else {
            throw Failure(
                .worker,
                "OpenBLAS runs the core type \(BLAS.coreName) on \(BLAS.threads) threads, not "
                    + "\(set.blasCoreType) on one, as the kernel set \(set.rawValue) needs; its build ignores the "
                    + "environment, or lacks that core (\(BLAS.configuration)).")
        }
    }

    private static func execute() {
        var arguments = unsafe CommandLine.arguments.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        unsafe execv("/proc/self/exe", &arguments)
    }
}

/// How this process was started.
enum Launch {
    private static let environment = ProcessInfo.processInfo.environment

    /// Started by `mpirun` or `srun` rather than by hand.
    static var isParallel: Bool {
        ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"].contains { environment[$0] != nil }
    }

    /// The first rank, or alone: the one that speaks of what concerns all.
    static var isFirstRank: Bool {
        ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"].allSatisfy { (environment[$0] ?? "0") == "0" }
    }

    /// The strongest kernel set that all hosts of the launch run, where the coordinator asked them; else this host's.
    static var strongestKernels: KernelSet {
        environment["APUS_STRONGEST_KERNELS"].flatMap { KernelSet(rawValue: $0) } ?? .strongest
    }

    /// The coordinator reads events, one JSON object per line.
    static var reportsJSON: Bool { environment["APUS_PROGRESS"] == "json" }
}
