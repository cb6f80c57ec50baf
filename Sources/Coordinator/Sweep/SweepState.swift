import Checkpoints
import Experiment
import Foundation

/// How far each run of a sweep is, in the order of the plan.
struct SweepState {
    enum Run: Equatable {
        case waiting
        /// Begun; a launch goes on after so many steps.
        case partial(step: Int)
        case complete
        case diverged

        /// Nothing is left to do.
        var isSettled: Bool { self == .complete || self == .diverged }

        var step: Int { if case .partial(let step) = self { step } else { 0 } }
    }

    let runs: [Run]

    /// Reads what the folder holds.
    /// - Parameters:
    ///   - folder: of the sweep.
    ///   - corpusDigest: of the corpus as it is now; nil where it was not prepared, and then it is not compared.
    /// - Throws: `Failure(.usage)` when other runs are in the place of some, `Failure(.badData)` when they were trained on
    ///   another text: nothing is written over.
    init(_ plan: SweepPlan, in folder: URL, corpusDigest: String?) throws {
        var others: [(name: String, keys: [String])] = []
        var changed: [String] = []
        runs = try plan.runs.map { run in
            let directory = RunDirectory(folder.appendingPathComponent(run.name))
            guard directory.holdsRun else { return .waiting }
            let config = try directory.loadConfig()
            if config.hash != run.config.hash { others.append((run.name, config.keysThatDiffer(from: run.config))) }
            let digest = RunRecord.corpusDigest(of: directory)
            if let digest, let corpusDigest, digest != corpusDigest { changed.append(run.name) }
            return try Self.state(of: directory, steps: config.steps)
        }
        let place = folder.relativePath
        guard others.isEmpty else {
            throw Failure(
                .usage,
                "\(place) holds \(Self.list(others.map(\.name))) with another configuration than is asked for now "
                    + "(\(Self.difference(others.map(\.keys)))); give another folder with --out, or remove "
                    + "\(others.count == 1 ? "that run" : "those runs").")
        }
        guard changed.isEmpty else {
            throw Failure(
                .badData,
                "\(Self.list(changed)) in \(place) was trained on the corpus as it was then, which has changed since; give "
                    + "another folder with --out, or remove \(changed.count == 1 ? "that run" : "those runs").")
        }
    }

    /// A ledger with all rows is no complete run: evaluations and the last checkpoint come after its last row, and a
    /// launch that goes on from the checkpoint before makes them again, to the same bits.
    /// - Throws: `Failure(.badData)` when what its newest checkpoint covers does not read.
    private static func state(of directory: RunDirectory, steps: Int) throws -> Run {
        let saved = try CheckpointFolder(directory.checkpoints).steps().last ?? 0
        let record: RunRecord
        do {
            record = try RunRecord(directory)
        } catch let failure as Failure where failure.code == .badData {
            // A crash of the machine may leave anything behind the rows that a checkpoint covers; a launch cuts it off.
            guard try Ledger.read(directory.ledger, atMost: saved).count == saved else { throw failure }
            return .partial(step: saved)
        }
        switch record.ended?.status {
        case .complete, .stoppedEarly: return .complete
        case .diverged: return .diverged
        case .interrupted, nil: return saved == steps ? .complete : .partial(step: saved)
        }
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(4).joined(separator: ", ")
        return (names.count == 1 ? "the run " : "the runs ") + shown
            + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }

    /// What differs, in the order of a configuration; paths of the corpus are all that no key tells.
    private static func difference(_ keys: [[String]]) -> String {
        var seen = Set<String>()
        let all = keys.flatMap { $0 }.filter { seen.insert($0).inserted }
        return all.isEmpty ? "in where its corpus lies or how it was read" : "in \(all.joined(separator: ", "))"
    }
}
