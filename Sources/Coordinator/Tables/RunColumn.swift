import Corpus
import Experiment
import Foundation
import ScalingLaws

/// A column of `runs`: its name, what it is, and its cell for a run; empty where there is nothing to tell.
struct RunColumn: Sendable {
    let name: String
    let meaning: String
    let cell: @Sendable (RunRow) -> String

    init(_ name: String, _ meaning: String, _ cell: @escaping @Sendable (RunRow) -> (any CustomStringConvertible)?) {
        self.name = name
        self.meaning = meaning
        self.cell = { row in cell(row).map { "\($0)" } ?? "" }
    }

    /// In the order of the table.
    static let all: [RunColumn] = [
        RunColumn("run", "the configuration's name") { $0.config.name },
        RunColumn("status", "complete, diverged or partial") { $0.record.status.rawValue },
        RunColumn("schedule_fraction", "steps taken of the steps that the learning rate was laid out for") {
            Double($0.record.step) / Double($0.config.steps)
        },
        RunColumn("role", "run, or trunk for a run that others branch from") { $0.role },
        RunColumn("steps", "updates taken") { $0.record.step },
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
        RunColumn("noise_scale", "gradient noise scale at the end, tokens, smoothed over about 200 steps") {
            $0.noiseScale
        },
        RunColumn("seed", "of initial parameters, and of the data where it differs") { $0.seed },
        RunColumn("seed_init", "of the initial parameters") { $0.config.seed.initialization },
        RunColumn("seed_data", "of the order of the data") { $0.config.seed.data },
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
        RunColumn("cluster", "what is one draw of chance: the run, or WSD runs that share their constant part") {
            $0.config.cluster
        },
    ]
}

/// What one row of `runs` is computed from.
struct RunRow {
    let record: RunRecord
    var config: RunConfig { record.config }
    var last: LedgerRow? { record.rows.last }
    var final: RunEvent.Evaluated? { record.evaluations.last }

    init(_ record: RunRecord) { self.record = record }

    /// The head is the token embedding, so only the position embedding is left out.
    var parametersWithHead: Int? { last.map { $0.totalParameters - config.model.context * config.model.width } }

    var bestLoss: Double? { record.evaluations.map(\.loss).min() }

    /// McCandlish et al. 2018: the averages of numerator and denominator, divided last; nil where no step was measured.
    var noiseScale: Double? {
        let steps = record.rows.map { row in
            row.gradientSquare.flatMap { square in
                row.gradientNoise.map { (gradientSquare: square, gradientNoise: $0) }
            }
        }
        return NoiseScale.smoothed(steps).last ?? nil
    }

    /// A trunk is trained to be branched from: its own end is no finished run.
    var role: String { config.name.hasSuffix("-trunk") ? "trunk" : "run" }

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
