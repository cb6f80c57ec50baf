import Checkpoints
import Corpus
import Experiment
import Foundation
import Tensors

/// Rank 0's hold on the run folder: what is in it when a launch begins, and what the launch adds.
final class RunFolder {
    let directory: RunDirectory
    let config: RunConfig
    let corpus: PreparedCorpus
    /// Where to go on from; nil to begin.
    let checkpoint: Checkpoint?
    /// That checkpoint is another run's, and this run has none yet.
    let beginsOnTrunk: Bool
    /// Held-out losses in the ledger up to that checkpoint.
    let evaluations: [Double]
    private let lock: RunLock
    private let ledger: Ledger
    private let evaluationTable: EvaluationTable
    private let report: (RunEvent) -> Void
    private var provenance: Provenance

    /// Checks the folder against what was asked for, and the corpus; creates the folder where there is none.
    /// - Parameter approve: refuses, by throwing, what the hosts cannot carry.
    /// - Throws: `Failure` or `CheckpointError`; then nothing that was there is changed.
    init(
        config asked: RunConfig?, settings: LaunchSettings, fingerprint: [UInt8],
        report: @escaping (RunEvent) -> Void, approve: (RunConfig, ModelShape) throws -> Void
    ) throws {
        directory = settings.directory
        self.report = report
        let hexadecimal = fingerprint.hexadecimal
        var wanted = try asked ?? directory.loadConfig()
        let corpus = try CorpusPreparation.prepare(wanted.corpus, cache: RunDirectory.corpora) { progress in
            if case .message(let text) = progress { report(.message(.init(time: now(), text: text))) }
        }
        wanted.model.vocabulary = wanted.model.vocabulary ?? corpus.vocabulary
        // What the corpus cannot give is refused before an earlier run is moved aside.
        _ = try TrainingData(corpus, config: wanted)
        _ = try HeldOutData(corpus, config: wanted)
        try approve(wanted, wanted.model.shape(tokenizerVocabulary: corpus.vocabulary))
        let begun = try !settings.fresh && !CheckpointFolder(directory.checkpoints).steps().isEmpty
        let trunk = try begun ? nil : settings.trunk.map { try Trunk($0, for: wanted, corpus: corpus) }
        if let trunk {
            try Self.require(
                trunk.provenance, of: trunk.origin.folder, corpus: corpus, settings: settings, fingerprint: hexadecimal)
        }
        if settings.fresh, directory.holdsRun {
            // Held while the folder moves: a run that is still going on keeps it.
            let earlier = try RunLock(directory)
            let aside = try withExtendedLifetime(earlier) { try settings.directory.moveAside() }
            if let aside { report(.message(.init(time: now(), text: "The earlier run was moved to \(aside.path)."))) }
        }
        let resumes = directory.holdsRun
        if resumes {
            try Self.requireSame(wanted, as: try directory.loadConfig(), in: directory)
        } else {
            try directory.create()
        }
        lock = try RunLock(directory)
        provenance =
            try Provenance.read(directory)
            ?? Provenance(
                run: wanted.name, configHash: wanted.hash, corpusDigest: corpus.contentDigest,
                corpusFolder: corpus.folder.path, kernels: settings.kernels.rawValue, fingerprint: hexadecimal,
                launches: [])
        try Self.require(
            provenance, of: directory.url.path, corpus: corpus, settings: settings, fingerprint: hexadecimal)
        if settings.allowsOtherArithmetic {
            (provenance.kernels, provenance.fingerprint) = (settings.kernels.rawValue, hexadecimal)
        }

        let found = try CheckpointFolder(directory.checkpoints).newestGood()
        for message in found.messages { report(.message(.init(time: now(), text: message))) }
        checkpoint = found.checkpoint ?? trunk?.checkpoint
        beginsOnTrunk = trunk != nil
        if found.checkpoint == nil { provenance.trunk = trunk?.origin }
        let step = found.checkpoint?.step ?? 0
        let taken = try trunk?.ledger ?? Ledger.read(directory.ledger, atMost: step)
        // A ledger that is too short has a refusal of its own.
        let covered =
            try trunk?.evaluations ?? (taken.count < step ? [] : Self.evaluationRows(directory, taken, corpus))
        ledger =
            try trunk.map { try Ledger(at: settings.directory.ledger, keeping: $0.ledger) }
            ?? Ledger(at: directory.ledger, resumingAfter: step)
        evaluationTable = try EvaluationTable(at: directory.evaluations, keeping: covered)
        evaluations = taken.compactMap(\.evalLoss)
        self.config = wanted
        self.corpus = corpus
    }

    /// The rows of the table of evaluations that go with these rows of the ledger.
    static func evaluationRows(
        _ directory: RunDirectory, _ taken: [LedgerRow], _ corpus: PreparedCorpus
    ) throws -> [EvaluationRow] {
        let sources = corpus.sources.map(\.name)
        return try EvaluationTable.rows(
            at: directory.evaluations, upTo: taken.count, evaluated: taken.filter { $0.evalLoss != nil }.map(\.step),
            sources: sources.count == 1 ? sources : sources + [MixtureRecipe.nameOfAll])
    }

    /// All that decides the arithmetic must be as it was; how often to save and where the corpus lies may differ.
    private static func requireSame(_ wanted: RunConfig, as old: RunConfig, in directory: RunDirectory) throws {
        let different = wanted.keysThatDiffer(from: old)
        guard different.isEmpty else {
            let values = different.map { "\($0) (\(old.text(ofKey: $0)) there, \(wanted.text(ofKey: $0)) asked for)" }
            throw Failure(
                .usage,
                "\(directory.url.path) holds a run with another \(values.joined(separator: ", ")); give "
                    + "another --run folder, or --fresh to move the old run aside.")
        }
    }

    private static func require(
        _ provenance: Provenance, of directory: String, corpus: PreparedCorpus, settings: LaunchSettings,
        fingerprint: String
    ) throws {
        guard provenance.corpusDigest == corpus.contentDigest else {
            throw Failure(
                .badData,
                "The corpus is not the one that \(directory) was begun with (digest "
                    + "\(corpus.contentDigest.prefix(16)) instead of \(provenance.corpusDigest.prefix(16))); bring that one "
                    + "back, or start with --fresh.")
        }
        guard !settings.allowsOtherArithmetic else { return }
        guard provenance.kernels == settings.kernels.rawValue else {
            throw Failure(
                .usage,
                "\(directory) was begun with the kernel set \(provenance.kernels); go on with --kernels "
                    + "\(provenance.kernels), or accept other bits with --allow-other-arithmetic.")
        }
        guard provenance.fingerprint == fingerprint else {
            throw Failure(
                .usage,
                "This machine's \(provenance.kernels) arithmetic is not that of the machine on which \(directory) "
                    + "was begun (another OpenBLAS?); accept other bits with --allow-other-arithmetic.")
        }
    }

    /// Notes this launch in the provenance; a first one makes the folder a run's.
    func begin(atStep step: Int, ranks: Int, hosts: [String], settings: LaunchSettings) throws {
        provenance.launches.append(
            .init(
                time: Date().ISO8601Format(), fromStep: step, ranks: ranks, hosts: hosts, cpu: processorName(),
                blas: BLAS.configuration, blasCore: BLAS.coreName, mpi: settings.mpiLibrary, apus: settings.version))
        try provenance.write(to: directory)
        if !directory.holdsRun { try DurableFile.replace(directory.config, with: Data(config.yaml.utf8)) }
        if !FileManager.default.fileExists(atPath: directory.timings.path) {
            try DurableFile.append(Self.timingColumns.joined(separator: ",") + "\n", to: directory.timings)
        }
        if beginsOnTrunk, let trunk = provenance.trunk {
            let text =
                "Begins with step \(trunk.step) of \(trunk.run) (\(trunk.folder)), whose checkpoint has the digest "
                + "\(trunk.digest)."
            note(.message(.init(time: now(), text: text)))
        }
    }

    static let timingColumns =
        ["run", "step", "seconds", "tokens_per_second"] + StepSeconds().parts.map { "seconds_\($0.name)" } + [
            "ranks", "hosts",
        ]

    /// Appends a step to the ledger and the timings.
    func record(_ row: LedgerRow, seconds: StepSeconds) {
        ledger.append(row)
        guard let launch = provenance.launches.last else { return }
        let values =
            [seconds.total, Double(row.batchTokens) / seconds.total] + seconds.parts.map(\.seconds)
        let line = [row.run, "\(row.step)"] + values.map { "\($0)" } + ["\(launch.ranks)", "\(launch.hosts.count)"]
        // Timings and events are outside of the promise: a full disk must not end the run for them.
        try? DurableFile.append(line.joined(separator: ",") + "\n", to: directory.timings)
    }

    /// Adds to `events.jsonl` as long as the disk takes it, and tells.
    func note(_ event: RunEvent) {
        keep(event)
        report(event)
    }

    /// Adds to `events.jsonl` what is told in another way: the error that ends the launch.
    func keep(_ event: RunEvent) { try? DurableFile.append(event.line(), to: directory.events) }

    /// Appends an evaluation's rows to the table of evaluations.
    func record(_ rows: [EvaluationRow]) { evaluationTable.append(rows) }

    func synchronize() throws {
        try ledger.synchronize()
        try evaluationTable.synchronize()
    }

    /// What checkpoints carry beside the state.
    var attributes: [String: String] {
        ["run": config.name, "kernels": provenance.kernels, "corpus_digest": provenance.corpusDigest]
    }

    /// Notes a committed checkpoint and lets old ones go.
    func committed(_ record: CommitRecord, seconds: Double) {
        note(
            .checkpointed(
                .init(
                    time: now(), step: record.step, file: record.file, digest: record.digest, seconds: seconds)))
        do {
            _ = try CheckpointFolder(directory.checkpoints).retain(
                keep: config.checkpoint.keep, always: config.checkpoint.at)
        } catch {
            note(.message(.init(time: now(), text: "Old checkpoints could not be removed: \(error)")))
        }
    }
}
