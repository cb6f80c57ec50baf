import ArgumentParser
import Experiment
import Foundation
import ScalingLaws

struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Whether two runs, or two ways to train with several seeds each, differ.",
        discussion: """
            Examples:
              apus compare checkpoints/books checkpoints/books-wide
              apus compare checkpoints/a checkpoints/b --seeds checkpoints/seeds
              apus compare checkpoints/a-seeds checkpoints/b-seeds --json

            Two single runs are compared on the same held-out sequences, pair by pair: what is hard for both cancels, and \
            a small difference shows. That tells of these two sets of weights only: another seed moves the loss by more. \
            Folders with several runs are taken for seeds of one way to train, and their means are compared against the \
            noise between seeds (Welch's test). --seeds names runs that differ in the seed alone, a folder for each group, \
            whose noise stands for both sides.

            A table `sequence, tokens, loss` of `apus-worker evaluate RUN --losses FILE` may stand for a run.
            """)

    @Argument(help: "A run, a folder of seeds, or a table of losses by sequence.") var a: String
    @Argument(help: "Another.") var b: String
    @Option(help: ArgumentHelp("A folder of runs that differ in the seed alone; may be repeated.", valueName: "dir"))
    var seeds: [String] = []
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
        let (first, second) = (try ComparedSide(path: a), try ComparedSide(path: b))
        try Self.requireOneText(first, second)
        var paired: PairedComparison?
        if let one = try await first.sequenceLosses(), let other = try await second.sequenceLosses() {
            paired = try PairedComparison(one, other)
        }
        let replicates = try seeds.map { try ComparedSide(path: $0).finals }
        let between = SeedComparison(first.finals, second.finals, replicates: replicates)
        guard paired != nil || between != nil else {
            throw Failure(
                .usage,
                "\(a) and \(b) cannot be compared: one of them is several seeds and the other has no final loss, or a side is a "
                    + "table; give two runs, two folders of seeds, or two tables.")
        }
        let verdict = ComparisonVerdict(
            first: first, second: second, paired: paired, between: between, hasReplicates: !seeds.isEmpty)
        Console.show(json ? try verdict.json + "\n" : Console.style.plain(verdict.text))
    }

    /// Losses on different corpora do not compare, whatever they are.
    private static func requireOneText(_ a: ComparedSide, _ b: ComparedSide) throws {
        for key in [\RunRecord.corpusDigest, \RunRecord.heldOutSetting] {
            let values = Set((a.records + b.records).compactMap { $0[keyPath: key] })
            guard values.count < 2 else {
                throw Failure(
                    .badData,
                    "\(a.path) and \(b.path) were not measured on the same held-out tokens (\(values.sorted().map { $0.prefix(24) }.joined(separator: " and "))); compare runs of one corpus with equal `evaluate` settings."
                )
            }
        }
    }
}

/// One side of a comparison: runs (seeds of one way to train), or a table of losses by sequence.
struct ComparedSide {
    let path: String
    /// Complete runs; none for a table.
    let records: [RunRecord]
    private let table: Table?

    /// - Throws: `Failure` when there is nothing to compare.
    init(path: String) throws {
        self.path = path
        let isTable = ["csv", "tsv", "jsonl"].contains(URL(fileURLWithPath: path).pathExtension)
        table = isTable ? try Table(contentsOf: URL(fileURLWithPath: path)) : nil
        let all = isTable ? [] : try RunTables(paths: [path]).records
        records = all.filter(\.reachedItsEnd)
        guard isTable || !records.isEmpty else {
            throw Failure(
                .badData,
                "\(path) holds no complete run (\(all.map { "\($0.config.name) at step \($0.step) of \($0.config.steps)" }.joined(separator: ", "))); "
                    + "a loss in mid-schedule does not compare.")
        }
    }

    /// Last held-out losses, nats per token, one per seed.
    var finals: [Double] { records.compactMap { $0.evaluations.last?.loss } }

    /// Of the only run, or of the table; nil for several seeds.
    func sequenceLosses() async throws -> SequenceLosses? {
        if let table { return try SequenceLosses(table, name: path, heldOutDigest: nil) }
        guard records.count == 1 else { return nil }
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("apus-losses-\(UUID().uuidString).csv")
        defer { try? FileManager.default.removeItem(at: file) }
        let run = records[0].directory.url.path
        let told = try await WorkerExecutable.output(["evaluate", run, "--losses", file.path, "--json"])
        let digest = try? SnakeCaseJSON.decode(Told.self, from: told).heldOutDigest
        return try SequenceLosses(Table(contentsOf: file), name: path, heldOutDigest: digest)
    }

    private struct Told: Decodable { let heldOutDigest: String? }
}

extension RunRecord {
    /// How much is held out and in what sequences, as far as the configuration tells.
    fileprivate var heldOutSetting: String? { "context \(config.model.context), tokens \(config.evaluate.tokens)" }
}
