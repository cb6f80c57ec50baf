import Foundation

/// The colours of figures and pages, light and dark, as CSS variables.
enum Palette {
    static let categories = 6
    static let rampSteps = 9

    /// Okabe and Ito 2008, the yellow left out (too pale on white); brighter twins for dark pages.
    private static let lightCategories = ["#0072b2", "#d55e00", "#009e73", "#b0579a", "#a87400", "#3f8fc0"]
    private static let darkCategories = ["#56b4e9", "#ff8a3d", "#2ecf9f", "#e39bc8", "#f0b429", "#9ad0f5"]
    /// From plasma (Smith and van der Walt 2015), cut where it turns too pale or too dark for the page.
    private static let lightRamp = [
        "#1b0c8c", "#4a03a0", "#7201a8", "#9512a1", "#b52f8c", "#cf4c74", "#e16462", "#ec7d47", "#e5941e",
    ]
    private static let darkRamp = [
        "#6f7dff", "#8f78ff", "#ae74f5", "#ca70e0", "#e06fc2", "#f0759d", "#f98a78", "#fca75c", "#f7cf4d",
    ]

    private static func variables(_ categories: [String], _ ramp: [String], _ others: String) -> String {
        let list =
            categories.enumerated().map { "--category-\($0.offset):\($0.element)" }
            + ramp.enumerated().map { "--ramp-\($0.offset):\($0.element)" }
        return list.joined(separator: ";") + ";" + others
    }

    static let light = variables(
        lightCategories, lightRamp,
        "--ink:#1a1c20;--muted:#5f6670;--rule:#d9dce1;--grid:#e9ebee;--paper:#ffffff;--panel:#f6f7f9;--accent:#0b5cad;--warn:#9a3b00"
    )
    static let dark = variables(
        darkCategories, darkRamp,
        "--ink:#e8eaed;--muted:#9aa3af;--rule:#3a4049;--grid:#262b33;--paper:#14171c;--panel:#1c2027;--accent:#7cc0ff;--warn:#ffb074"
    )

    /// The rules that figures need on a page, light or dark as its reader wants, light in print.
    static let figureStyle = """
        :root{\(light)}
        @media (prefers-color-scheme: dark){:root{\(dark)}}
        @media print{:root{\(light)}}
        \(rules)
        """

    /// The rules for a file of its own: light, for paper.
    static let fileStyle = resolved(rules)

    /// Values in the place of CSS variables, which many programs that read SVG do not know.
    static func resolved(_ text: String) -> String {
        light.split(separator: ";").reduce(text) { text, declaration in
            let parts = declaration.split(separator: ":", maxSplits: 1)
            return text.replacingOccurrences(of: "var(\(parts[0]))", with: parts[1])
        }
    }

    private static let rules = """
        svg.plot{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--ink)}
        svg.plot .grid{stroke:var(--grid);stroke-width:1}
        svg.plot .frame{stroke:var(--muted);stroke-width:1;fill:none}
        svg.plot .tick{fill:var(--muted);font-size:12px}
        svg.plot .title{font-size:13px}
        svg.plot .label{font-size:12px;font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:3px}
        svg.plot .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
        svg.plot .thin{fill:none;stroke-width:1.1;stroke-linejoin:round;opacity:.75}
        svg.plot .thick{fill:none;stroke-width:3;stroke-linejoin:round;stroke-linecap:round}
        svg.plot .dashed{fill:none;stroke-width:1.8;stroke-dasharray:7 5}
        svg.plot .level{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:2 4;fill:none}
        svg.plot .bar{stroke-width:1.4;fill:none}
        svg.plot .band{opacity:.18;stroke:none}
        svg.plot .cloud{fill:none;stroke-width:4;stroke-linecap:round;opacity:.4}
        svg.plot .ring{fill:var(--paper);stroke-width:2}
        svg.plot .point{stroke:var(--paper);stroke-width:.8}
        """
}
