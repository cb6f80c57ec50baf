import Experiment
import Foundation

/// How far each run of a sweep is, in the order of the plan.
struct SweepState {
    enum Run: Equatable {
        case waiting
        /// Begun; the ledger has so many steps.
        case partial(step: Int)
        case complete
        case diverged

        /// Nothing is left to do.
        var isSettled: Bool { self == .complete || self == .diverged }

        var step: Int { if case .partial(let step) = self { step } else { 0 } }
    }

    let runs: [Run]

    /// Reads what the folder holds.
    /// - Throws: `Failure(.usage)` when other runs are in the place of some, `Failure(.badData)` when they were trained on
    ///   another text: nothing is written over.
    init(_ plan: SweepPlan, in folder: SweepFolder, corpusDigest: String) throws {
        var others: [String] = []
        var changed: [String] = []
        runs = try plan.runs.map { run in
            let directory = folder.directory(of: run)
            guard directory.holdsRun else { return .waiting }
            let record = try RunRecord(directory)
            if record.config.hash != run.config.hash { others.append(run.name) }
            if let digest = record.corpusDigest, digest != corpusDigest { changed.append(run.name) }
            return switch record.status {
            case .complete: .complete
            case .diverged: .diverged
            case .partial, .running: .partial(step: record.step)
            }
        }
        let place = folder.url.relativePath
        guard others.isEmpty else {
            throw Failure(
                .usage,
                "\(place) holds \(Self.list(others)) with another configuration than is asked for now; give another folder "
                    + "with --out, or remove \(others.count == 1 ? "that run" : "those runs").")
        }
        guard changed.isEmpty else {
            throw Failure(
                .badData,
                "\(Self.list(changed)) in \(place) was trained on the corpus as it was then, which has changed since; give "
                    + "another folder with --out, or remove \(changed.count == 1 ? "that run" : "those runs").")
        }
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(4).joined(separator: ", ")
        return (names.count == 1 ? "the run " : "the runs ") + shown
            + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }
}
