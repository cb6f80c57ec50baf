import Experiment
import Foundation
import Reports

/// What runs take of a disk, at most.
struct SweepDisk {
    let bytes: Double

    /// Of the tables of a run: ledger, timings and events, and the rows in the sweep's own; 600 to 800 were measured.
    private static let bytesPerStep = 800.0

    /// Checkpoints are parameters and two moments, four bytes each; one more is there while the next is written.
    init(_ runs: some Sequence<SweepRun>) {
        bytes = runs.reduce(0) { bytes, run in
            let (config, steps) = (run.config, run.config.steps)
            let saved = min(config.checkpoint.keep, config.checkpoint.every.map { steps / $0 + 1 } ?? 1)
            let files = saved + 1 + config.checkpoint.at.count
            return bytes + 12 * Double(run.shape.totalParameters) * Double(files) + Self.bytesPerStep * Double(steps)
        }
    }

    var sentence: String { "at most \(Humanly.bytes(bytes)) of disk" }

    /// What a person should know of the disk that holds `path`; nil where it has room.
    func shortage(at path: String) -> String? {
        guard let free = Host.freeBytes(at: path), Double(free) < bytes else { return nil }
        return "the disk of \(path) has \(Humanly.bytes(Double(free))) free, and the runs that are left take "
            + "\(sentence): a run whose checkpoints find no room fails, and the same command goes on."
    }
}
