import Experiment
import Foundation

/// The folder of a sweep: `sweep.yaml`, a configuration for every run in `configs`, the runs' own folders, the tables and
/// the report. Held while the sweep goes on, so that no second one works on it.
final class SweepFolder: Sendable {
    let url: URL
    private let lock: FileHandle

    var sweep: URL { url.appendingPathComponent("sweep.yaml") }
    var configs: URL { url.appendingPathComponent("configs") }
    var runs: URL { url.appendingPathComponent("runs.csv") }
    var curves: URL { url.appendingPathComponent("curves.csv") }
    var evaluations: URL { url.appendingPathComponent("evaluations.csv") }
    var report: URL { url.appendingPathComponent("report.html") }

    /// Creates the folder where there is none. The system lets go of it when the process ends, however it ends.
    /// - Throws: `Failure(.worker)` when it cannot be made, or another process holds it.
    init(_ url: URL) throws {
        self.url = url
        do {
            try FileManager.default.createDirectory(
                at: url.appendingPathComponent("configs"), withIntermediateDirectories: true)
        } catch {
            throw Failure(.worker, "Cannot create the folder \(url.path): \(error.localizedDescription)")
        }
        let path = url.appendingPathComponent(".lock").path
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(.worker, "Cannot open \(path) for the lock of the sweep.") }
        lock = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(
                .worker, "\(url.relativePath) is in use by another sweep; wait for it, stop it first, or give --out.")
        }
    }

    func directory(of run: SweepRun) -> RunDirectory { RunDirectory(url.appendingPathComponent(run.name)) }

    func config(of run: SweepRun) -> URL { configs.appendingPathComponent("\(run.name).yaml") }

    /// Writes what the sweep is: its file, and every run's configuration; those of an earlier version go.
    func describe(_ plan: SweepPlan, yaml: String) throws {
        try DurableFile.replace(sweep, with: Data(yaml.utf8))
        let names = Set(plan.runs.map { config(of: $0).lastPathComponent })
        for old in (try? FileManager.default.contentsOfDirectory(atPath: configs.path)) ?? [] where !names.contains(old)
        {
            try? FileManager.default.removeItem(at: configs.appendingPathComponent(old))
        }
        for run in plan.runs { try DurableFile.replace(config(of: run), with: Data(run.config.yaml.utf8)) }
    }

    /// Run folders that the plan does not name, from an earlier version of the sweep.
    func strangers(to plan: SweepPlan) -> [String] {
        let names = Set(plan.runs.map(\.name))
        let found = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return found.sorted().filter { name in
            !names.contains(name) && !name.contains(".old-") && !name.hasPrefix(".")
                && RunDirectory(url.appendingPathComponent(name)).holdsRun
        }
    }

    /// How far the sweep of a folder is, in a line; nil for a folder of no sweep.
    static func status(_ url: URL) -> String? {
        guard FileManager.default.fileExists(atPath: url.appendingPathComponent("sweep.yaml").path),
            let files = try? FileManager.default.contentsOfDirectory(atPath: url.appendingPathComponent("configs").path)
        else { return nil }
        let names = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
        let states = names.map { name -> RunRecord.Status? in
            (try? RunRecord(RunDirectory(url.appendingPathComponent(name))))?.statusNow()
        }
        func count(_ status: RunRecord.Status?) -> Int { states.count { $0 == status } }
        let rest = [
            ("running", count(.running)), ("partial", count(.partial)), ("diverged", count(.diverged)),
            ("not begun", count(nil)),
        ]
        let details = rest.filter { $0.1 > 0 }.map { ", \($0.1) \($0.0)" }.joined()
        return "sweep \(url.lastPathComponent): \(count(.complete)) of \(names.count) runs complete\(details)"
    }
}
