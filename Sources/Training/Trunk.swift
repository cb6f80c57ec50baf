import Checkpoints
import Corpus
import Experiment
import Foundation

/// What another run has taken off this one's hands: its steps up to one of its checkpoints, which this run would take
/// to the same bits. Decays of several lengths are so made from one constant stretch (Hägele et al. 2024).
struct Trunk {
    let checkpoint: Checkpoint
    /// Rows of the steps up to the checkpoint, as this run would have written them.
    let ledger: [LedgerRow]
    let evaluations: [EvaluationRow]
    let origin: Provenance.Origin
    /// The other run's.
    let provenance: Provenance

    /// The newest checkpoint of the run in `directory` whose steps are also `wanted`'s: all that decides the arithmetic
    /// is equal, and so is the learning rate of every update before it.
    /// - Throws: `Failure(.usage)` when there is none, naming what differs; `Failure(.badData)` or `CheckpointError`
    ///   when the run there does not read.
    init(_ directory: RunDirectory, for wanted: RunConfig, corpus: PreparedCorpus) throws {
        let config = try directory.loadConfig()
        let own = ["name", "steps", "schedule"]  // The rates are compared update by update.
        let different = wanted.keysThatDiffer(from: config).filter { !own.contains($0) }
        guard different.isEmpty else {
            let values = different.map { key in
                "\(key) (\(config.text(ofKey: key)) there, \(wanted.text(ofKey: key)) asked for)"
            }
            throw Failure(
                .usage,
                "\(wanted.name) cannot begin with steps of \(directory.url.path): that run has another "
                    + "\(values.joined(separator: ", ")). Make them equal, or leave --from out.")
        }
        guard let provenance = try Provenance.read(directory), provenance.corpusDigest == corpus.contentDigest else {
            throw Failure(
                .usage,
                "\(wanted.name) cannot begin with steps of \(directory.url.path): that run has another corpus (its "
                    + "digest is not \(corpus.contentDigest.prefix(16))). Use the same text, or leave --from out.")
        }
        self.provenance = provenance
        let common = Self.commonSteps(wanted, config)
        let found = try Self.newestCheckpoint(in: directory, atMost: min(common, wanted.steps - 1))
        guard let found else {
            let steps = try CheckpointFolder(directory.checkpoints).steps().map(String.init)
            let remedy =
                common == 0
                ? "Make `schedule` equal"
                : "Save one there with `checkpoint: {at: [\(min(common, wanted.steps - 1))]}`"
            throw Failure(
                .usage,
                "\(wanted.name) cannot begin with steps of \(directory.url.path): the learning rates are the same up to "
                    + "step \(common), and that run has no good checkpoint so early (it has "
                    + "\(steps.isEmpty ? "none" : steps.joined(separator: ", "))). \(remedy), or leave --from out.")
        }
        checkpoint = found
        let step = found.step
        let rows = try Ledger.read(directory.ledger, atMost: step)
        guard rows.count == step else {
            throw Failure(
                .badData,
                "\(directory.ledger.path) holds \(rows.count) whole rows, fewer than the \(step) steps of "
                    + "\(found.file.lastPathComponent); bring the ledger back, or leave --from out.")
        }
        let table = try RunFolder.evaluationRows(directory, rows, corpus)
        // A run's last step is always evaluated, be it due or not; here it is not the last.
        let isExtra = step == config.steps && wanted.evaluate.every.map { step % $0 != 0 } ?? true
        ledger = rows.map { row in
            var row = row
            row.run = wanted.name
            if isExtra, row.step == step { (row.evalLoss, row.evalLossStandardError) = (nil, nil) }
            return row
        }
        evaluations = table.filter { !isExtra || $0.step < step }.map { row in
            var row = row
            row.run = wanted.name
            return row
        }
        origin = Provenance.Origin(
            run: config.name, folder: directory.url.standardizedFileURL.path, step: step, digest: found.digest)
    }

    /// The updates, from the first, at which both runs have the same learning rate.
    private static func commonSteps(_ a: RunConfig, _ b: RunConfig) -> Int {
        (0..<min(a.steps, b.steps)).prefix { a.learningRate(update: $0) == b.learningRate(update: $0) }.count
    }

    /// Damaged ones are passed over and left where they are: the run is not this launch's to mend, and may be going on.
    private static func newestCheckpoint(in directory: RunDirectory, atMost limit: Int) throws -> Checkpoint? {
        let folder = CheckpointFolder(directory.checkpoints)
        for step in try folder.steps().reversed() where step <= limit && step > 0 {
            do {
                return try folder.checkpoint(step: step)
            } catch let error as CheckpointError where error.kind == .damaged || error.errorNumber == ENOENT {
                continue
            }
        }
        return nil
    }
}
