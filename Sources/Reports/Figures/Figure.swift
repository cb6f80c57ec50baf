import ScalingLaws

/// A figure of a report, as a paper would take it: drawings, a caption, and the numbers behind them.
struct Figure: Sendable {
    /// Of the files, and of the place on the page: "loss-against-compute".
    let id: String
    /// What it shows, in a few words.
    let title: String
    /// What is seen, from what, and with what caveat.
    let caption: String
    /// Side by side where there is room, else under each other.
    let panels: [any Panel]
    private let height: Double

    /// - Parameter height: of a single panel; several are smaller.
    init(_ id: String, _ title: String, _ panels: [any Panel], height: Double = 440, caption: String) {
        self.id = id
        self.title = title
        self.caption = caption
        self.panels = panels
        self.height = height
    }

    private static let gap = 16.0
    private var panelWidth: Double { panels.count > 1 ? 400 : 760 }
    private var panelHeight: Double { panels.count > 1 ? 340 : height }

    /// The drawings as `<svg>` elements for a page that carries `Palette.figureStyle`.
    var drawings: [String] { panels.map { $0.svg(width: panelWidth, height: panelHeight) } }

    /// The figure as an SVG file of its own, panels in rows of up to three, colours light and in the file.
    var document: String {
        let columns = min(3, panels.count)
        let rows = (panels.count + columns - 1) / max(1, columns)
        let heights = panels.map { $0.height(given: panelHeight) }
        let tallest = heights.max() ?? panelHeight
        let width = Double(columns) * (panelWidth + Self.gap) - Self.gap
        let height = Double(rows) * (tallest + Self.gap) - Self.gap
        let parts = zip(drawings, heights).enumerated().map { index, part in
            let x = Double(index % columns) * (panelWidth + Self.gap)
            let y = Double(index / columns) * (tallest + Self.gap)
            let place = [("x", x), ("y", y), ("width", panelWidth), ("height", part.1)]
                .map { "\($0)=\"\(Markup.coordinate($1))\"" }.joined(separator: " ")
            return "<svg \(place)" + part.0.dropFirst("<svg".count)
        }
        let size = "\(Markup.coordinate(width)) \(Markup.coordinate(height))"
        let outer = Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(size)", "width": Markup.coordinate(width),
                "height": Markup.coordinate(height),
            ],
            ([Markup.element("title", [:], Markup.escape(title)), Markup.element("style", [:], Palette.fileStyle)]
                + parts.map(Palette.resolved)).joined(separator: "\n"))
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(outer)\n"
    }

    /// All points, lines and bars as rows.
    var table: Table { PanelRow.table(panels.map(\.rows), source: id) }
}

/// A piece of a section of the page.
enum Exhibit: Sendable {
    case figure(Figure)
    /// A table, as markup.
    case table(String)
    case paragraph(String)
    /// A figure that the data do not give: what it is, why not, and what would make it.
    case missing(String, because: String)
}

/// A heading with what is under it; without anything to show it stays away from the page.
struct PageSection: Sendable {
    let title: String
    let exhibits: [Exhibit]

    init(_ title: String, _ exhibits: [Exhibit]) {
        self.title = title
        self.exhibits = exhibits
    }

    var figures: [Figure] { exhibits.compactMap { if case .figure(let figure) = $0 { figure } else { nil } } }

    /// What is not shown, a sentence each.
    var gaps: [String] {
        exhibits.compactMap { exhibit in
            guard case .missing(let what, let because) = exhibit else { return nil }
            return "\(what): \(because)" + (because.hasSuffix(".") ? "" : ".")
        }
    }

    var isShown: Bool { gaps.count < exhibits.count }
}
