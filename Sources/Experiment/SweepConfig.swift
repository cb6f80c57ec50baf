import Foundation

/// A ladder of runs from one file: every size with every horizon and seed, over one base configuration, and rules for
/// what should change with size and length. `plan(vocabulary:rules:)` makes the runs.
public struct SweepConfig: Sendable {
    public var name: String
    public var sizes: [Size]
    public var horizons: [Horizon]
    /// Combinations with fewer or more tokens than this are left out.
    public var tokenLimits: ClosedRange<Double>?
    public var seeds: [Seed]
    public var replicates: [Replicate]
    public var learningRate: LearningRate
    public var batch: Batch
    public var schedule: Schedule
    /// Single runs besides the grid, such as a held-out large one.
    public var extras: [Extra]
    /// Any run of the sweep but for its size, length and what the rules give: its corpus, context and slot are all runs'.
    public var template: RunConfig
    /// The base configuration as text, and what relative paths in it are relative to.
    let base: Base
    /// The sweep as a file that means the same wherever it lies: the base within it, its corpus by absolute paths.
    public let yaml: String

    /// A shape of the ladder; context and vocabulary are all runs'.
    public struct Size: Sendable, Equatable {
        public var layers: Int
        public var width: Int
        public var heads: Int

        public init(layers: Int, width: Int, heads: Int) {
            self.layers = layers
            self.width = width
            self.heads = heads
        }
    }

    /// How long a run is; N counts all parameters, a tied head once.
    public enum Horizon: Sendable, Equatable {
        /// D tokens.
        case tokens(Double)
        /// D = this times N.
        case tokensPerParameter(Double)
        /// D = C/(6N): runs of one budget C in FLOPs are an IsoFLOP profile (Hoffmann et al. 2022, approach 2).
        case budget(Double)

        /// D, before it is cut into whole steps.
        public func tokens(parameters: Int) -> Double {
            switch self {
            case .tokens(let tokens): tokens
            case .tokensPerParameter(let ratio): ratio * Double(parameters)
            case .budget(let flops): flops / (6 * Double(parameters))
            }
        }
    }

    /// More seeds for the combinations that fit; what is nil fits all.
    public struct Replicate: Sendable, Equatable {
        public var width: Int?
        public var layers: Int?
        public var horizon: Horizon?
        public var seeds: [Seed]
    }

    /// The peak learning rate.
    public enum LearningRate: Sendable, Equatable {
        /// The base's own.
        case base
        /// peak (width / reference)^exponent.
        case power(peak: Double, width: Double, exponent: Double)
        /// A published rule of size, length and compute, by its name.
        case rule(String)
        /// A scan: every combination with every rate.
        case values([Double])
    }

    /// Sequences of a global batch.
    public enum Batch: Sendable, Equatable {
        /// The base's own.
        case base
        /// A published rule, rounded to whole slots.
        case rule(String)
        /// One number for all, or a scan.
        case values([Int])
    }

    /// The course of the learning rate.
    public enum Schedule: Sendable, Equatable {
        /// The base's own kind, over the length of each run.
        case base
        /// A fall along a cosine over the length of each run.
        case cosine
        /// Constant, then a fall over this part of the run; runs that differ in length only share what comes before
        /// (Hägele et al. 2024).
        case wsd(decay: Double)
    }

    /// A run by itself.
    public struct Extra: Sendable, Equatable {
        public var name: String
        public var size: Size
        public var horizon: Horizon
        public var seed: Seed?
        public var peak: Double?
    }

    struct Base: Sendable {
        let yaml: String
        let folder: URL
        /// The learning rate at the end as a part of the peak, unless the base gives a floor of its own.
        let floorFraction: Double?
        let givesEvaluations: Bool
        let givesCheckpoints: Bool
        let warmupSteps: Int
        /// Layers of sizes that do not say; runs that have others tell in their names.
        let layers: Int?
    }
}
