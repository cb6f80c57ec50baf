import Foundation

extension Plot {
    /// The figure as an `<svg>` element for a page that carries `Palette.figureStyle`.
    func svg(width: Double = 760, height: Double = 440) -> String { PlotDrawing(self, width, height).element }

    /// The figure as a file of its own.
    public var document: String {
        let style = Markup.element("style", [:], Palette.figureStyle)
        let drawing = svg().replacingOccurrences(of: "<desc>", with: "\(style)<desc>")
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(drawing)\n"
    }
}

/// One plot laid out in pixels.
private struct PlotDrawing {
    private let plot: Plot
    private let x: ScaledAxis
    private let y: ScaledAxis
    private let width: Double
    private let height: Double
    private let left = 62.0
    private let right: Double
    private let top: Double
    private let bottom = 52.0

    init(_ plot: Plot, _ width: Double, _ height: Double) {
        self.plot = plot
        self.width = width
        self.height = height
        let points = plot.series.flatMap(\.points)
        let bars = points.flatMap { point in point.error.map { [point.y - $0, point.y + $0] } ?? [point.y] }
        x = ScaledAxis(plot.x, over: points.map(\.x), padding: 0.02)
        y = ScaledAxis(plot.y, over: bars + plot.levels.map(\.y), padding: 0.05)
        let longest = plot.series.compactMap(\.label?.count).max() ?? 0
        right = longest > 0 ? 18 + 7 * Double(longest) : 18
        let legendRows = PlotLegend.places(of: plot, left: left, right: width - 18).last.map { $0.y + 19 }
        top = legendRows ?? 14
    }

    var element: String {
        let body = [
            Markup.element("desc", [:], Markup.escape(plot.description)), grid, frame, levels,
            plot.series.map(draw).joined(), labels, legend,
        ].joined(separator: "\n")
        return Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": "plot", "role": "img",
                "viewBox": "0 0 \(Markup.coordinate(width)) \(Markup.coordinate(height))",
            ], body)
    }

    private func placeX(_ value: Double) -> Double { left + x.place(value) * (width - left - right) }
    private func placeY(_ value: Double) -> Double { height - bottom - y.place(value) * (height - bottom - top) }

    private var grid: String {
        let floor = height - bottom
        let columns = x.ticks(7).map { tick in
            line("grid", placeX(tick), top, placeX(tick), floor)
                + text("tick", x.label(tick), placeX(tick), floor + 18, "middle")
        }
        let rows = y.ticks(8).map { tick in
            line("grid", left, placeY(tick), width - right, placeY(tick))
                + text("tick", y.label(tick), left - 8, placeY(tick) + 4, "end")
        }
        return (columns + rows).joined()
    }

    private var frame: String {
        let floor = height - bottom
        let corner = "M\(Markup.coordinate(left)) \(Markup.coordinate(top))V\(Markup.coordinate(floor))"
        let middle = (top + floor) / 2
        return Markup.element("path", ["class": "frame", "d": corner + "H\(Markup.coordinate(width - right))"])
            + text("title", plot.x.title, (left + width - right) / 2, height - 10, "middle")
            + Markup.element(
                "text",
                ["class": "title", "text-anchor": "middle", "transform": "translate(16 \(middle)) rotate(-90)"],
                Markup.escape(plot.y.title))
    }

    private var levels: String {
        plot.levels.map { level in
            line("level", left, placeY(level.y), width - right, placeY(level.y))
                + text("label", level.label, left + 8, placeY(level.y) - 6, "start")
        }.joined()
    }

    private func draw(_ series: Plot.Series) -> String {
        let places = series.points.filter { x.holds($0.x) && y.holds($0.y) }
        switch series.mark {
        case .line: return path("line", places, series.color)
        case .thinLine: return path("thin", places, series.color)
        case .dashedLine: return path("dashed", places, series.color)
        case .thickLine: return path("thick", places, series.color)
        case .points, .dots:
            return places.map { bar($0, series.color) + dot(placeX($0.x), placeY($0.y), series) }.joined()
        }
    }

    private func path(_ kind: String, _ points: [Plot.Point], _ color: PlotColor) -> String {
        guard points.count > 1 else { return "" }
        let places = points.map { "\(Markup.coordinate(placeX($0.x))) \(Markup.coordinate(placeY($0.y)))" }
        return Markup.element(
            "path", ["class": kind, "style": "stroke:\(color.css)", "d": "M" + places.joined(separator: "L")])
    }

    private func bar(_ point: Plot.Point, _ color: PlotColor) -> String {
        guard let error = point.error, error > 0 else { return "" }
        let (low, high) = (placeY(point.y - error), placeY(point.y + error))
        guard low.isFinite, high.isFinite else { return "" }
        return line("bar", placeX(point.x), low, placeX(point.x), high, color)
    }

    private func dot(_ x: Double, _ y: Double, _ series: Plot.Series) -> String {
        Markup.element(
            "circle",
            [
                "class": "point", "cx": Markup.coordinate(x), "cy": Markup.coordinate(y),
                "r": series.mark == .dots ? "2.6" : "4.2", "style": "fill:\(series.color.css)",
            ])
    }

    /// Labels stand beside the last points, moved apart where they would cover each other.
    private var labels: String {
        let wanted = plot.series.compactMap { series -> (text: String, x: Double, y: Double, color: PlotColor)? in
            guard let label = series.label, let last = series.points.last(where: { x.holds($0.x) && y.holds($0.y) })
            else { return nil }
            return (label, placeX(last.x) + 8, placeY(last.y) + 4, series.color)
        }.sorted { $0.y < $1.y }
        let places = LabelSpacing.spread(wanted.map(\.y), gap: 14, within: (top + 8)...(height - bottom))
        return zip(wanted, places).map { label, y in
            Markup.element(
                "text",
                [
                    "class": "label", "x": Markup.coordinate(label.x), "y": Markup.coordinate(y),
                    "style": "fill:\(label.color.css)",
                ], Markup.escape(label.text))
        }.joined()
    }

    private var legend: String {
        zip(plot.series.filter { !$0.name.isEmpty }, PlotLegend.places(of: plot, left: left, right: width - 18))
            .map { series, place in
                sample(series, place.x, place.y) + text("tick", series.name, place.x + 28, place.y + 4, "start")
            }.joined()
    }

    private func sample(_ series: Plot.Series, _ x: Double, _ y: Double) -> String {
        switch series.mark {
        case .points, .dots: dot(x + 14, y, series)
        case .line, .thinLine: line("line", x, y, x + 22, y, series.color)
        case .dashedLine: line("dashed", x, y, x + 22, y, series.color)
        case .thickLine: line("thick", x, y, x + 22, y, series.color)
        }
    }

    private func line(
        _ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: PlotColor? = nil
    ) -> String {
        let places =
            "M\(Markup.coordinate(x1)) \(Markup.coordinate(y1))L\(Markup.coordinate(x2)) \(Markup.coordinate(y2))"
        guard let color else { return Markup.element("path", ["class": kind, "d": places]) }
        return Markup.element("path", ["class": kind, "style": "stroke:\(color.css)", "d": places])
    }

    private func text(_ kind: String, _ words: String, _ x: Double, _ y: Double, _ anchor: String) -> String {
        Markup.element(
            "text",
            ["class": kind, "x": Markup.coordinate(x), "y": Markup.coordinate(y), "text-anchor": anchor],
            Markup.escape(words))
    }
}

/// Where the samples of a legend stand: above the plot, in as many rows as they need.
enum PlotLegend {
    static func places(of plot: Plot, left: Double, right: Double) -> [(x: Double, y: Double)] {
        var (x, y) = (left + 4, 15.0)
        return plot.series.filter { !$0.name.isEmpty }.map { series in
            let width = 28 + 7 * Double(series.name.count) + 14
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
