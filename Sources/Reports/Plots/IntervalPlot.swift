import Foundation

/// Estimates of one quantity under each other, each with its interval.
public struct IntervalPlot: Sendable {
    /// One estimate.
    public struct Row: Sendable {
        /// Whose estimate it is.
        public var name: String
        /// The estimate.
        public var value: Double
        /// Where it may lie; the caption says at which level.
        public var interval: ClosedRange<Double>?
        /// Ours, as against somebody else's.
        public var isOurs: Bool

        /// An estimate, with an interval if there is one.
        public init(_ name: String, _ value: Double, interval: ClosedRange<Double>? = nil, isOurs: Bool = false) {
            self.name = name
            self.value = value
            self.interval = interval
            self.isOurs = isOurs
        }
    }

    /// What the figure shows, for readers who cannot see it.
    public var description: String
    /// The quantity.
    public var axis: Axis
    /// From top to bottom.
    public var estimates: [Row]

    /// A plot that fits its axis to the rows.
    public init(_ description: String, axis: Axis, rows: [Row]) {
        self.description = description
        self.axis = axis
        estimates = rows
    }

    func height(given: Double) -> Double { 68 + Self.rowHeight * Double(estimates.count) }

    private static let rowHeight = 30.0

    /// The figure as an `<svg>` element for a page that carries `Palette.figureStyle`; its height follows its rows.
    func svg(width: Double = 760, height: Double = 0) -> String {
        let (left, right, top) = (200.0, 176.0, 12.0)
        let height = self.height(given: height)
        let floor = height - 50
        let ends = estimates.flatMap { row in
            row.interval.map { [$0.lowerBound, $0.upperBound, row.value] } ?? [row.value]
        }
        let scale = ScaledAxis(axis, over: ends, padding: 0.06)
        func place(_ value: Double) -> Double { left + scale.place(value) * (width - left - right) }
        let ticks = scale.ticks(5).map { tick in
            PlotText.line("grid", place(tick), top, place(tick), floor)
                + PlotText.text("tick", scale.label(tick), place(tick), floor + 18, "middle")
        }
        let lines = estimates.enumerated().map { index, row in
            drawn(row, at: top + Self.rowHeight * (Double(index) + 0.5), left: left, right: width - right, place)
        }
        let title = PlotText.text("title", axis.title, (left + width - right) / 2, floor + 40, "middle")
        return Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": "plot", "role": "img",
                "viewBox": "0 0 \(Markup.coordinate(width)) \(Markup.coordinate(height))",
            ],
            Markup.element("desc", [:], Markup.escape(description)) + ticks.joined() + lines.joined() + title)
    }

    private func drawn(_ row: Row, at y: Double, left: Double, right: Double, _ place: (Double) -> Double) -> String {
        let color = row.isOurs ? PlotColor.category(1) : PlotColor.ink
        let name = PlotText.text(row.isOurs ? "label" : "title", row.name, left - 14, y + 4, "end")
        var value = Humanly.significant(row.value, 3)
        var bar = ""
        if let interval = row.interval {
            value +=
                "  (\(Humanly.significant(interval.lowerBound, 3)), \(Humanly.significant(interval.upperBound, 3)))"
            let (low, high) = (place(interval.lowerBound), place(interval.upperBound))
            bar = Markup.element("g", ["style": "opacity:.45"], PlotText.line("thick", low, y, high, y, color))
        }
        let dot = Markup.element(
            "circle",
            [
                "class": "point", "cx": Markup.coordinate(place(row.value)), "cy": Markup.coordinate(y), "r": "5.5",
                "style": "fill:\(color.css)",
            ])
        return name + bar + dot + PlotText.text("tick", value, right + 14, y + 4, "start")
    }
}
