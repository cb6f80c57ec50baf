/// A figure with two axes: lines, points with error bars, bands, lines across, and labels at the ends of the lines.
public struct Plot: Sendable {
    /// A place in the plot, with what is known about where it may lie instead.
    public struct Point: Sendable, Equatable {
        /// On the horizontal axis.
        public var x: Double
        /// On the vertical axis.
        public var y: Double
        /// A horizontal bar through the point.
        public var xRange: ClosedRange<Double>?
        /// A vertical bar through the point, or the height of a band there.
        public var yRange: ClosedRange<Double>?
        /// What it is, for those who point at it and for the data file.
        public var name: String

        /// A point, with an error bar of `error` to both sides if its error is known.
        public init(_ x: Double, _ y: Double, error: Double? = nil, name: String = "") {
            let reach = error.flatMap { $0.isFinite && $0 > 0 ? (y - $0)...(y + $0) : nil }
            self.init(x, y, yRange: reach, name: name)
        }

        /// A point with the ranges that it may lie in.
        public init(
            _ x: Double, _ y: Double, xRange: ClosedRange<Double>? = nil, yRange: ClosedRange<Double>?,
            name: String = ""
        ) {
            self.x = x
            self.y = y
            self.xRange = xRange
            self.yRange = yRange
            self.name = name
        }
    }

    /// How a series is drawn.
    public enum Mark: Sendable, Equatable {
        case line
        case thinLine
        case dashedLine
        case thickLine
        case points
        /// Small points, for many of them.
        case dots
        /// Hollow points, for what stands apart, as runs that were held out.
        case rings
        /// For what was computed and not measured, as the vertex of a parabola.
        case diamonds
        /// Hundreds of faint points in one path, without names or bars.
        case cloud
        /// The area between the ends of the points' `yRange`.
        case band
    }

    /// Points that belong together.
    public struct Series: Sendable {
        /// In the legend when it is not empty.
        public var name: String
        /// In the order in which a line joins them.
        public var points: [Point]
        /// How they are drawn.
        public var mark: Mark
        /// Of line, points and label.
        public var color: PlotColor
        /// Written beside the last point.
        public var label: String?
        /// What the data file calls the series; where it is empty, the name or else the label.
        public var dataName: String

        /// A series; give it a label to name it in the plot, a name to have it in the legend.
        public init(
            _ name: String, _ points: [Point], _ mark: Mark, color: PlotColor, label: String? = nil,
            dataName: String = ""
        ) {
            self.name = name
            self.points = points
            self.mark = mark
            self.color = color
            self.label = label
            self.dataName = dataName
        }
    }

    /// A line across the plot with its meaning.
    public struct Level: Sendable {
        /// Which axis the line crosses, and so which way it runs.
        public enum Crossing: Sendable {
            /// A horizontal line.
            case vertical
            /// A vertical line.
            case horizontal
        }

        /// The axis that it crosses.
        public var crossing: Crossing
        /// Where it crosses the axis.
        public var value: Double
        /// What it means; written beside the line.
        public var label: String

        /// A horizontal line at `y`.
        public init(_ y: Double, label: String) {
            (crossing, value, self.label) = (.vertical, y, label)
        }

        /// A vertical line at `x`.
        public init(x: Double, label: String) {
            (crossing, value, self.label) = (.horizontal, x, label)
        }
    }

    /// What the figure shows, for readers who cannot see it.
    public var description: String
    /// The horizontal axis.
    public var x: Axis
    /// The vertical axis.
    public var y: Axis
    /// Drawn in this order.
    public var series: [Series]
    /// Drawn under the series.
    public var levels: [Level]

    /// A plot; its axes fit themselves to the series and levels.
    public init(_ description: String, x: Axis, y: Axis, series: [Series], levels: [Level] = []) {
        self.description = description
        self.x = x
        self.y = y
        self.series = series
        self.levels = levels
    }
}
