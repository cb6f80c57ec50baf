/// One run as the report shows it.
public struct RunSummary: Sendable, Equatable {
    /// How a run ended, with the words of the `status` column.
    public enum Status: String, Sendable {
        case complete
        case diverged
        case partial
    }

    /// The config's name.
    public var name: String
    /// All parameters, a tied head once.
    public var parameters: Int
    /// Without token and position embeddings.
    public var nonEmbeddingParameters: Int
    /// Trained on.
    public var tokens: Int
    /// 6 · parameters · tokens.
    public var flops: Double
    /// By the exact count of the model's operations, where known.
    public var exactFLOPs: Double?
    /// Nats per token on held-out text, at the end.
    public var finalLoss: Double?
    /// Of the final loss.
    public var finalLossError: Double?
    /// For text.
    public var bitsPerByte: Double?
    /// The last held-out loss of each source, and of all; none where the corpus has one source.
    public var sources: [SourceLoss]
    /// How it ended.
    public var status: Status

    /// A held-out loss of one source.
    public struct SourceLoss: Sendable, Equatable {
        /// The source's.
        public var name: String
        /// Nats per token.
        public var loss: Double
        /// Of the loss.
        public var standardError: Double
        /// For text.
        public var bitsPerByte: Double?
        /// For text.
        public var bitsPerCharacter: Double?

        /// A loss; what was not measured is nil.
        public init(
            name: String, loss: Double, standardError: Double, bitsPerByte: Double?, bitsPerCharacter: Double?
        ) {
            self.name = name
            self.loss = loss
            self.standardError = standardError
            self.bitsPerByte = bitsPerByte
            self.bitsPerCharacter = bitsPerCharacter
        }
    }

    /// A run; what was not measured is nil.
    public init(
        name: String, parameters: Int, nonEmbeddingParameters: Int, tokens: Int, flops: Double,
        exactFLOPs: Double? = nil, finalLoss: Double?, finalLossError: Double? = nil, bitsPerByte: Double? = nil,
        sources: [SourceLoss] = [], status: Status
    ) {
        self.name = name
        self.parameters = parameters
        self.nonEmbeddingParameters = nonEmbeddingParameters
        self.tokens = tokens
        self.flops = flops
        self.exactFLOPs = exactFLOPs
        self.finalLoss = finalLoss
        self.finalLossError = finalLossError
        self.bitsPerByte = bitsPerByte
        self.sources = sources
        self.status = status
    }
}

/// The loss of one run over its course: the ledger's columns that plots need.
public struct Curve: Sendable, Equatable {
    /// A step.
    public struct Step: Sendable, Equatable {
        /// Trained on so far.
        public var tokens: Double
        /// 6 N D so far.
        public var flops: Double
        /// Nats per token before the step's update.
        public var lossTrain: Double
        /// Nats per token on held-out text after it, where it was measured.
        public var lossEvaluated: Double?
        /// Of the evaluated loss.
        public var lossEvaluatedError: Double?

        /// A row of the ledger.
        public init(
            tokens: Double, flops: Double, lossTrain: Double, lossEvaluated: Double? = nil,
            lossEvaluatedError: Double? = nil
        ) {
            self.tokens = tokens
            self.flops = flops
            self.lossTrain = lossTrain
            self.lossEvaluated = lossEvaluated
            self.lossEvaluatedError = lossEvaluatedError
        }
    }

    /// The run's name.
    public var name: String
    /// The run's parameters, for its colour.
    public var parameters: Int
    /// In the order in which they were taken.
    public var steps: [Step]

    /// A curve of a run.
    public init(name: String, parameters: Int, steps: [Step]) {
        self.name = name
        self.parameters = parameters
        self.steps = steps
    }

    /// The steps in at most `bins` bins of equal width in ln(tokens), each the mean of its finite training losses: a
    /// noisy curve of thousands of points as a line of a hundred.
    func smoothed(bins: Int = 120) -> [Step] {
        let usable = steps.filter { $0.tokens > 0 && $0.lossTrain.isFinite }
        guard let first = usable.first, let last = usable.last, usable.count > bins else { return usable }
        var groups = Array(repeating: [Step](), count: bins)
        for step in usable { groups[Self.bin(of: step.tokens, first.tokens, last.tokens, bins)].append(step) }
        return groups.filter { !$0.isEmpty }.map { group in
            let count = Double(group.count)
            return Step(
                tokens: group.reduce(0) { $0 + $1.tokens } / count, flops: group.reduce(0) { $0 + $1.flops } / count,
                lossTrain: group.reduce(0) { $0 + $1.lossTrain } / count)
        }
    }

    private static func bin(of tokens: Double, _ first: Double, _ last: Double, _ bins: Int) -> Int {
        min(bins - 1, Int(Double(bins) * logarithmicShare(tokens, first, last)))
    }
}
