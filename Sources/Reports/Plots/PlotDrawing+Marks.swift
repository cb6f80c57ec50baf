import Foundation

/// The marks of a plot's series.
extension PlotDrawing {
    func draw(_ series: Plot.Series) -> String {
        switch series.mark {
        case .line: path("line", series)
        case .thinLine: path("thin", series)
        case .dashedLine: path("dashed", series)
        case .thickLine: path("thick", series)
        case .band: band(series)
        case .cloud: cloud(series)
        case .points, .dots, .rings, .diamonds:
            places(series).map { point in
                bars(point, series.color) + symbol(placeX(point.x), placeY(point.y), series, point.name)
            }.joined()
        }
    }

    /// How the series looks, in a legend.
    func sample(_ series: Plot.Series, _ x: Double, _ y: Double) -> String {
        switch series.mark {
        case .points, .dots, .rings, .diamonds: symbol(x + 14, y, series, "")
        case .cloud: symbol(x + 14, y, Plot.Series("", [], .dots, color: series.color), "")
        case .line, .thinLine: PlotText.line("line", x, y, x + 22, y, series.color)
        case .dashedLine: PlotText.line("dashed", x, y, x + 22, y, series.color)
        case .thickLine: PlotText.line("thick", x, y, x + 22, y, series.color)
        case .band:
            Markup.element(
                "rect",
                [
                    "class": "band", "x": Markup.coordinate(x), "y": Markup.coordinate(y - 6), "width": "22",
                    "height": "12", "style": "fill:\(series.color.css)",
                ])
        }
    }

    private func places(_ series: Plot.Series) -> [Plot.Point] {
        series.points.filter { x.holds($0.x) && y.holds($0.y) }
    }

    /// A line, with gaps where it leaves the axes.
    private func path(_ kind: String, _ series: Plot.Series) -> String {
        let pieces = series.points.split { !(x.holds($0.x) && y.holds($0.y)) }.filter { $0.count > 1 }
        guard !pieces.isEmpty else { return "" }
        let lines = pieces.map { "M" + $0.map { place($0.x, $0.y) }.joined(separator: "L") }
        return Markup.element(
            "path", ["class": kind, "style": "stroke:\(series.color.css)", "d": lines.joined()])
    }

    private func band(_ series: Plot.Series) -> String {
        let edges = series.points.compactMap { point in
            point.yRange.flatMap {
                x.holds(point.x) ? (x: point.x, low: inside($0.lowerBound), high: inside($0.upperBound)) : nil
            }
        }
        guard edges.count > 1 else { return "" }
        let outline = edges.map { place($0.x, $0.high) } + edges.reversed().map { place($0.x, $0.low) }
        return Markup.element(
            "path",
            ["class": "band", "style": "fill:\(series.color.css)", "d": "M" + outline.joined(separator: "L") + "Z"])
    }

    private func inside(_ value: Double) -> Double { min(max(value, y.low), y.high) }

    private func cloud(_ series: Plot.Series) -> String {
        let places = places(series).map { "M" + place($0.x, $0.y) + "h0" }
        guard !places.isEmpty else { return "" }
        return Markup.element(
            "path", ["class": "cloud", "style": "stroke:\(series.color.css)", "d": places.joined()])
    }

    /// Bars end at the axes' ends where they go further.
    private func bars(_ point: Plot.Point, _ color: PlotColor) -> String {
        var result = ""
        if let range = point.yRange {
            let (place, low, high) = (placeX(point.x), inside(range.lowerBound), inside(range.upperBound))
            result += PlotText.line("bar", place, placeY(low), place, placeY(high), color)
        }
        if let range = point.xRange {
            let (low, high) = (max(range.lowerBound, x.low), min(range.upperBound, x.high))
            result += PlotText.line("bar", placeX(low), placeY(point.y), placeX(high), placeY(point.y), color)
        }
        return result
    }

    private func symbol(_ x: Double, _ y: Double, _ series: Plot.Series, _ name: String) -> String {
        let title = name.isEmpty ? nil : Markup.element("title", [:], Markup.escape(name))
        let (cx, cy) = (Markup.coordinate(x), Markup.coordinate(y))
        switch series.mark {
        case .rings:
            return Markup.element(
                "circle",
                ["class": "ring", "cx": cx, "cy": cy, "r": "4.6", "style": "stroke:\(series.color.css)"], title)
        case .diamonds:
            return Markup.element(
                "path",
                [
                    "class": "point", "style": "fill:\(series.color.css)",
                    "d": "M\(cx) \(cy)m0-6.5l5 6.5l-5 6.5l-5-6.5z",
                ],
                title)
        default:
            return Markup.element(
                "circle",
                [
                    "class": "point", "cx": cx, "cy": cy, "r": series.mark == .dots ? "2.6" : "4.2",
                    "style": "fill:\(series.color.css)",
                ], title)
        }
    }

    private func place(_ x: Double, _ y: Double) -> String {
        "\(Markup.coordinate(placeX(x))) \(Markup.coordinate(placeY(y)))"
    }
}
