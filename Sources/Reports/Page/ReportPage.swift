import Foundation
import ScalingLaws

/// A report as one self-contained HTML page: no script, no font, no image from elsewhere. It is well-formed XML too.
public struct ReportPage: Sendable {
    private let report: Report
    private let sections: [PageSection]
    private let folder: String?

    /// The page of a report; with a folder of figures, relative to the page, each has links to its files there.
    public init(_ report: Report, figures folder: String? = nil) {
        self.report = report
        self.folder = folder
        sections = ReportFigures(report).sections
    }

    /// The drawing and the numbers of every figure, to be written into the folder of figures.
    public var files: [(name: String, text: String)] {
        sections.flatMap(\.figures).flatMap { [("\($0.id).svg", $0.document), ("\($0.id).csv", $0.table.csv)] }
    }

    /// The whole page.
    public var html: String {
        let figures = sections.filter(\.isShown).map(figures)
        let body = [header, contents, summary, warnings] + figures + [runs, sources, sample, gaps, facts]
        return """
            <!DOCTYPE html>
            <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>\(Markup.escape(report.title))</title>
            <style>
            \(Palette.figureStyle)
            \(PageStyle.rules)
            </style>
            </head>
            <body><main>
            \(body.compactMap { $0 }.joined(separator: "\n"))
            </main></body>
            </html>

            """
    }

    private var header: String { Markup.element("h1", [:], Markup.escape(report.title)) }

    private var summary: String {
        ReportProse(report).summary.map { Markup.element("p", [:], Markup.escape($0)) }.joined(separator: "\n")
    }

    private var warnings: String? {
        let warnings = ReportProse(report).warnings
        guard !warnings.isEmpty else { return nil }
        let items = warnings.map { warning in
            let weight = warning.isGrave ? Markup.element("strong", [:], "Do not trust: ") : ""
            return Markup.element("li", [:], weight + Markup.escape(warning.text))
        }
        let heading = Markup.element("h2", [:], warnings.contains(where: \.isGrave) ? "Read this first" : "Notes")
        return Markup.element(
            "section", ["class": "warnings"], heading + Markup.element("ul", [:], items.joined(separator: "\n")))
    }

    /// Links to the sections, where there are several.
    private var contents: String? {
        let shown = sections.filter(\.isShown)
        guard shown.count > 2 else { return nil }
        let links = shown.map { Markup.element("a", ["href": "#" + Self.place($0.title)], Markup.escape($0.title)) }
        return Markup.element("nav", ["aria-label": "Sections"], links.joined(separator: "\n"))
    }

    private func figures(_ section: PageSection) -> String? {
        let parts = section.exhibits.compactMap { exhibit in
            switch exhibit {
            case .figure(let figure): markup(figure)
            case .table(let table): table
            case .paragraph(let words): Markup.element("p", [:], Markup.escape(words))
            case .missing: nil
            }
        }
        return self.section(section.title, parts)
    }

    private func markup(_ figure: Figure) -> String {
        let isSingle = figure.panels.count == 1
        let drawings = figure.drawings.joined(separator: "\n")
        // What scrolls must be reachable by keyboard.
        let frame =
            isSingle
            ? Markup.element(
                "div", ["class": "scroll", "tabindex": "0", "role": "group", "aria-label": figure.title], drawings)
            : Markup.element("div", ["class": "panels"], drawings)
        let caption = Markup.element("b", [:], Markup.escape(figure.title + ".")) + " " + Markup.escape(figure.caption)
        return Markup.element(
            "figure", ["id": figure.id, "class": isSingle ? "single" : figure.panels.count == 2 ? "two" : "several"],
            frame + "\n" + Markup.element("figcaption", [:], caption + links(figure)))
    }

    private func links(_ figure: Figure) -> String {
        guard let folder else { return "" }
        let links = ["svg", "csv"].map { kind in
            Markup.element("a", ["href": "\(folder)/\(figure.id).\(kind)"], kind.uppercased())
        }
        return " " + Markup.element("span", ["class": "files"], links.joined(separator: " "))
    }

    /// What the page could show with other data.
    private var gaps: String? {
        let gaps = sections.flatMap(\.gaps)
        guard !gaps.isEmpty else { return nil }
        let items = gaps.map { Markup.element("li", [:], Markup.escape($0)) }
        return section("Not shown, and why", [Markup.element("ul", ["class": "gaps"], items.joined(separator: "\n"))])
    }

    private var runs: String? { section("Runs", [ReportTables(report).runs]) }

    private var sources: String? {
        section("Held-out loss by source", [ReportTables(report).sources].compactMap { $0 })
    }

    private var sample: String? {
        report.sample.flatMap { section("A sample", [Markup.element("pre", [:], Markup.escape($0))]) }
    }

    private var facts: String? {
        report.facts.isEmpty ? nil : section("How it was made", [ReportTables(report).facts])
    }

    private func section(_ title: String, _ parts: [String]) -> String? {
        guard !parts.isEmpty else { return nil }
        let heading = Markup.element("h2", ["id": Self.place(title)], Markup.escape(title))
        return Markup.element("section", [:], ([heading] + parts).joined(separator: "\n"))
    }

    private static func place(_ title: String) -> String {
        "section-" + String(title.lowercased().map { $0.isLetter ? $0 : "-" })
    }
}
