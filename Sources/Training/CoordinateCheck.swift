import Communication
import Corpus
import Experiment
import Foundation
import Tensors
import Transformer

/// The coordinate check (Yang et al. 2022, D.1; microsoft/mup): one configuration is trained for a few steps at several
/// widths, on the same batches, and the size of its activations is watched on held-out tokens. In a parametrization that
/// carries over to other widths, what training changes has the same size at every width.
public struct CoordinateCheck: Sendable {
    /// A kind of activation.
    public enum Quantity: String, CaseIterable, Sendable, Codable {
        case embeddings
        case attention = "attention output"
        case feedForward = "feed-forward output"
        case hidden = "last hidden state"
        case logits
    }

    /// How large the elements of an activation are.
    public struct Size: Sendable, Equatable {
        /// Mean |element|.
        public var value: Double
        /// Mean |element − what it was before the first step|.
        public var change: Double
    }

    /// In the order given.
    public let widths: [Int]
    public let steps: Int
    /// By quantity: [width][step], steps from 0, before the first update.
    public let sizes: [Quantity: [[Size]]]

    /// - Parameters:
    ///   - config: of some width; its heads keep their width.
    ///   - steps: updates to take, at most the configuration's own.
    /// - Throws: `Failure(.usage)` or `ConfigurationError` for widths that the configuration cannot have,
    ///   `Failure(.worker)` for activations that are not finite, and what a trainer throws.
    public init(_ config: RunConfig, widths: [Int], steps: Int, corpus: PreparedCorpus, kernels: Kernels) throws {
        guard steps > 0, steps <= config.steps else {
            throw Failure(
                .usage, "\(steps) steps cannot be taken of a run of \(config.steps); take 1 to \(config.steps).")
        }
        guard Set(widths).count == widths.count, widths.count > 1 else {
            throw Failure(
                .usage, "A slope over the width needs two different widths or more, as in --widths 64,128,256.")
        }
        // All are checked before the first is trained.
        let configs = try widths.map { try config.widened(to: $0) }
        var sizes = Dictionary(uniqueKeysWithValues: Quantity.allCases.map { ($0, [[Size]]()) })
        for config in configs {
            for (quantity, values) in try Self.follow(config, steps: steps, corpus: corpus, kernels: kernels) {
                sizes[quantity]?.append(values)
            }
        }
        self.widths = widths
        self.steps = steps
        self.sizes = sizes
    }

    /// The slope of ln(size) on ln(width), by least squares: 0 where the width means nothing, 1 where the size is
    /// proportional to it.
    public func slope(of quantity: Quantity, _ size: KeyPath<Size, Double>, step: Int) -> Double {
        let x = widths.map { PortableMath.log(Double($0)) }
        let y = (sizes[quantity] ?? []).map { PortableMath.log(max($0[step][keyPath: size], .leastNormalMagnitude)) }
        let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
        let product = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
        return product / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    }

    /// In words, of what the steps changed.
    public enum Trend: String, Sendable, Codable { case flat, growing, shrinking }

    /// Slopes within this of 0 count as flat: over a factor of 8 in width, a factor of 1.4. Models of finite width have
    /// slopes of some hundredths; the standard parametrization's are 0.5 and more.
    public static let flatSlope = 0.15

    public func trend(of quantity: Quantity) -> Trend {
        let slope = slope(of: quantity, \.change, step: steps)
        return abs(slope) <= Self.flatSlope ? .flat : slope > 0 ? .growing : .shrinking
    }

    /// The sizes of one width, before the first step and after each.
    private static func follow(
        _ config: RunConfig, steps: Int, corpus: PreparedCorpus, kernels: Kernels
    ) throws -> [Quantity: [Size]] {
        let trainer = try Trainer(config: config, corpus: corpus, link: OneProcess(), kernels: kernels)
        try trainer.initialize()
        let heldOut = try HeldOutData(corpus, config: config)
        var batch = Batch(capacity: heldOut.slot, context: heldOut.context)
        heldOut.fill(slot: 0, into: &batch)
        let work = Workspace(shape: trainer.model.shape, sequences: heldOut.slot)
        func look() -> [Quantity: [Float]] {
            let seen = trainer.model.activations(
                tokens: batch.tokens, sequences: batch.sequences, rows: min(batch.filledTokens, mostLogitRows),
                parameters: trainer.parameters, work: work)
            return [
                .embeddings: seen.embeddings, .attention: seen.attention, .feedForward: seen.feedForward,
                .hidden: seen.hidden, .logits: seen.logits,
            ]
        }
        let initial = look()
        var sizes = initial.mapValues { [Size(value: mean($0), change: 0)] }
        for step in 1...steps {
            _ = try trainer.takeStep()
            let present = look()
            for (quantity, values) in present {
                let change = zip(values, initial[quantity] ?? []).map(-)
                let size = Size(value: mean(values), change: mean(change))
                guard size.value.isFinite, size.change.isFinite else {
                    throw Failure(
                        .worker,
                        "The \(quantity.rawValue) at width \(config.model.width) are not finite after step \(step): a size "
                            + "has no slope then. Lower schedule.peak (\(config.schedule.peak)).")
                }
                sizes[quantity]?.append(size)
            }
        }
        return sizes
    }

    /// Rows of logits are as wide as the vocabulary; so many tell the mean.
    private static let mostLogitRows = 256

    private static func mean(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double(abs($1)) } / Double(values.count)
    }
}

extension RunConfig {
    /// The same run with another width, made of more or fewer heads of the same width.
    /// - Throws: `Failure(.usage)` when heads of this width do not make up the other.
    func widened(to width: Int) throws -> RunConfig {
        let headWidth = model.width / model.heads
        guard width > 0, width % headWidth == 0 else {
            throw Failure(
                .usage,
                "A width of \(width) is not made of heads of \(headWidth), as those of \(name) (width \(model.width) / "
                    + "\(model.heads) heads); take multiples of \(headWidth).")
        }
        var config = self
        config.model.width = width
        config.model.heads = width / headWidth
        // Settings that no configuration could have are refused as such.
        return try RunConfig(yaml: config.yaml, source: "\(name) at width \(width)", folder: URL(fileURLWithPath: "/"))
    }
}
