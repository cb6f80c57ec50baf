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

    private static func points(_ report: Report) -> [FitPoint] {
        report.runs.map { run in
            FitPoint(n: Double(run.parameters), d: Double(run.tokens), loss: run.finalLoss ?? 0, label: run.name)
        }
    }

    @Test("a fitted ladder's page is well-formed and holds sentences, every figure with its files, and every run")
    func ladder() throws {
        var report = Self.report(
            sizes: [1_000_000, 10_000_000, 100_000_000], tokens: [10_000_000, 1_000_000_000], name: "a&b")
        let points = Self.points(report)
        report.chinchilla = try ChinchillaFit(points, options: FitOptions(resamples: 60))
        report.kaplan = try KaplanFit(points)
        report.calibration = CalibrationTheory(alphabet: 4, key: 3, value: 2, exponent: 0.5)
        let made = ReportPage(report, figures: "figures")
        let page = made.html
        let counts = try elementCounts(page)
        let shown = [
            "loss-against-tokens", "loss-against-compute", "loss-against-budget", "loss-above-irreducible",
            "nats-per-doubling", "fit-against-parameters", "fit-against-tokens", "residuals", "contours", "bootstrap",
            "optimum-against-compute", "tokens-per-parameter", "optimum-exponents", "loss-exponents", "kaplan",
        ]
        #expect(counts["figure"] == shown.count)
        #expect(made.files.map(\.name) == shown.flatMap { ["\($0).svg", "\($0).csv"] })
        for name in shown { #expect(page.contains("id=\"\(name)\"") && page.contains("href=\"figures/\(name).csv\"")) }
        #expect(page.contains("IsoFLOP profiles: they need two or more budgets"), "what is missing is said")
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

    @Test("profiles, other ways, predictions, scans, noise and repeats have figures where there are data")
    func evidence() throws {
        var report = Self.report(sizes: [1_000_000, 4_000_000, 16_000_000], tokens: [10_000_000, 40_000_000])
        let budgets = [1e14, 1e15]
        // The larger budget's sizes are all too small: its lowest point lies outside.
        report.profiles = IsoFLOPFit.profiles(
            budgets.flatMap { budget in
                [0.3, 0.6, 1.2, 2.4].map { share in
                    let n = share * (budget < 5e14 ? 1 : 0.1) * Self.law.optimum.parameters(compute: budget)
                    let d = budget / 6 / n
                    return FitPoint(n: n, d: d, c: budget, loss: Self.law.loss(n: n, d: d), label: "n\(n)")
                }
            })
        report.optima = [
            OptimumEstimate(
                "IsoFLOP", points: budgets.map { ($0, 2e6, $0 / 12e6) }, coefficient: 0.2, exponent: 0.5,
                interval: 0.45...0.55)
        ]
        let fit = try ChinchillaFit(Self.points(report), options: FitOptions(resamples: 0))
        report.likelihoods = [ProfileLikelihood(fit, .irreducible, resolution: 6)].compactMap { $0 }
        report.predictions = [
            .init(name: "big", origin: "held out", compute: 1e17, predicted: 2.5, interval: 2.4...2.6, measured: 2.45),
            .init(name: "off", origin: "held out", compute: 1e17, predicted: 2.5, interval: 2.4...2.6, measured: 2.7),
            .init(name: "later", origin: "filed", compute: 1e18, predicted: 2.2, interval: nil, measured: nil),
        ]
        report.repeats = RepeatWorth(decay: 15, interval: 10...20, mostEpochs: 8)
        report.baselines = [Baseline("3-grams", loss: 6), Baseline("far away", loss: 900)]
        for (index, rate) in [1e-4, 1e-3, 1e-2].enumerated() {
            report.runs[index].parameters = 1_000_000
            report.runs[index].tokens = 10_000_000 + index
            report.runs[index].learningRate = rate
            report.runs[index].batchTokens = 4_096 << (index % 2)
        }
        for index in report.curves[0].steps.indices {
            report.curves[0].steps[index].gradientSquare = 2
            report.curves[0].steps[index].gradientNoise = 4_096
        }
        let page = ReportPage(report)
        _ = try elementCounts(page.html)
        let names = Set(page.files.map(\.name))
        for name in ["isoflop", "optimum-against-compute", "profiles", "predictions", "repeats", "noise-scale"] {
            #expect(names.contains("\(name).svg"), "\(name)")
        }
        #expect(page.html.contains("1 of 2 intervals of 95 % hold the measured loss. 1 more waits for the run."))
        #expect(page.html.contains("1 has the lowest point outside of the sizes"))
        #expect(page.html.contains("3-grams 6.0000") && !page.html.contains("far away"))
        #expect(page.html.contains("Batch size curves: run one size"))
    }

    @Test("three learning rates at one size, length and batch make a curve")
    func scan() throws {
        var report = Self.report(sizes: [1_000_000], tokens: [10_000_000, 10_000_100, 10_000_200, 90_000_000])
        for (index, rate) in [1e-3, 1e-4, 1e-2, 1e-2].enumerated() {
            report.runs[index].learningRate = rate
            report.runs[index].batchTokens = 4_096
        }
        let table = try #require(ReportFigures(report).sections.flatMap(\.figures).first { $0.id == "learning-rates" })
            .table
        #expect(
            try table.doubles("x") == [1e-4, 1e-3, 1e-2, 1e-4, 1e-3, 1e-2], "a line and its points, by rising rate")
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
