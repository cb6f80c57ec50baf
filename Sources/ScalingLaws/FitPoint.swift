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

    /// A run of `n` parameters that reached `loss` after `d` tokens.
    public init(n: Double, d: Double, c: Double? = nil, loss: Double, label: String = "") {
        self.n = n
        self.d = d
        self.c = c
        self.loss = loss
        self.label = label
    }
}
