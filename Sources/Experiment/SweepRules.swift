/// Published rules for learning rate and batch, by name: what a sweep asks for, and who knows them answers.
public struct SweepRules: Sendable {
    public let names: [String]
    /// The peak learning rate, or nil where the rule gives none, for a shape and D tokens.
    public let learningRate: @Sendable (_ rule: String, _ shape: ModelShape, _ tokens: Double) -> Double?
    /// Tokens of a global batch, or nil where the rule gives none.
    public let batchTokens: @Sendable (_ rule: String, _ shape: ModelShape, _ tokens: Double) -> Double?

    public init(
        names: [String],
        learningRate: @escaping @Sendable (_ rule: String, _ shape: ModelShape, _ tokens: Double) -> Double?,
        batchTokens: @escaping @Sendable (_ rule: String, _ shape: ModelShape, _ tokens: Double) -> Double?
    ) {
        self.names = names
        self.learningRate = learningRate
        self.batchTokens = batchTokens
    }

    /// No rules are known.
    public static let none = SweepRules(names: [], learningRate: { _, _, _ in nil }, batchTokens: { _, _, _ in nil })
}
