/// One finished run as a law sees it.
public struct FitPoint: Sendable, Equatable {
    /// Parameters, by whichever convention the caller chose.
    public var n: Double
    /// Training tokens.
    public var d: Double
    /// Training FLOPs where the table gives them.
    public var c: Double?
    /// Nats per token.
    public var loss: Double
    /// The run's name, for plots and messages.
    public var label: String
    /// What a bootstrap draws together: points of one cluster are not independent; the label where nothing else is known.
    public var cluster: String
    /// Of the run's random numbers, as the table writes it; runs that differ in nothing else are replicates.
    public var seed: String?
    /// Different tokens that the run saw; nil where the table does not tell, and then as many as `d`.
    public var uniqueTokens: Double?
    /// Updates, where the table tells.
    public var steps: Double?
    /// Tokens of a global batch, where the table tells.
    public var batchTokens: Double?
    /// Of `loss` over held-out sequences, nats per token, where the table tells.
    public var lossError: Double?
    /// How much the point counts in a fit.
    public var weight: Double

    /// A run of `n` parameters that reached `loss` after `d` tokens.
    public init(
        n: Double, d: Double, c: Double? = nil, loss: Double, label: String = "", cluster: String? = nil,
        seed: String? = nil, uniqueTokens: Double? = nil, steps: Double? = nil, batchTokens: Double? = nil,
        lossError: Double? = nil, weight: Double = 1
    ) {
        self.n = n
        self.d = d
        self.c = c
        self.loss = loss
        self.label = label
        self.cluster = cluster ?? label
        self.seed = seed
        self.uniqueTokens = uniqueTokens
        self.steps = steps
        self.batchTokens = batchTokens
        self.lossError = lossError
        self.weight = weight
    }

    /// Training FLOPs: the table's, or 6ND.
    public var compute: Double { c ?? 6 * n * d }
}
