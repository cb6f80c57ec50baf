import Foundation
import ScalingLaws
import Testing

@testable import Reports

@Suite("The report page")
struct ReportPageTests {
    private static let law = ChinchillaLaw(irreducible: 1.7, capacity: 400, data: 410, alpha: 0.34, beta: 0.29)

    /// Sizes × lengths of a known law, with curves of 300 steps.
    private static func report(sizes: [Int], tokens: [Int], name: String = "run") -> Report {
        var runs: [RunSummary] = []
        var curves: [Curve] = []
        for (i, n) in sizes.enumerated() {
            for (j, d) in tokens.enumerated() {
                let steps = (1...300).map { k in
                    let seen = Double(d) * Double(k) / 300
                    let loss = law.loss(n: Double(n), d: seen)
                    return Curve.Step(
                        tokens: seen, flops: 6 * Double(n) * seen, lossTrain: loss,
                        lossEvaluated: k % 100 == 0 ? loss : nil, lossEvaluatedError: 0.01)
                }
                // A deterministic wobble, so that the fit has residuals.
                let loss = law.loss(n: Double(n), d: Double(d)) * (1 + 0.002 * sin(Double(7 * i + 3 * j)))
                runs.append(
                    RunSummary(
                        name: "\(name)-\(i)-\(j)", parameters: n, nonEmbeddingParameters: n * 4 / 5, tokens: d,
                        flops: 6 * Double(n) * Double(d), finalLoss: loss, finalLossError: 0.004, status: .complete))
                curves.append(Curve(name: "\(name)-\(i)-\(j)", parameters: n, steps: steps))
            }
        }
        return Report(title: "A <ladder> & its law", runs: runs, curves: curves, facts: [.init("config hash", "1f3a")])
    }

    @Test("a fitted ladder's page is well-formed and holds sentences, six plots and every run")
    func ladder() throws {
        var report = Self.report(
            sizes: [1_000_000, 10_000_000, 100_000_000], tokens: [10_000_000, 1_000_000_000], name: "a&b")
        let points = report.runs.map { run in
            FitPoint(
                n: Double(run.parameters), d: Double(run.tokens), loss: run.finalLoss ?? 0, label: run.name)
        }
        report.chinchilla = try ChinchillaFit(points, options: ChinchillaOptions(resamples: 20))
        report.kaplan = try KaplanFit(points)
        report.calibration = CalibrationTheory(alphabet: 4, key: 3, value: 2, exponent: 0.5)
        let page = ReportPage(report).html
        let counts = try elementCounts(page)
        #expect(counts["svg"] == 6)
        #expect(counts["figure"] == 6)
        for run in report.runs { #expect(page.contains("<td>\(Markup.escape(run.name))</td>")) }
        for words in ["The fitted law is", "exact entropy", "Kaplan 2020", "A &lt;ladder&gt; &amp; its law", "1f3a"] {
            #expect(page.contains(words), "\(words)")
        }
        #expect(!page.contains("http://www.w3.org/2000/svg\" src") && !page.contains("<script"))
        #expect(page.contains("Do not trust"), "two lengths cannot identify β, and the page must say so")
    }

    @Test("one run alone has its curves, no fit, and the reason")
    func single() throws {
        var report = Self.report(sizes: [1_000_000], tokens: [10_000_000])
        report.fitProblem = "one run is not a ladder"
        report.sample = "Once <upon> a time"
        let page = ReportPage(report).html
        #expect(try elementCounts(page)["svg"] == 2)
        #expect(page.contains("No law of N and D was fitted: one run is not a ladder."))
        #expect(page.contains("Once &lt;upon&gt; a time"))
        #expect(!page.contains("by source"))
    }

    @Test("a run on several sources has its held-out loss of each in a table")
    func sources() throws {
        var report = Self.report(sizes: [1_000_000], tokens: [10_000_000])
        report.runs[0].sources = [
            .init(name: "books", loss: 3.25, standardError: 0.011, bitsPerByte: 1.75, bitsPerCharacter: 1.875),
            .init(name: "ids", loss: 2.5, standardError: 0.02, bitsPerByte: nil, bitsPerCharacter: nil),
        ]
        let page = ReportPage(report).html
        _ = try elementCounts(page)
        #expect(page.contains("Held-out loss by source"))
        #expect(page.contains("<td>books</td><td>3.25") && page.contains("<td>1.875</td>"))
        #expect(page.contains("<td>ids</td><td>2.5") && page.contains("<td>–</td><td>–</td>"))
    }

    @Test("runs without curves or losses still give a page")
    func bare() throws {
        let run = RunSummary(
            name: "x", parameters: 10, nonEmbeddingParameters: 8, tokens: 0, flops: 0, finalLoss: nil,
            status: .diverged)
        let page = ReportPage(Report(title: "bare", runs: [run], curves: [])).html
        #expect(try elementCounts(page)["svg"] == nil)
        #expect(page.contains("diverged"))
        _ = try elementCounts(ReportPage(Report(title: "", runs: [], curves: [])).html)
    }

    @Test("a curve of thousands of steps is drawn as a line of about a hundred points with the same ends")
    func smoothing() throws {
        let steps = (1...5_000).map { Curve.Step(tokens: Double($0), flops: 6 * Double($0), lossTrain: 1 / Double($0)) }
        let smooth = Curve(name: "c", parameters: 1, steps: steps).smoothed(bins: 100)
        #expect(smooth.count > 50 && smooth.count <= 100)
        #expect(smooth.first?.tokens == 1)
        #expect(zip(smooth, smooth.dropFirst()).allSatisfy { $0.tokens < $1.tokens && $0.lossTrain > $1.lossTrain })
    }
}
