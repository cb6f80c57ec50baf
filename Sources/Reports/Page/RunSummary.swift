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
    /// The schedule's peak, where known.
    public var learningRate: Double?
    /// Tokens of a global batch, where known.
    public var batchTokens: Int?

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
        sources: [SourceLoss] = [], status: Status, learningRate: Double? = nil, batchTokens: Int? = nil
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
        self.learningRate = learningRate
        self.batchTokens = batchTokens
    }
}
