/// What a run is: everything that its arithmetic depends on, and nothing about who carries it out.
public struct RunConfig: Sendable, Equatable {
    public var name: String
    public var precision: Precision
    public var model: ModelConfig
    public var corpus: CorpusConfig
    public var batch: BatchConfig
    public var optimizer: OptimizerConfig
    public var schedule: ScheduleConfig
    /// Updates of the whole run. From `tokens`, when that was given: the number of whole global batches in it.
    public var steps: Int
    public var evaluate: EvaluateConfig
    public var checkpoint: CheckpointConfig
    public var reduction: Reduction
    /// Activations of a block are computed again in backward: less memory, more time, the same bits.
    public var recompute: Bool
    public var seed: Seed

    /// Element type of parameters, gradients and moments.
    public enum Precision: String, Sendable, CaseIterable { case float32 }
    /// How slot gradients are added: along the fixed tree, or in MPI's own order (a yardstick: bits then depend on P).
    public enum Reduction: String, Sendable, CaseIterable { case tree, mpi }

    /// V, the slots of a global batch.
    public var slots: Int { batch.sequences / batch.slot }
    public var tokensPerStep: Int { batch.sequences * model.context }
    /// D, the tokens that the whole run sees.
    public var totalTokens: Int { steps * tokensPerStep }
}

/// A GPT-2's shape; `vocabulary` is the tokenizer's unless a larger one is given.
public struct ModelConfig: Sendable, Equatable {
    public var layers: Int
    public var width: Int
    public var heads: Int
    public var context: Int
    public var vocabulary: Int?
    /// Probability of dropping embeddings, attention weights and residual branches.
    public var dropout: Double
    /// Rates and initial values that go with the width; nil for GPT-2's, the same at every width.
    public var mup: MuPConfig?

    public init(
        layers: Int, width: Int, heads: Int, context: Int, vocabulary: Int? = nil, dropout: Double = 0,
        mup: MuPConfig? = nil
    ) {
        self.layers = layers
        self.width = width
        self.heads = heads
        self.context = context
        self.vocabulary = vocabulary
        self.dropout = dropout
        self.mup = mup
    }

    /// The shape with the vocabulary that is used: the model's own, or else the tokenizer's.
    public func shape(tokenizerVocabulary: Int) -> ModelShape {
        ModelShape(
            layers: layers, width: width, heads: heads, context: context,
            vocabulary: vocabulary ?? tokenizerVocabulary)
    }
}

/// The maximal update parametrization (Yang et al. 2022): the width at which it is GPT-2's own, and its settings were
/// found. Wider models of its kind have more heads of the same width.
public struct MuPConfig: Sendable, Equatable {
    public var baseWidth: Int
    /// Heads at that width; those that the head width implies unless given.
    public var baseHeads: Int?

    public init(baseWidth: Int, baseHeads: Int? = nil) {
        self.baseWidth = baseWidth
        self.baseHeads = baseHeads
    }
}

/// Where tokens come from: text (`paths`, or several named `sources`), a prepared corpus, or the calibration source.
public struct CorpusConfig: Sendable, Equatable {
    /// Files and folders of a corpus with one source, absolute after decoding.
    public var paths: [String]
    /// Named sources, in order; of a prepared corpus, how its sources are mixed.
    public var sources: [SourceConfig]
    /// `bytes`, `bpe:4096`, or a file, absolute after decoding.
    public var tokenizer: String
    /// The field of a .jsonl file's lines that is the document.
    public var field: String
    /// What becomes of bytes that are no text.
    public var invalid: InvalidText
    /// Which documents stay.
    public var filter: FilterConfig
    /// Train on a subset of about this many tokens; smaller subsets lie inside larger ones.
    public var limitTokens: Int?
    public var calibration: CalibrationConfig?
    /// A folder that `apus corpus prepare` wrote, absolute after decoding.
    public var prepared: String?

    public init(
        paths: [String] = [], sources: [SourceConfig] = [], tokenizer: String = "bytes", field: String = "text",
        invalid: InvalidText = .error, filter: FilterConfig = FilterConfig(), limitTokens: Int? = nil,
        calibration: CalibrationConfig? = nil, prepared: String? = nil
    ) {
        self.paths = paths
        self.sources = sources
        self.tokenizer = tokenizer
        self.field = field
        self.invalid = invalid
        self.filter = filter
        self.limitTokens = limitTokens
        self.calibration = calibration
        self.prepared = prepared
    }

    /// Ids that the tokenizer or source gives, when the configuration alone tells.
    public var knownVocabulary: Int? {
        if let calibration { return calibration.alphabet }
        return prepared == nil && tokenizer == "bytes" ? 257 : nil
    }

    /// The text's sources: the named ones, or `paths` as one that is called "text".
    public var textSources: [SourceConfig] {
        sources.isEmpty ? [SourceConfig(name: SourceConfig.onlyName, paths: paths)] : sources
    }
}

/// A named part of the text, and its part in the mixture that a run reads (Brown et al. 2020, table 2.2).
public struct SourceConfig: Sendable, Equatable {
    /// What the only source of `paths` is called.
    public static let onlyName = "text"

    public var name: String
    /// Files and folders, absolute after decoding; none where a prepared corpus has the source.
    public var paths: [String]
    /// Its share of the tokens of a pass over the mixture, relative to the other weights; all sources have one or none.
    public var weight: Double?
    /// How often its text is read, at most, in one pass over the mixture.
    public var epochs: Double

    public init(name: String, paths: [String] = [], weight: Double? = nil, epochs: Double = 1) {
        self.name = name
        self.paths = paths
        self.weight = weight
        self.epochs = epochs
    }
}

/// The calibration source (SCIENCE §4): facts of `key` + `value` symbols, drawn with p_k ∝ k^-(1 + exponent).
public struct CalibrationConfig: Sendable, Equatable, Codable {
    /// b, the number of symbols.
    public var alphabet: Int
    /// m, symbols of a key; there are b^m facts.
    public var key: Int
    /// r, symbols of a value.
    public var value: Int
    /// s > 0.
    public var exponent: Double
    /// Tokens of the training stream.
    public var tokens: Int

    public init(alphabet: Int, key: Int, value: Int, exponent: Double, tokens: Int) {
        self.alphabet = alphabet
        self.key = key
        self.value = value
        self.exponent = exponent
        self.tokens = tokens
    }

    public var factLength: Int { key + value }
}

/// The global batch, in sequences, and the slot it is cut into.
public struct BatchConfig: Sendable, Equatable {
    public var sequences: Int
    public var slot: Int

    public init(sequences: Int, slot: Int) {
        self.sequences = sequences
        self.slot = slot
    }
}

/// AdamW (Loshchilov and Hutter 2019) with a clip of the global gradient norm.
public struct OptimizerConfig: Sendable, Equatable {
    public var kind: Kind
    public var beta1: Double
    public var beta2: Double
    public var epsilon: Double
    public var weightDecay: Double
    /// Largest global gradient norm; nil for none.
    public var clip: Double?

    public enum Kind: String, Sendable, CaseIterable { case adamw }

    public init(
        beta1: Double = 0.9, beta2: Double = 0.95, epsilon: Double = 1e-8, weightDecay: Double = 0.1,
        clip: Double? = 1
    ) {
        kind = .adamw
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.clip = clip
    }
}

/// The learning rate over a run: linear warm-up to `peak`, then by `kind` down to `floor`.
public struct ScheduleConfig: Sendable, Equatable {
    public var kind: Kind
    public var peak: Double
    public var floor: Double
    public var warmupSteps: Int
    /// Length of the final decay of `wsd`.
    public var decaySteps: Int?

    public enum Kind: String, Sendable, CaseIterable { case cosine, linear, constant, wsd }

    public init(kind: Kind, peak: Double, floor: Double = 0, warmupSteps: Int = 0, decaySteps: Int? = nil) {
        self.kind = kind
        self.peak = peak
        self.floor = floor
        self.warmupSteps = warmupSteps
        self.decaySteps = decaySteps
    }
}

/// When held-out loss is measured, and on how much.
public struct EvaluateConfig: Sendable, Equatable {
    /// Every so many steps, besides before the first and after the last; nil for those two only.
    public var every: Int?
    public var tokens: Amount
    /// Stop when so many evaluations in a row brought no new best loss.
    public var patience: Int?

    public enum Amount: Sendable, Equatable {
        case all
        case tokens(Int)
    }

    public init(every: Int? = nil, tokens: Amount = .tokens(65_536), patience: Int? = nil) {
        self.every = every
        self.tokens = tokens
        self.patience = patience
    }
}

/// When state is saved, and how many of the newest checkpoints stay. The last step is always saved.
public struct CheckpointConfig: Sendable, Equatable {
    public var every: Int?
    public var keep: Int
    /// Steps that are saved besides, ascending, and that stay: where other runs begin (`--from`).
    public var at: [Int]

    public init(every: Int? = nil, keep: Int = 2, at: [Int] = []) {
        self.every = every
        self.keep = keep
        self.at = at
    }

    /// Whether the state after so many steps is saved, be it the last step or not.
    public func isDue(afterStep step: Int) -> Bool {
        at.contains(step) || every.map { step % $0 == 0 } ?? false
    }
}

/// Seeds of the initial parameters (and dropout) and of the order of data.
public struct Seed: Sendable, Equatable {
    public var initialization: UInt64
    public var data: UInt64

    public init(_ both: UInt64) {
        initialization = both
        data = both
    }

    public init(initialization: UInt64, data: UInt64) {
        self.initialization = initialization
        self.data = data
    }
}
