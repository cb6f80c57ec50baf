import Corpus
import Experiment
import Foundation
import ScalingLaws

/// The tables of a set of runs (DESIGN §5): `runs`, one row per run, `curves`, one row per step, and `evaluations`, one
/// row per evaluation and source.
struct RunTables {
    let records: [RunRecord]

    /// Reads every run that the paths name.
    /// - Throws: `Failure(.badData)` where there is none, or one does not read.
    init(paths: [String]) throws {
        records = try paths.flatMap { path in
            let directories = try RunRecord.directories(at: path)
            guard !directories.isEmpty else {
                throw Failure(.badData, "\(path) holds no run: there is no config.yaml in it or in the folders below.")
            }
            return try directories.map { try RunRecord($0) }
        }
    }

    init(records: [RunRecord]) { self.records = records }

    /// The columns of `runs` and what they are, in the order of the table.
    static let documentation: [(name: String, meaning: String)] = runColumns.map { ($0.name, $0.meaning) }

    var runs: Table {
        Table(
            source: "runs",
            columns: Self.runColumns.map { column in
                Table.Column(name: column.name, cells: records.map { column.cell(RunRow($0)) })
            })
    }

    var curves: Table {
        let lines = records.flatMap(\.rows).map { $0.csv.split(separator: ",", omittingEmptySubsequences: false) }
        return Table(
            source: "curves",
            columns: LedgerRow.columns.enumerated().map { index, name in
                Table.Column(name: name, cells: lines.map { String($0[index]) })
            })
    }

    /// The held-out losses of each source; nil when no run has them, as runs of earlier versions.
    var evaluations: Table? {
        let rows = records.flatMap(\.sourceEvaluations).map(\.cells)
        guard !rows.isEmpty else { return nil }
        return Table(
            source: "evaluations",
            columns: EvaluationRow.columns.enumerated().map { index, name in
                Table.Column(name: name, cells: rows.map { $0[index] })
            })
    }

    /// Theory's word, when all runs are on one calibration source.
    var calibration: CalibrationTheory? {
        guard !records.isEmpty else { return nil }
        let sources = records.map { record -> CalibrationTheory? in
            record.config.corpus.calibration.map {
                CalibrationTheory(alphabet: $0.alphabet, key: $0.key, value: $0.value, exponent: $0.exponent)
            }
        }
        return sources.allSatisfy { $0 == sources[0] } ? sources[0] : nil
    }

    private struct RunColumn: Sendable {
        let name: String
        let meaning: String
        let cell: @Sendable (RunRow) -> String

        init(_ name: String, _ meaning: String, _ cell: @escaping @Sendable (RunRow) -> (any CustomStringConvertible)?)
        {
            self.name = name
            self.meaning = meaning
            self.cell = { row in cell(row).map { "\($0)" } ?? "" }
        }
    }

    private static let runColumns: [RunColumn] = [
        RunColumn("run", "the configuration's name") { $0.config.name },
        RunColumn("status", "complete, diverged or partial") { $0.record.status.rawValue },
        RunColumn("schedule_fraction", "steps taken of the steps that the learning rate was laid out for") {
            Double($0.record.step) / Double($0.config.steps)
        },
        RunColumn("tokens", "D, tokens seen") { $0.last?.tokens },
        RunColumn("unique_tokens", "tokens seen at least once") { $0.last?.uniqueTokens },
        RunColumn("n_non_embedding", "parameters without token and position embeddings") {
            $0.last?.nonEmbeddingParameters
        },
        RunColumn("n_with_head", "non-embedding parameters and the head") { $0.parametersWithHead },
        RunColumn("n_total", "all parameters, the tied head once") { $0.last?.totalParameters },
        RunColumn("flops_6nd", "6 n_total tokens") { $0.last?.flops6ND },
        RunColumn("flops_exact", "training FLOPs with attention and head") { $0.last?.flopsExact },
        RunColumn("pf_days", "flops_6nd in PF-days of 8.64e19") { ($0.last?.flops6ND).map { $0 / 8.64e19 } },
        RunColumn("loss_final", "last held-out loss, nats per token") { $0.final?.loss },
        RunColumn("loss_final_se", "its standard error over sequences") { $0.final?.standardError },
        RunColumn("loss_best", "lowest held-out loss") { $0.bestLoss },
        RunColumn("loss_smoothed", "training loss at the end, smoothed by a Gaussian of 10 steps") { $0.smoothedLoss },
        RunColumn("bits_per_byte", "loss_final per byte of held-out text, for text") { $0.final?.bitsPerByte },
        RunColumn("seed", "of initial parameters, and of the data where it differs") { $0.seed },
        RunColumn("optimizer", "its kind") { $0.config.optimizer.kind.rawValue },
        RunColumn("schedule", "kind of the learning rate's course") { $0.config.schedule.kind.rawValue },
        RunColumn("learning_rate", "its peak") { $0.config.schedule.peak },
        RunColumn("tokenizer", "or calibration, for that source") { $0.tokenizer },
        RunColumn("layers", "of the model") { $0.config.model.layers },
        RunColumn("width", "of the model") { $0.config.model.width },
        RunColumn("heads", "of the model") { $0.config.model.heads },
        RunColumn("context", "tokens of a sequence") { $0.config.model.context },
        RunColumn("batch_tokens", "tokens of a step") { $0.config.tokensPerStep },
        RunColumn("config_hash", "SHA-256 of what the run's arithmetic depends on") { $0.config.hash },
    ]
}

/// What one row of `runs` is computed from.
private struct RunRow {
    let record: RunRecord
    var config: RunConfig { record.config }
    var last: LedgerRow? { record.rows.last }
    var final: RunEvent.Evaluated? { record.evaluations.last }

    init(_ record: RunRecord) { self.record = record }

    /// The head is the token embedding, so only the position embedding is left out.
    var parametersWithHead: Int? { last.map { $0.totalParameters - config.model.context * config.model.width } }

    var bestLoss: Double? { record.evaluations.map(\.loss).min() }

    /// One-sided Gaussian window (Hoffmann et al. 2022, approach 1, smooth with 10 steps).
    var smoothedLoss: Double? {
        let losses = record.rows.suffix(40).map(\.trainLoss)
        guard !losses.isEmpty else { return nil }
        let weights = losses.indices.map { i in
            let distance = Double(losses.count - 1 - i) / 10
            return PortableMath.exp(-distance * distance / 2)
        }
        return zip(losses, weights).map { $0 * $1 }.reduce(0, +) / weights.reduce(0, +)
    }

    var seed: String {
        let seed = config.seed
        return seed.initialization == seed.data ? "\(seed.data)" : "init \(seed.initialization) data \(seed.data)"
    }

    var tokenizer: String? {
        if config.corpus.calibration != nil { return "calibration" }
        guard let prepared = config.corpus.prepared else { return config.corpus.tokenizer }
        let corpus = try? PreparedCorpus(opening: URL(fileURLWithPath: prepared), verifying: false)
        return corpus?.tokenizer.description.kind
    }
}
