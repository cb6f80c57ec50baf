import ArgumentParser
import Checkpoints
import Communication
import Experiment
import Foundation
import Tensors
import Training

/// A training state written and read back as a run does it, all ranks taking part.
struct BenchCheckpoint: RankedBench {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Seconds and MB/s of writing a training state, and of reading it back.",
        discussion: """
            Writes the parameters and both moments, sync included; then verifies every byte and reads them, from the \
            system's cache where it still has them. Medians of the repeats. The files are removed.

            Examples:
              apus bench checkpoint --layers 12 --width 768 --heads 12 --context 512 --vocabulary 50304 --sequences 2
              apus bench checkpoint --dir /scratch --ranks 2 --repeats 5 --json
            """)

    @OptionGroup var shape: BenchShape
    @Option(help: ArgumentHelp("Where to write; default: the system's temporary folder.", valueName: "folder"))
    var dir: String?
    @Option(help: "Times to write and read; the medians count.") var repeats = 3
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard repeats > 0 else { throw ValidationError("--repeats \(repeats): at least 1 is measured.") }
    }

    struct Result: BenchResult {
        /// Of the file.
        let bytes: Int
        let parameters: Int
        let writeSeconds: Double
        /// Verifying every byte included.
        let readSeconds: Double
        let writeMegabytesPerSecond: Double
        let readMegabytesPerSecond: Double
        let repeats: Int
        let ranks: Int
    }

    func measure<Link: Communicator>(_ kernels: Kernels, link: Link) throws -> Result {
        let trainer = try shape.trainer(steps: 1, link: link, kernels: kernels)
        _ = try trainer.takeStepWithReceipt()
        // Rank 0 writes and reads; the others bring and take their shards.
        guard link.rank == 0 else { return try measure(trainer, in: FileManager.default.temporaryDirectory) }
        return try ScratchFolder.use(in: dir) { try measure(trainer, in: $0) }
    }

    private func measure<Link: Communicator>(_ trainer: Trainer<Link>, in folder: URL) throws -> Result {
        var bytes = 0
        var writes: [Double] = []
        var reads: [Double] = []
        for repetition in 0..<repeats {
            let place = folder.appendingPathComponent("\(repetition)")
            try trainer.link.barrier()
            writes.append(
                try seconds {
                    bytes = try trainer.saveCheckpoint(in: place, attributes: [:], prepare: {})?.bytes ?? 0
                    try trainer.link.barrier()
                })
            reads.append(
                try seconds {
                    try trainer.restore(trainer.link.rank == 0 ? CheckpointFolder(place).newestGood().checkpoint : nil)
                    try trainer.link.barrier()
                })
            if trainer.link.rank == 0 { try FileManager.default.removeItem(at: place) }
        }
        return Result(
            bytes: bytes, parameters: shape.model.totalParameters, writeSeconds: writes.median,
            readSeconds: reads.median, writeMegabytesPerSecond: Double(bytes) / 1e6 / writes.median,
            readMegabytesPerSecond: Double(bytes) / 1e6 / reads.median, repeats: repeats, ranks: trainer.link.ranks)
    }
}

extension BenchCheckpoint.Result {
    var text: String {
        """
        \(rounded(Double(bytes) / 1e6, 1)) MB: \(parameters) parameters and their moments, \(ranks) rank(s), \
        median of \(repeats)
        written and synced in  \(rounded(writeSeconds, 3)) s, \(rounded(writeMegabytesPerSecond, 0)) MB/s
        verified and read in   \(rounded(readSeconds, 3)) s, \(rounded(readMegabytesPerSecond, 0)) MB/s
        """
    }
}
