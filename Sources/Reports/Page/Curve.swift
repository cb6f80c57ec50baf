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

    /// The simple noise scale B = S/|G|² in tokens against the training loss, by step: numerator, denominator and loss
    /// are each averaged exponentially with `decay` before the ratio is taken (McCandlish et al. 2018, appendix A.1);
    /// the first steps, on which the averages still stand, and estimates at or below 0 are left out.
    func noiseScale(decay: Double = 0.99) -> [(loss: Double, tokens: Double)] {
        var (square, noise, loss, weight) = (0.0, 0.0, 0.0, 0.0)
        var result: [(loss: Double, tokens: Double)] = []
        for step in steps {
            guard let g = step.gradientSquare, let s = step.gradientNoise, g.isFinite, s.isFinite,
                step.lossTrain.isFinite
            else { continue }
            square = decay * square + (1 - decay) * g
            noise = decay * noise + (1 - decay) * s
            loss = decay * loss + (1 - decay) * step.lossTrain
            weight = decay * weight + (1 - decay)
            if weight > 0.5, square > 0, noise > 0 { result.append((loss / weight, noise / square)) }
        }
        let stride = max(1, (result.count + 119) / 120)
        return result.indices.filter { $0 % stride == stride - 1 }.map { result[$0] }
    }
}
