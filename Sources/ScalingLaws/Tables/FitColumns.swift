/// Which columns of a table hold what a law is fitted to. The names are those of our own `runs` table until they are set.
/// N, the loss, and one of D and C are needed; any other column is read where there is one.
public struct FitColumns: Sendable, Equatable {
    /// Parameters; `n_non_embedding` and `n_with_head` are the other conventions of our own table.
    public var n = "n_total"
    /// Tokens; a table without this column takes D = C/(6N).
    public var d = "tokens"
    /// FLOPs; optional when the tokens are there. `flops_exact` is the other count of our own table.
    public var c = "flops_6nd"
    /// Nats per token.
    public var loss = "loss_final"
    /// The run's name.
    public var label = "run"
    /// Complete, or else how the run ended.
    public var status = "status"
    /// Steps taken of those that the learning rate was laid out for.
    public var scheduleFraction = "schedule_fraction"
    /// `run`, or what else a row is: the trunk that others branch from.
    public var role = "role"
    /// How much a row counts; nil for all alike.
    public var weight: String?
    /// What a bootstrap draws together; nil for a column `cluster`, or else the run's name.
    public var cluster: String?
    /// Of the run's random numbers.
    public var seed = "seed"
    /// Different tokens seen.
    public var uniqueTokens = "unique_tokens"
    /// Updates.
    public var steps = "steps"
    /// Tokens of a step.
    public var batchTokens = "batch_tokens"
    /// The peak learning rate.
    public var learningRate = "learning_rate"
    /// The lowest loss that the run ever had, nats per token.
    public var lossBest = "loss_best"
    /// Standard error of the loss, nats per token.
    public var lossError = "loss_final_se"
    /// D is C/(6N) even where there is a column of tokens.
    public var tokensFromCompute = false

    /// The columns of our own `runs` table, but for those that are named.
    public init(
        n: String = "n_total", d: String = "tokens", c: String = "flops_6nd", loss: String = "loss_final",
        label: String = "run"
    ) {
        self.n = n
        self.d = d
        self.c = c
        self.loss = loss
        self.label = label
    }
}
