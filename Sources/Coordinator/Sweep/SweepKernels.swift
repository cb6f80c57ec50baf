import Experiment
import Foundation

/// The kernel set of a sweep's runs: that of the first that was begun, so that a sweep which goes on elsewhere has one
/// arithmetic, as a run has.
struct SweepKernels {
    /// Nil for the strongest that all hosts have, or what `--kernels` says.
    private let name: String?
    /// Whether runs that are pinned to another set go on with this one.
    private let replaces: Bool

    /// - Throws: `Failure(.usage)` when this machine does not run the set of the runs that are there, unless
    ///   `--allow-other-arithmetic` is given: then the strongest that it runs is taken.
    init(_ plan: SweepPlan, in folder: SweepFolder, found: SweepState, options: LaunchOptions) async throws {
        let begun = plan.runs.lazy.compactMap { RunRecord.kernels(of: folder.directory(of: $0)) }.first
        guard options.kernels == nil, let begun, !found.runs.allSatisfy(\.isSettled) else {
            (name, replaces) = (nil, false)
            return
        }
        // Of other hosts the workers tell.
        let own = options.hostfile == nil ? try await Self.ofThisMachine() : [begun]
        if own.contains(begun) {
            (name, replaces) = (begun, false)
            return
        }
        guard options.allowOtherArithmetic else {
            throw Failure(
                .usage,
                "The runs in \(folder.url.relativePath) were begun with the kernel set \(begun), and this machine runs "
                    + "\(own.joined(separator: ", ")): go on where it runs, or take other bits with --allow-other-arithmetic."
            )
        }
        (name, replaces) = (own.last, true)
    }

    /// For the worker of a run. A run that was begun knows its own set.
    func arguments(for run: RunDirectory) -> [String] {
        guard let name, replaces || RunRecord.kernels(of: run) == nil else { return [] }
        return ["--kernels", name]
    }

    /// The strongest last.
    private static func ofThisMachine() async throws -> [String] {
        try await WorkerExecutable.output(["kernels"]).split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
