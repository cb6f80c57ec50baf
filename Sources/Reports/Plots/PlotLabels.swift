import Foundation

/// Words and straight lines of drawings.
enum PlotText {
    /// About what so many characters take in the drawings' type.
    static func width(_ characters: Int) -> Double { 7 * Double(characters) }

    /// Ticks that a vertical axis has room for.
    static func rows(_ height: Double) -> Int { max(3, Int(height / 55)) }

    static func text(_ kind: String, _ words: String, _ x: Double, _ y: Double, _ anchor: String) -> String {
        Markup.element(
            "text", ["class": kind, "x": Markup.coordinate(x), "y": Markup.coordinate(y), "text-anchor": anchor],
            Markup.escape(words))
    }

    /// A line from (x1, y1) to (x2, y2); without a colour that of its kind.
    static func line(
        _ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: PlotColor? = nil
    ) -> String {
        let places =
            "M\(Markup.coordinate(x1)) \(Markup.coordinate(y1))L\(Markup.coordinate(x2)) \(Markup.coordinate(y2))"
        guard let color else { return Markup.element("path", ["class": kind, "d": places]) }
        return Markup.element("path", ["class": kind, "style": "stroke:\(color.css)", "d": places])
    }
}

/// Where the samples of a legend stand: above the plot, in as many rows as they need.
enum PlotLegend {
    static func places(of plot: Plot, left: Double, right: Double) -> [(x: Double, y: Double)] {
        var (x, y) = (left + 4, 15.0)
        return plot.series.filter { !$0.name.isEmpty }.map { series in
            let width = 28 + PlotText.width(series.name.count) + 14
            if x + width > right, x > left + 4 { (x, y) = (left + 4, y + 20) }
            defer { x += width }
            return (x, y)
        }
    }
}

/// Moves labels along one direction until none covers its neighbour.
enum LabelSpacing {
    /// Places in the order given (rising), at least `gap` apart, as near to the wanted ones as a push down and a push
    /// back up leave them.
    static func spread(_ wanted: [Double], gap: Double, within range: ClosedRange<Double>) -> [Double] {
        var places = wanted
        for i in places.indices {
            places[i] = max(places[i], i == 0 ? range.lowerBound : places[i - 1] + gap)
        }
        for i in places.indices.reversed() {
            places[i] = min(places[i], i == places.count - 1 ? range.upperBound : places[i + 1] - gap)
        }
        return places
    }
}
