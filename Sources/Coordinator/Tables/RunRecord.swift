import Experiment
import Foundation

/// A run folder as it was left: configuration, ledger, events, and how the run stands.
struct RunRecord {
    let directory: RunDirectory
    let config: RunConfig
    /// Rows 1, 2, 3, …; a running worker may add more.
    let rows: [LedgerRow]
    let events: [RunEvent]
    /// Held-out losses by source, in the order of their steps; none of a run of an earlier version.
    let sourceEvaluations: [EvaluationRow]

    /// How a run stands.
    enum Status: String {
        case complete, diverged, partial, running
    }

    init(_ directory: RunDirectory) throws {
        self.directory = directory
        config = try directory.loadConfig()
        rows = try Ledger.read(directory.ledger)
        sourceEvaluations = try EvaluationTable.read(directory.evaluations)
        let text = FileManager.default.contents(atPath: directory.events.path) ?? Data()
        events = String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { RunEvent(line: $0) }
    }

    /// Of the corpus that the run was begun with; nil before its first launch.
    var corpusDigest: String? { Self.corpusDigest(of: directory) }

    /// Of the corpus that the run in a folder was begun with; nil before its first launch.
    static func corpusDigest(of directory: RunDirectory) -> String? { provenance(of: directory, "corpus_digest") }

    /// The kernel set that the run in a folder is pinned to; nil before its first launch.
    static func kernels(of directory: RunDirectory) -> String? { provenance(of: directory, "kernels") }

    private static func provenance(of directory: RunDirectory, _ key: String) -> String? {
        let data = FileManager.default.contents(atPath: directory.provenance.path) ?? Data()
        let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        return object?[key] as? String
    }

    /// What was recorded: complete, diverged, or else partial.
    var status: Status {
        if let last = rows.last, last.step == config.steps { return .complete }
        if let ended {
            switch ended.status {
            case .complete, .stoppedEarly: return .complete
            case .diverged: return .diverged
            case .interrupted: return .partial
            }
        }
        return .partial
    }

    /// Whether the last loss is one of a whole schedule: a run that was stopped early is complete, but where its rate was
    /// to decay its loss stands in mid-schedule.
    var reachedItsEnd: Bool {
        status == .complete && (step == config.steps || config.schedule.kind == .constant)
    }

    /// The same, with runs that something still writes to. Files are the only trace that a run on other hosts leaves,
    /// so a recent change counts as a sign of life.
    func statusNow(_ now: Date = Date()) -> Status {
        guard ended == nil, let changed, now.timeIntervalSince(changed) < max(60, 5 * longestPause) else {
            return status
        }
        return .running
    }

    /// Updates taken.
    var step: Int { rows.last?.step ?? 0 }

    var ended: RunEvent.Ended? {
        // A launch after the last end goes on with the run.
        for event in events.reversed() {
            switch event {
            case .ended(let ended): return ended
            case .started: return nil
            default: continue
            }
        }
        return nil
    }

    /// Held-out losses in the order of their steps: the ledger's, and the one before the first update, which only the
    /// events have. Bits per byte are the loss times a constant of the held-out text.
    var evaluations: [RunEvent.Evaluated] {
        let told = events.compactMap { if case .evaluated(let evaluated) = $0 { evaluated } else { nil } }
        let bitsPerNat = told.lazy.compactMap { event in event.bitsPerByte.map { $0 / event.loss } }.first
        let measured = rows.compactMap { row in
            row.evalLoss.map { loss in
                RunEvent.Evaluated(
                    time: 0, step: row.step, loss: loss, standardError: row.evalLossStandardError ?? 0,
                    bitsPerByte: bitsPerNat.map { $0 * loss })
            }
        }
        return (told.first { $0.step == 0 }.map { [$0] } ?? []) + measured
    }

    /// When anything of the run was last written.
    var changed: Date? {
        [directory.ledger, directory.events, directory.config].compactMap { file in
            (try? FileManager.default.attributesOfItem(atPath: file.path))?[.modificationDate] as? Date
        }.max()
    }

    /// Seconds between two rows, as the last launch began and wrote them.
    private var longestPause: Double {
        guard case .started(let started)? = events.last(where: { if case .started = $0 { true } else { false } }),
            let changed, step > started.step
        else { return 0 }
        return (changed.timeIntervalSince1970 - started.time) / Double(step - started.step)
    }

    /// The run folders that `path` names: itself, or those below it, by name; hidden and set-aside ones left out.
    static func directories(at path: String) throws -> [RunDirectory] {
        let root = RunDirectory(URL(fileURLWithPath: path))
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure(.usage, "There is no folder \(path).")
        }
        return try directories(below: root, depth: 3)
    }

    private static func directories(below folder: RunDirectory, depth: Int) throws -> [RunDirectory] {
        if folder.holdsRun { return [folder] }
        guard depth > 0 else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []
        return try names.sorted { $0.localizedStandardCompare($1) == .orderedAscending }
            .filter { !$0.hasPrefix(".") && !$0.contains(".old-") }
            .flatMap { name in
                let inside = folder.url.appendingPathComponent(name)
                guard (try? inside.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true else {
                    return [RunDirectory]()
                }
                return try directories(below: RunDirectory(inside), depth: depth - 1)
            }
    }
}
