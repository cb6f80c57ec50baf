import Foundation

extension Plot {
    /// The figure as an `<svg>` element for a page that carries `Palette.figureStyle`.
    func svg(width: Double = 760, height: Double = 440) -> String { PlotDrawing(self, width, height).element }
}

/// One plot laid out in pixels: what is around the marks.
struct PlotDrawing {
    let plot: Plot
    let x: ScaledAxis
    let y: ScaledAxis
    private let width: Double
    private let height: Double
    private let left: Double
    private let right: Double
    private let top: Double
    private let bottom = 52.0

    init(_ plot: Plot, _ width: Double, _ height: Double) {
        self.plot = plot
        self.width = width
        self.height = height
        let points = plot.series.flatMap(\.points)
        x = ScaledAxis(
            plot.x, over: points.flatMap { Self.ends($0.x, $0.xRange) } + plot.values(crossing: .horizontal),
            padding: 0.02)
        y = ScaledAxis(
            plot.y, over: points.flatMap { Self.ends($0.y, $0.yRange) } + plot.values(crossing: .vertical),
            padding: 0.05)
        let longest = plot.series.compactMap(\.label?.count).max() ?? 0
        right = longest > 0 ? 18 + PlotText.width(longest) : 18
        let vertical = y
        let widest = vertical.ticks(PlotText.rows(height)).map { vertical.label($0).count }.max() ?? 0
        left = 34 + max(28, PlotText.width(widest))
        top = (PlotLegend.places(of: plot, left: left, right: width - 18).last?.y ?? -5) + 19
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

    func placeX(_ value: Double) -> Double { left + x.place(value) * (width - left - right) }
    func placeY(_ value: Double) -> Double { height - bottom - y.place(value) * (height - bottom - top) }

    private static func ends(_ value: Double, _ range: ClosedRange<Double>?) -> [Double] {
        range.map { [value, $0.lowerBound, $0.upperBound] } ?? [value]
    }

    /// Lines at all ticks; the words of those that would cover their neighbour's are left out.
    private var grid: String {
        let floor = height - bottom
        var free = -Double.infinity
        let columns = x.ticks(max(3, Int(width / 105))).map { tick in
            let words = x.label(tick)
            let (place, reach) = (placeX(tick), PlotText.width(words.count) / 2 + 3)
            let line = PlotText.line("grid", place, top, place, floor)
            guard place - reach >= free else { return line }
            free = place + reach
            return line + PlotText.text("tick", words, place, floor + 18, "middle")
        }
        let rows = y.ticks(PlotText.rows(height)).map { tick in
            PlotText.line("grid", left, placeY(tick), width - right, placeY(tick))
                + PlotText.text("tick", y.label(tick), left - 8, placeY(tick) + 4, "end")
        }
        return (columns + rows).joined()
    }

    private var frame: String {
        let floor = height - bottom
        let corner = "M\(Markup.coordinate(left)) \(Markup.coordinate(top))V\(Markup.coordinate(floor))"
        let middle = Markup.coordinate((top + floor) / 2)
        return Markup.element("path", ["class": "frame", "d": corner + "H\(Markup.coordinate(width - right))"])
            + PlotText.text("title", plot.x.title, (left + width - right) / 2, height - 10, "middle")
            + Markup.element(
                "text",
                ["class": "title", "text-anchor": "middle", "transform": "translate(16 \(middle)) rotate(-90)"],
                Markup.escape(plot.y.title))
    }

    private var levels: String {
        let across = plot.levels.filter { $0.crossing == .vertical && y.holds($0.value) }
        // From the top down, so that the words of near lines keep apart; words stand above their line.
        let sorted = across.sorted { placeY($0.value) < placeY($1.value) }
        let words = LabelSpacing.spread(
            sorted.map { placeY($0.value) - 6 }, gap: 14, within: (top + 8)...(height - bottom))
        let horizontal = zip(sorted, words).map { level, place in
            PlotText.line("level", left, placeY(level.value), width - right, placeY(level.value))
                + PlotText.text("label", level.label, left + 8, place, "start")
        }
        let vertical = plot.levels.filter { $0.crossing == .horizontal && x.holds($0.value) }.map { level in
            // Words go to the side where there is room.
            let (place, isLate) = (placeX(level.value), x.place(level.value) > 0.6)
            return PlotText.line("level", place, top, place, height - bottom)
                + PlotText.text("label", level.label, place + (isLate ? -6 : 6), top + 14, isLate ? "end" : "start")
        }
        return (horizontal + vertical).joined()
    }

    /// Labels stand beside the last points, moved apart where they would cover each other.
    private var labels: String {
        let wanted = plot.series.compactMap { series -> (text: String, x: Double, y: Double, color: PlotColor)? in
            guard let label = series.label, let last = series.points.last(where: { x.holds($0.x) && y.holds($0.y) })
            else { return nil }
            return (label, placeX(last.x) + 8, placeY(last.y) + 4, series.color)
        }.sorted { $0.y < $1.y }
        let places = LabelSpacing.spread(wanted.map(\.y), gap: 14, within: (top + 8)...(height - bottom - 4))
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
                sample(series, place.x, place.y)
                    + PlotText.text("tick", series.name, place.x + 28, place.y + 4, "start")
            }.joined()
    }
}

extension Plot {
    fileprivate func values(crossing: Level.Crossing) -> [Double] {
        levels.filter { $0.crossing == crossing }.map(\.value)
    }
}
