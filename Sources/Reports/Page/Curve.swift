import ScalingLaws

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
        /// Estimate of |G|², the square of the true gradient's norm (McCandlish et al. 2018, appendix A.1); may be
        /// negative.
        public var gradientSquare: Double?
        /// Estimate of the trace of the gradient's covariance over single tokens; may be negative.
        public var gradientNoise: Double?

        /// A row of the ledger.
        public init(
            tokens: Double, flops: Double, lossTrain: Double, lossEvaluated: Double? = nil,
            lossEvaluatedError: Double? = nil, gradientSquare: Double? = nil, gradientNoise: Double? = nil
        ) {
            self.tokens = tokens
            self.flops = flops
            self.lossTrain = lossTrain
            self.lossEvaluated = lossEvaluated
            self.lossEvaluatedError = lossEvaluatedError
            self.gradientSquare = gradientSquare
            self.gradientNoise = gradientNoise
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

    /// The gradient noise scale in tokens against the training loss, by step, both averaged as `NoiseScale` does; the
    /// first 50 steps measured, on which the averages still stand, and scales at or below 0 are left out. At most 120.
    func noiseScale() -> [(loss: Double, tokens: Double)] {
        var scale = NoiseScale()
        var (loss, weight, count) = (0.0, 0.0, 0)
        var result: [(loss: Double, tokens: Double)] = []
        for step in steps {
            guard let square = step.gradientSquare, let noise = step.gradientNoise, step.lossTrain.isFinite else {
                continue
            }
            scale.add(gradientSquare: square, gradientNoise: noise)
            loss = scale.decay * loss + (1 - scale.decay) * step.lossTrain
            weight = scale.decay * weight + (1 - scale.decay)
            count += 1
            if count > 50, let tokens = scale.tokens, tokens > 0 { result.append((loss / weight, tokens)) }
        }
        let stride = max(1, (result.count + 119) / 120)
        return result.indices.filter { $0 % stride == stride - 1 }.map { result[$0] }
    }
}
