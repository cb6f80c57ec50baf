import Foundation
import FoundationXML
import Testing

@testable import Reports

/// Counts the elements of a well-formed document, by name; throws what the parser objects to.
func elementCounts(_ text: String) throws -> [String: Int] {
    final class Counter: NSObject, XMLParserDelegate {
        var counts: [String: Int] = [:]
        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            counts[name, default: 0] += 1
        }
    }
    let counter = Counter()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = counter
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
    return counter.counts
}

@Suite("Plots")
struct PlotTests {
    @Test("linear ticks are round multiples inside the range")
    func linearTicks() {
        #expect(ScaledAxis.linearTicks(0, 1, 5) == [0, 0.2, 0.4, 0.6, 0.8, 1])
        #expect(ScaledAxis.linearTicks(2.9, 6.1, 6) == [3, 3.5, 4, 4.5, 5, 5.5, 6])
        #expect(ScaledAxis.linearTicks(0.11, 0.42, 6) == [0.15, 0.2, 0.25, 0.3, 0.35, 0.4])
        #expect(ScaledAxis.linearTicks(-3, 3, 3) == [-2, 0, 2])
    }

    @Test("logarithmic ticks are decades, thinned over many and filled in over few")
    func logarithmicTicks() {
        let wide = ScaledAxis.logarithmicTicks(1e3, 1e9, 7)
        #expect(wide.map { log10($0).rounded() } == [3, 4, 5, 6, 7, 8, 9])
        let narrow = ScaledAxis.logarithmicTicks(2.5, 11, 6)
        #expect(narrow.count >= 3 && narrow.allSatisfy { $0 >= 2.5 && $0 <= 11 })
        #expect(ScaledAxis.logarithmicTicks(1e1, 1e60, 7).count <= 14)
        #expect(ScaledAxis.logarithmicTicks(3.01, 3.09, 6).count >= 2)
    }

    @Test("tick labels say counts, powers and plain numbers without idle zeros")
    func labels() {
        func axis(_ labels: Axis.Labels) -> ScaledAxis {
            ScaledAxis(Axis("x", .logarithmic, labels: labels), over: [1, 1e20], padding: 0)
        }
        #expect(axis(.counts).label(1e7) == "10 M")
        #expect(axis(.counts).label(1.5e6) == "1.5 M")
        #expect(axis(.powers).label(1e15) == "10¹⁵")
        #expect(axis(.powers).label(3e15) == "3·10¹⁵")
        #expect(axis(.plain).label(0.5) == "0.5")
        #expect(axis(.plain).label(10) == "10")
        #expect(axis(.plain).label(8.5e-5) == "8.5·10⁻⁵")
        #expect(axis(.plain).label(-0.25) == "-0.25")
    }

    @Test("a plot is well-formed, holds its series, and escapes what is markup in names")
    func drawing() throws {
        let plot = Plot(
            "a <description> & more", x: Axis("x & y", .logarithmic, labels: .counts), y: Axis("loss", .linear),
            series: [
                .init(
                    "line <1>", [.init(1, 3), .init(10, 2), .init(100, 1)], .line, color: .category(0), label: "A&B"),
                .init("", [.init(1, 3, error: 0.1), .init(10, 2, error: 0.1)], .points, color: .ramp(0.5)),
            ], levels: [.init(0.5, label: "\"floor\"")])
        let counts = try elementCounts(plot.svg())
        #expect(counts["svg"] == 1)
        #expect(counts["circle"] == 2)
        #expect(plot.svg().contains("A&amp;B"))
        #expect(plot.svg().contains("line &lt;1&gt;"))
        #expect(plot.svg().contains("&quot;floor&quot;"))
        #expect(!plot.svg().contains("nan") && !plot.svg().contains("inf"))
    }

    @Test("degenerate data are still drawn: one point, equal values, nothing, values that are no numbers")
    func degenerate() throws {
        let data: [[Plot.Point]] = [
            [], [.init(1, 1)], [.init(2, 3), .init(2, 3)], [.init(0, 1), .init(-1, 2), .init(5, .nan), .init(7, 2)],
        ]
        for points in data {
            for scale in [Axis.Scale.linear, .logarithmic] {
                let plot = Plot(
                    "", x: Axis("x", scale), y: Axis("y", scale),
                    series: [
                        .init("p", points, .points, color: .ink), .init("l", points, .line, color: .ink, label: "l"),
                    ])
                _ = try elementCounts(plot.svg())
                #expect(!plot.svg().contains("nan") && !plot.svg().contains("inf"), "\(points) \(scale)")
            }
        }
    }

    @Test("labels keep their distance and their order")
    func labelSpacing() {
        #expect(LabelSpacing.spread([10, 11, 50], gap: 14, within: 0...100) == [10, 24, 50])
        #expect(LabelSpacing.spread([90, 95, 99], gap: 14, within: 0...100) == [72, 86, 100])
    }

    @Test("a band is drawn between the ranges of its points, bars through points, rings hollow, a cloud as one path")
    func marks() throws {
        let ranged = [Plot.Point(1, 2, yRange: 1...3, name: "one"), Plot.Point(2, 3, xRange: 1.5...2.5, yRange: 2...4)]
        let plot = Plot(
            "", x: Axis("x", .linear), y: Axis("y", .linear),
            series: [
                .init("band", ranged, .band, color: .category(0)), .init("", ranged, .rings, color: .ink),
                .init("", ranged, .diamonds, color: .ink), .init("", ranged, .cloud, color: .muted),
            ], levels: [.init(x: 1.5, label: "here"), .init(2, label: "there")])
        let svg = plot.svg()
        let counts = try elementCounts(svg)
        #expect(counts["circle"] == 2 && counts["rect"] == 1 && counts["title"] == 2)
        #expect(svg.components(separatedBy: "class=\"bar\"").count - 1 == 6, "three ranges, drawn by two series")
        #expect(svg.components(separatedBy: "class=\"cloud\"").count - 1 == 1)
        #expect(svg.contains(">here<") && svg.contains(">there<"))
    }

    @Test("a range of an axis is kept: a line outside of it has a gap, points outside are not drawn")
    func ranges() {
        let points = [Plot.Point(1, 1), .init(2, 2), .init(3, 9), .init(4, 2), .init(5, 1)]
        let plot = Plot(
            "", x: Axis("x", .linear), y: Axis("y", .linear, range: 0...3),
            series: [.init("", points, .line, color: .ink), .init("", points, .dots, color: .ink)])
        let svg = plot.svg()
        #expect(svg.components(separatedBy: "<circle").count - 1 == 4)
        let line = svg.components(separatedBy: "class=\"line\"").last?.prefix { $0 != ">" } ?? ""
        #expect(line.filter { $0 == "M" }.count == 2)
        let wide = Plot.Point(1, 1, xRange: 0.5...2, yRange: -1e9...1e9)
        let bars = Plot("", x: plot.x, y: plot.y, series: [.init("", [wide], .points, color: .ink)]).svg()
        #expect(!bars.contains("e+") && !bars.contains("00000"), "a bar ends where the axis does")
    }

    @Test("tick words that would cover their neighbour's are left out")
    func crowdedTicks() {
        let points = [Plot.Point(1e6, 1), Plot.Point(3e8, 2)]
        let plot = Plot(
            "", x: Axis("x", .logarithmic, labels: .powers), y: Axis("y", .linear),
            series: [.init("", points, .points, color: .ink)])
        #expect(plot.svg(width: 160).components(separatedBy: "text-anchor=\"middle\"").count < 7)
    }

    @Test("the frontier is the lower envelope of the curves")
    func frontier() {
        let frontier = Frontier([
            [.init(1, 5), .init(2, 4), .init(3, 3.9)], [.init(1.5, 6), .init(2.5, 3.5), .init(4, 3)],
        ])
        #expect(frontier.points == [.init(1, 5), .init(2, 4), .init(2.5, 3.5), .init(4, 3)])
    }
}
