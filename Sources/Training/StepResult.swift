/// What one step did.
public struct StepResult: Sendable {
    /// Mean training loss before the update, in nats per counted token.
    public let loss: Double
    /// Before clipping, of the gradient of the mean loss.
    public let gradientNorm: Double
    /// nil where a global batch is one slot.
    public let gradientNoise: GradientNoise?
    public let learningRate: Double
    public let epoch: Int
    /// Some rank asked to stop.
    public let stops: Bool
    public var seconds: StepSeconds
}

/// Where this rank's time went, in seconds; the parts sum to `total`.
public struct StepSeconds: Sendable, Equatable {
    public var total = 0.0
    /// The products of linear layers and of the head.
    public var products = 0.0
    /// Attention, its products included.
    public var attention = 0.0
    /// Norms, activations, biases, residuals, embeddings.
    public var norms = 0.0
    /// Cross-entropy.
    public var loss = 0.0
    public var optimizer = 0.0
    /// Adding gradients, and what of their way between ranks was not hidden behind backward: waiting for slower ranks,
    /// the gathering of losses, norms and parameters.
    public var reduction = 0.0
    /// Reading the batch.
    public var data = 0.0

    public var rest: Double {
        max(0, total - (products + attention + norms + loss + optimizer + reduction + data))
    }

    /// The parts with their names, in a fixed order.
    public var parts: [(name: String, seconds: Double)] {
        [
            ("products", products), ("attention", attention), ("norms", norms), ("loss", loss),
            ("optimizer", optimizer), ("reduction", reduction), ("data", data), ("rest", rest),
        ]
    }
}
