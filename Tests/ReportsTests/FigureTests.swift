import ScalingLaws
import Testing

@testable import Reports

@Suite("Figures")
struct FigureTests {
    private static func panel(_ name: String) -> Plot {
        Plot(
            "about \(name)", x: Axis("N, in \"all\"", .logarithmic), y: Axis("loss", .linear),
            series: [
                .init("s,1", [.init(10, 3, error: 0.5, name: "run a"), .init(100, 2)], .points, color: .category(0)),
                .init("", [.init(10, 3), .init(100, 2)], .line, color: .ramp(0.5), dataName: "line"),
            ], levels: [.init(1, label: "floor")])
    }

    @Test("a figure's file is one well-formed SVG that needs no style from elsewhere, however many panels it has")
    func documents() throws {
        for count in 1...4 {
            let figure = Figure("id", "A <title>", (0..<count).map { Self.panel("\($0)") }, caption: "")
            let counts = try elementCounts(figure.document)
            #expect(counts["svg"] == count + 1)
            #expect(counts["desc"] == count)
            #expect(!figure.document.contains("var(--"), "many programs know no CSS variables")
        }
    }

    @Test("the data of a figure are a table that reads back to the same numbers, one row per point")
    func data() throws {
        let figure = Figure("id", "", [Self.panel("a"), Self.panel("b")], caption: "")
        let table = figure.table
        #expect(table.rowCount == 10)
        #expect(try table.texts("panel") == Array(repeating: "1", count: 5) + Array(repeating: "2", count: 5))
        #expect(try table.optionalDoubles("y_low").prefix(2) == [2.5, nil])
        #expect(try table.optionalDoubles("x")[4] == nil, "a level has a height only")
        #expect(table.csv.contains("\"s,1\",run a"))
        #expect(!table.hasColumn("x_low"), "a column without a value is not there")
    }

    @Test("figures of intervals take the height of their rows")
    func intervals() throws {
        let plot = IntervalPlot(
            "", axis: Axis("a", .linear), rows: (0..<7).map { .init("row \($0)", Double($0), interval: 0...8) })
        let figure = Figure("id", "t", [plot], caption: "")
        #expect(figure.document.contains("height=\"278\""))
        #expect(figure.table.rowCount == 7)
    }

    @Test("what is missing is said once, with what would make it")
    func gaps() {
        let section = PageSection(
            "s", [.missing("A figure", because: "no data; get some"), .missing("B", because: "c.")])
        #expect(!section.isShown)
        #expect(section.gaps == ["A figure: no data; get some.", "B: c."])
    }

    @Test("the noise scale is the ratio of averages, and estimates below 0 do not turn it over")
    func noiseScale() throws {
        let steps = (0..<400).map { k in
            // |G|² is 2 on average and often negative, S is 6: the ratio is 3.
            Curve.Step(
                tokens: Double(k + 1), flops: 1, lossTrain: 4, gradientSquare: k % 2 == 0 ? 5 : -1, gradientNoise: 6)
        }
        let scale = Curve(name: "c", parameters: 1, steps: steps).noiseScale()
        let last = try #require(scale.last)
        #expect(scale.count > 50 && scale.count <= 120)
        #expect(abs(last.tokens - 3) < 0.05 && abs(last.loss - 4) < 1e-9)
    }

    @Test("repeats are worth less and less, and at first as much as fresh text")
    func repeats() {
        let worth = RepeatWorth(decay: 15, interval: nil, mostEpochs: 4)
        #expect(worth.effectiveEpochs(1) == 1)
        #expect(abs(worth.effectiveEpochs(1.01) - 1.01) < 1e-4)
        #expect(worth.effectiveEpochs(1_000) < 16.01)
    }
}
