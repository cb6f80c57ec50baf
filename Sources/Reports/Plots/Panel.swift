import ScalingLaws

/// One drawing of a figure.
protocol Panel: Sendable {
    /// What it shows, for readers who cannot see it.
    var description: String { get }
    /// An `<svg>` element for a page that carries `Palette.figureStyle`, `width` units wide; a panel may choose its own
    /// height.
    func svg(width: Double, height: Double) -> String
    /// The height that it takes when it is given this one.
    func height(given height: Double) -> Double
    /// The numbers that it shows.
    var rows: [PanelRow] { get }
}

extension Panel {
    func height(given height: Double) -> Double { height }
}

/// One number or pair of numbers of a panel, as a data file has it.
struct PanelRow: Sendable {
    var series: String
    var point = ""
    var xQuantity: String
    var x: Double?
    var xRange: ClosedRange<Double>?
    var yQuantity = ""
    var y: Double?
    var yRange: ClosedRange<Double>?

    /// One row per point: tidy data, the same columns for every figure; those without a value are left out.
    static func table(_ panels: [[PanelRow]], source: String) -> Table {
        let rows = panels.enumerated().flatMap { index, rows in rows.map { (panel: index + 1, row: $0) } }
        let columns: [Table.Column] = [
            Table.Column(name: "panel", integers: rows.map { panels.count > 1 ? $0.panel : nil }),
            Table.Column(name: "series", cells: rows.map(\.row.series)),
            Table.Column(name: "point", cells: rows.map(\.row.point)),
            Table.Column(name: "x_quantity", cells: rows.map(\.row.xQuantity)),
            Table.Column(name: "x", numbers: rows.map(\.row.x)),
            Table.Column(name: "x_low", numbers: rows.map(\.row.xRange?.lowerBound)),
            Table.Column(name: "x_high", numbers: rows.map(\.row.xRange?.upperBound)),
            Table.Column(name: "y_quantity", cells: rows.map(\.row.yQuantity)),
            Table.Column(name: "y", numbers: rows.map(\.row.y)),
            Table.Column(name: "y_low", numbers: rows.map(\.row.yRange?.lowerBound)),
            Table.Column(name: "y_high", numbers: rows.map(\.row.yRange?.upperBound)),
        ]
        return Table(source: source, columns: columns.filter { !$0.cells.allSatisfy(\.isEmpty) })
    }
}

extension Plot: Panel {
    var rows: [PanelRow] {
        let points = series.flatMap { series in
            let name = [series.dataName, series.name, series.label ?? ""].first { !$0.isEmpty } ?? ""
            return series.points.map { point in
                PanelRow(
                    series: name, point: point.name, xQuantity: x.title, x: point.x, xRange: point.xRange,
                    yQuantity: y.title, y: point.y, yRange: point.yRange)
            }
        }
        let across = levels.filter { !$0.label.isEmpty && $0.crossing == .vertical }.map { level in
            PanelRow(series: level.label, xQuantity: x.title, yQuantity: y.title, y: level.value)
        }
        return points + across
    }
}

extension IntervalPlot: Panel {
    var rows: [PanelRow] {
        estimates.map { PanelRow(series: $0.name, xQuantity: axis.title, x: $0.value, xRange: $0.interval) }
    }
}
