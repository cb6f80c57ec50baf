/// A figure with two axes: lines, points with error bars, lines across, and labels at the ends of the lines.
public struct Plot: Sendable {
    /// A place in the plot; `error` is half the height of a bar through it.
    public struct Point: Sendable, Equatable {
        /// On the horizontal axis.
        public var x: Double
        /// On the vertical axis.
        public var y: Double
        /// Half the height of the bar.
        public var error: Double?

        /// A point, with an error bar if its error is known.
        public init(_ x: Double, _ y: Double, error: Double? = nil) {
            self.x = x
            self.y = y
            self.error = error
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

        /// A series; give it a label to name it in the plot, a name to have it in the legend.
        public init(_ name: String, _ points: [Point], _ mark: Mark, color: PlotColor, label: String? = nil) {
            self.name = name
            self.points = points
            self.mark = mark
            self.color = color
            self.label = label
        }
    }

    /// A horizontal line across the plot with its meaning.
    public struct Level: Sendable {
        /// Where the line crosses the vertical axis.
        public var y: Double
        /// What it means; written above the line.
        public var label: String

        /// A line at `y`.
        public init(_ y: Double, label: String) {
            self.y = y
            self.label = label
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

/// A colour by what it means; its value depends on the page's light or dark scheme.
public enum PlotColor: Sendable, Equatable {
    /// One of a few unordered things (Okabe and Ito's colour-blind-safe set), from 0.
    case category(Int)
    /// A share from 0 to 1 along a ramp of rising lightness, for ordered things such as model sizes.
    case ramp(Double)
    /// The colour of the text.
    case ink
    /// Of what stands back.
    case muted

    /// The CSS variable that holds it.
    var css: String {
        switch self {
        case .category(let index): "var(--category-\(abs(index) % Palette.categories))"
        case .ramp(let share):
            "var(--ramp-\(Int((min(max(share, 0), 1) * Double(Palette.rampSteps - 1)).rounded())))"
        case .ink: "var(--ink)"
        case .muted: "var(--muted)"
        }
    }
}
