import Foundation

/// Whether two ways to train differ by more than their seeds do: Welch's test (Welch 1947) on the final losses of
/// replicates, or, where a side has one run only, the variance of the other replicates for both.
public struct SeedComparison: Sendable, Equatable {
    /// Where the variance between seeds came from.
    public enum Source: String, Sendable {
        /// Each side's own replicates (Welch).
        case bothSides = "both sides' seeds"
        /// Replicates pooled from whoever has them, taken to be as noisy as both sides.
        case pooled = "pooled replicates"
    }

    /// Mean of the second minus mean of the first, nats per token.
    public let difference: Double
    /// Of the difference, from the variance between seeds.
    public let standardError: Double
    /// Welch–Satterthwaite's, or of the pooled variance.
    public let degreesOfFreedom: Double
    /// 95 %.
    public let interval: ClosedRange<Double>
    /// Of a difference of this size or larger between equal ways to train; two-sided.
    public let probability: Double
    /// One run's standard deviation over seeds, nats per token (pooled).
    public let seedDeviation: Double
    /// Where the variance came from.
    public let source: Source

    /// nil when no side has two runs and there is no group of two or more replicates: one seed tells nothing of seeds.
    /// - Parameters:
    ///   - a, b: final losses, nats per token, one per seed.
    ///   - replicates: groups of final losses of runs that differ in the seed alone.
    public init?(_ a: [Double], _ b: [Double], replicates: [[Double]] = []) {
        guard !a.isEmpty, !b.isEmpty else { return nil }
        let groups = ([a, b] + replicates).filter { $0.count > 1 }
        let freedom = Double(groups.reduce(0) { $0 + $1.count - 1 })
        guard freedom > 0 else { return nil }
        let pooled = groups.reduce(0) { $0 + Self.variance($1) * Double($1.count - 1) } / freedom
        difference = Self.mean(b) - Self.mean(a)
        seedDeviation = pooled.squareRoot()
        if a.count > 1, b.count > 1, replicates.isEmpty {
            let (first, second) = (Self.variance(a) / Double(a.count), Self.variance(b) / Double(b.count))
            standardError = (first + second).squareRoot()
            let below = first * first / Double(a.count - 1) + second * second / Double(b.count - 1)
            degreesOfFreedom = below > 0 ? pow(first + second, 2) / below : freedom
            source = .bothSides
        } else {
            standardError = (pooled * (1 / Double(a.count) + 1 / Double(b.count))).squareRoot()
            degreesOfFreedom = freedom
            source = .pooled
        }
        let reach = StudentT.halfWidth(level: 0.95, degreesOfFreedom: degreesOfFreedom) * standardError
        interval = (difference - reach)...(difference + reach)
        probability =
            standardError > 0
            ? StudentT.twoSidedProbability(difference / standardError, degreesOfFreedom: degreesOfFreedom)
            : difference == 0 ? 1 : 0
    }

    /// 0 lies outside of the 95 % interval.
    public var isSignificant: Bool { probability < 0.05 }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    private static func variance(_ values: [Double]) -> Double {
        let mean = mean(values)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }
}
