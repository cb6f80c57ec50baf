import Foundation

/// One axis of a plot: what it shows and how values become places.
public struct Axis: Sendable, Equatable {
    /// How values are spread.
    public enum Scale: Sendable {
        case linear
        case logarithmic
    }

    /// How tick labels are written.
    public enum Labels: Sendable {
        /// 0.5, 1, 1.5
        case plain
        /// 1 k, 10 M
        case counts
        /// 10¹⁵
        case powers
    }

    /// Quantity and unit, as "tokens" or "loss (nats per token)".
    public var title: String
    /// How values are spread along it.
    public var scale: Scale
    /// How its ticks are labelled.
    public var labels: Labels
    /// What is shown of it; nil for all that the data take up.
    public var range: ClosedRange<Double>?

    /// An axis that fits itself to the data, unless it is given a range.
    public init(_ title: String, _ scale: Scale, labels: Labels = .plain, range: ClosedRange<Double>? = nil) {
        self.title = title
        self.scale = scale
        self.labels = labels
        self.range = range
    }
}
