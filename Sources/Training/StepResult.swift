/// What one step did.
public struct StepResult: Sendable {
    /// Mean training loss before the update, in nats per counted token.
    public let loss: Double
    /// Before clipping, of the gradient of the mean loss.
    public let gradientNorm: Double
    public let learningRate: Double
    public let epoch: Int
    public let batchDigest: String
    /// Some rank asked to stop.
    public let stops: Bool
    public let seconds: StepSeconds
}

/// Where this rank's time went.
public struct StepSeconds: Sendable {
    public let total: Double
    /// Reading and hashing the batch.
    public let data: Double
    /// Forward, backward, and the additions of own slots.
    public let slots: Double
    /// Gathering losses, the upper tree and the norm; includes waiting for slower ranks.
    public let reduction: Double
    public let optimizer: Double
    /// All parameters to all ranks.
    public let gather: Double
}
