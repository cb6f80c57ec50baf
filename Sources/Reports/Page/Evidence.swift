import Foundation

/// A held-out loss that needs no neural model, drawn as a level: the n-grams of a corpus, the entropy of a source.
public struct Baseline: Sendable, Equatable {
    /// As the level is labelled: "3-grams".
    public var name: String
    /// Nats per token.
    public var loss: Double

    /// A level at `loss`.
    public init(_ name: String, loss: Double) {
        self.name = name
        self.loss = loss
    }
}

/// The best size against compute by one way of finding it: points and the power law through them.
public struct OptimumEstimate: Sendable {
    /// The way, as "envelope" or "IsoFLOP".
    public var name: String
    /// N_opt by budget, as the way finds it.
    public var points: [(compute: Double, n: Double, d: Double)]
    /// N_opt = coefficient · C^exponent.
    public var coefficient: Double
    /// a.
    public var exponent: Double
    /// 95 % of a.
    public var interval: ClosedRange<Double>?

    /// An estimate.
    public init(
        _ name: String, points: [(compute: Double, n: Double, d: Double)], coefficient: Double, exponent: Double,
        interval: ClosedRange<Double>?
    ) {
        self.name = name
        self.points = points
        self.coefficient = coefficient
        self.exponent = exponent
        self.interval = interval
    }
}

/// A loss that was predicted, with what came of it.
public struct PredictedRun: Sendable, Equatable {
    /// The run's.
    public var name: String
    /// When and from what it was predicted, as "filed 2026-03-01" or "held out".
    public var origin: String
    /// FLOPs of the run.
    public var compute: Double
    /// Nats per token.
    public var predicted: Double
    /// 95 %, as it was predicted.
    public var interval: ClosedRange<Double>?
    /// Nats per token; nil until the run is complete.
    public var measured: Double?

    /// A prediction.
    public init(
        name: String, origin: String, compute: Double, predicted: Double, interval: ClosedRange<Double>?,
        measured: Double?
    ) {
        self.name = name
        self.origin = origin
        self.compute = compute
        self.predicted = predicted
        self.interval = interval
        self.measured = measured
    }
}

/// How fast repeated tokens lose their worth (Muennighoff et al. 2023, eq. 5).
public struct RepeatWorth: Sendable, Equatable {
    /// R*: repeats after which a further one is worth 1/e of fresh text.
    public var decay: Double
    /// 95 % of R*.
    public var interval: ClosedRange<Double>?
    /// Of the runs that were fitted, the most passes over the text.
    public var mostEpochs: Double

    /// R* with what it was fitted to.
    public init(decay: Double, interval: ClosedRange<Double>?, mostEpochs: Double) {
        self.decay = decay
        self.interval = interval
        self.mostEpochs = mostEpochs
    }

    /// D′/U: what so many epochs of a text are worth in epochs of fresh text.
    func effectiveEpochs(_ epochs: Double) -> Double {
        1 + decay * (1 - exp(-max(0, epochs - 1) / decay))
    }
}
