import Foundation
import ScalingLaws

/// A report as one self-contained HTML page: no script, no font, no image from elsewhere. It is well-formed XML too.
public struct ReportPage: Sendable {
    private let report: Report

    /// The page of a report.
    public init(_ report: Report) { self.report = report }

    /// The whole page.
    public var html: String {
        let body = [header, summary, warnings, curves, fit, exponents, runs, sources, sample, facts].compactMap { $0 }
        return """
            <!DOCTYPE html>
            <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>\(Markup.escape(report.title))</title>
            <style>
            \(Palette.figureStyle)
            \(Self.pageStyle)
            </style>
            </head>
            <body><main>
            \(body.joined(separator: "\n"))
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

    private var curves: String? {
        let figures = ReportFigures(report)
        let parts = [
            figure(
                figures.lossAgainstTokens?.svg(),
                "Loss against tokens. Lines: training loss, averaged in equal steps of ln D; points: held-out loss with its "
                    + "standard error; colour and label: parameters N."),
            figure(
                figures.lossAgainstCompute?.svg(),
                "Loss against compute. The thick line is the frontier, the lowest held-out loss (training loss where none was measured) that any run had by "
                    + "then"
                    + (report.chinchilla == nil ? "." : "; dashed, the fitted law at its compute-optimal N and D.")),
        ].compactMap { $0 }
        return section("Curves", parts)
    }

    private var fit: String? {
        let figures = ReportFigures(report)
        let parts = [
            figure(
                figures.fitAgainstPoints?.svg(),
                "The fit against the points. Lines: the fitted law for fixed D; points: final losses of complete runs."),
            figure(
                figures.residuals?.svg(height: 280),
                "What the fit leaves over; colour: N, as in the curves. A pattern here means that the law does not hold over the whole range."
            ),
            ReportTables(report).parameters,
        ].compactMap { $0 }
        return section("The law", parts)
    }

    private var exponents: String? {
        let figures = ReportFigures(report)
        let sources = PublishedLaw.all.map { "\($0.name): \($0.source)" }.joined(separator: "; ")
        let parts = [
            figure(
                figures.optimumExponents?.svg(),
                "How the best model size grows with compute. Ours with its 95 % bootstrap interval; Chinchilla's intervals "
                    + "are 10–90 %, Epoch's 95 %. N counts all parameters; Kaplan's leaves out embeddings. \(sources)."),
            figure(
                figures.lossExponents?.svg(),
                "Exponents of the loss. Kaplan's form has no irreducible loss, so its exponents are smaller by nature."),
        ].compactMap { $0 }
        return section("Beside published laws", parts)
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
        let heading = Markup.element("h2", [:], Markup.escape(title))
        return Markup.element("section", [:], ([heading] + parts).joined(separator: "\n"))
    }

    private func figure(_ svg: String?, _ caption: String) -> String? {
        svg.map {
            Markup.element(
                "figure", [:],
                Markup.element("div", ["class": "scroll"], $0)
                    + Markup.element("figcaption", [:], Markup.escape(caption)))
        }
    }

    private static let pageStyle = """
        :root{color-scheme:light dark}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        main{max-width:860px;margin:0 auto;padding:2rem 1.1rem 4rem}
        h1{font-size:1.75rem;line-height:1.2;margin:.4rem 0 1.2rem;letter-spacing:-.01em}
        h2{font-size:1.15rem;margin:2.4rem 0 .8rem;padding-top:.9rem;border-top:1px solid var(--rule)}
        p{margin:.55rem 0;max-width:46rem}
        figure{margin:1.4rem 0 2rem}
        figcaption{color:var(--muted);font-size:.85rem;line-height:1.45;margin-top:.3rem;max-width:46rem}
        .scroll{overflow-x:auto}
        svg.plot{display:block;width:100%;min-width:560px;height:auto}
        table{border-collapse:collapse;font-size:.84rem;font-variant-numeric:tabular-nums;white-space:nowrap;margin:.4rem 0}
        th,td{text-align:right;padding:.3rem .7rem;border-bottom:1px solid var(--rule)}
        th{color:var(--muted);font-weight:600;white-space:normal;vertical-align:bottom;min-width:3rem}
        th:first-child,td:first-child{text-align:left;padding-left:0}
        .warnings{background:var(--panel);border-left:4px solid var(--warn);padding:.1rem 1.2rem .6rem;margin:1.4rem 0}
        .warnings h2{border:0;margin:.6rem 0 .2rem;padding:0;color:var(--warn)}
        .warnings ul{margin:.3rem 0;padding-left:1.1rem}
        pre{background:var(--panel);padding:1rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;font-size:.88rem}
        dt{color:var(--muted)}
        dd{margin:0;overflow-wrap:anywhere}
        @media print{main{max-width:none;padding:0}figure,table{break-inside:avoid}h2{break-after:avoid}}
        """
}
