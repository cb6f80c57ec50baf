import Experiment
import Foundation
import Testing

/// Run folders as a ladder leaves them, without a trainer.
private struct FakeRuns {
    let line: CommandLine

    static func config(_ name: String, width: Int, steps: Int, seed: Int = 1) -> String {
        """
        name: \(name)
        model:      {layers: 1, width: \(width), heads: 2, context: 12}
        corpus:     {calibration: {alphabet: 8, key: 2, value: 2, exponent: 0.5, tokens: 20000}}
        batch:      {sequences: 8, slot: 2}
        schedule:   {kind: cosine, peak: 1e-2, floor: 1e-3, warmup_steps: 4}
        steps: \(steps)
        evaluate:   {every: 50, tokens: 600}
        seed: \(seed)

        """
    }

    static func loss(n: Int, tokens: Int) -> Double {
        0.5 + 12 * pow(Double(n), -0.4) + 60 * pow(Double(tokens), -0.45)
    }

    /// A run that has taken `taken` steps; its curve has the final losses of shorter runs.
    func write(
        _ name: String, in folder: String, width: Int, steps: Int, taken: Int? = nil, seed: Int = 1, shift: Double = 0
    ) throws {
        let text = Self.config(name, width: width, steps: steps, seed: seed)
        // A run's folder has the vocabulary that came of its corpus.
        let resolved = text.replacingOccurrences(of: "context: 12}", with: "context: 12, vocabulary: 8}")
        try line.write(resolved, to: "\(folder)/\(name)/config.yaml")
        let config = try RunConfig(file: line.folder.appendingPathComponent("\(folder)/\(name)/config.yaml"))
        let shape = config.model.shape(tokenizerVocabulary: 8)
        var rows = [LedgerRow.columns.joined(separator: ",")]
        for step in 1...(taken ?? steps) {
            let tokens = step * config.tokensPerStep
            let wiggle = 1 + 0.002 * sin(Double(step * (seed + 3)) + Double(width))
            let loss = Self.loss(n: shape.totalParameters, tokens: tokens) * wiggle + shift
            rows.append(
                LedgerRow(
                    run: name, step: step, tokens: tokens, flops6ND: shape.flops6ND(tokens: tokens),
                    flopsExact: shape.flopsExact(tokens: tokens), nonEmbeddingParameters: shape.nonEmbeddingParameters,
                    totalParameters: shape.totalParameters, trainLoss: loss,
                    evalLoss: step % 50 == 0 || step == steps ? loss : nil,
                    evalLossStandardError: step % 50 == 0 || step == steps ? 0.001 : nil, learningRate: 0.01,
                    gradientNorm: 1, batchTokens: config.tokensPerStep, uniqueTokens: tokens, epoch: 0,
                    batchDigest: "aa"
                ).csv)
        }
        try line.write(rows.joined(separator: "\n") + "\n", to: "\(folder)/\(name)/ledger.csv")
    }

    /// Notes that a run's evaluations did not get better, and that it was ended for it.
    func stopEarly(_ name: String, in folder: String, at step: Int) throws {
        let ended = RunEvent.ended(.init(time: 1_700_000_000, step: step, status: .stoppedEarly))
        let text = String(decoding: try JSONEncoder().encode(ended), as: UTF8.self)
        try line.write(text + "\n", to: "\(folder)/\(name)/events.jsonl")
    }

    func ladder() throws {
        for width in [8, 12, 16, 24] {
            for steps in [60, 120, 240, 480] {
                try write("w\(width)-\(steps)", in: "ladder", width: width, steps: steps)
            }
        }
    }
}

@Suite("Predictions on the command line")
struct PredictTests {
    @Test("a prediction is filed once, scored when the run is there, and refused when it was changed or comes too late")
    func wholeWay() async throws {
        let line = try CommandLine()
        let runs = FakeRuns(line: line)
        try runs.ladder()
        try line.write(FakeRuns.config("large", width: 32, steps: 600), to: "large.yaml")
        let ask = ["predict", "ladder", "--config", "large.yaml", "--resamples", "40", "--out", "filed/large.json"]
        let filed = try await line.apus(ask)
        #expect(filed.code == 0, "\(filed.errors)")
        #expect(filed.output.contains("large:") && filed.output.contains("chinchilla"))
        let again = try await line.apus(ask)
        #expect(again.code == 2 && again.errors.contains("never overwritten"))

        let early = try await line.apus(["predict", "--check", "filed/large.json", "--run", "ladder"])
        #expect(early.code == 3, "no such run yet: \(early.errors)")
        try runs.write("large", in: "ladder", width: 32, steps: 600)
        let scored = try await line.apus(["predict", "--check", "filed/large.json", "--run", "ladder/large"])
        #expect(scored.code == 0 && scored.output.contains("inside the interval"), "\(scored.output)\(scored.errors)")
        #expect(line.exists("filed/large.json.score.json"))
        #expect(!scored.errors.contains("another configuration"), "\(scored.errors)")

        let late = try await line.apus(ask.dropLast() + ["filed/late.json"])
        #expect(late.code == 2 && late.errors.contains("after-the-fact"), "\(late.errors)")
        let marked = try await line.apus(ask.dropLast() + ["filed/late.json", "--after-the-fact", "--json"])
        #expect(marked.code == 0 && marked.output.contains("\"after_the_fact\" : true"))

        let text = String(decoding: try line.read("filed/large.json"), as: UTF8.self)
        #expect(text.contains("\"schema\" : \"apus-prediction-1\"") && text.contains("\"extrapolation\""))
        let sum = try await line.shell(
            "sed 's/\"sha256\" : \"[0-9a-f]*\"/\"sha256\" : \"\"/' filed/large.json | sha256sum")
        #expect(text.contains("\"sha256\" : \"\(sum.prefix(64))\""))
        try line.write(text.replacing("\"rows\" : 16", with: "\"rows\" : 99"), to: "filed/large.json")
        let changed = try await line.apus(["predict", "--check", "filed/large.json", "--run", "ladder"])
        #expect(changed.code == 3 && changed.errors.contains("changed since it was filed"))
    }

    @Test("rows left out and laws that cannot be trusted are told and filed, and --strict files nothing then")
    func cautions() async throws {
        let line = try CommandLine()
        let runs = FakeRuns(line: line)
        try runs.ladder()
        try runs.write("half", in: "ladder", width: 24, steps: 480, taken: 100, seed: 2)
        try line.write(FakeRuns.config("large", width: 32, steps: 600), to: "large.yaml")
        let ask = ["predict", "ladder", "--config", "large.yaml", "--resamples", "20"]
        let told = try await line.apus(ask + ["--out", "told.json", "--where", "run!=w8-60"])
        #expect(told.code == 0, "\(told.errors)")
        #expect(
            told.output.contains("note: 1 row left out: status \"partial\"") && told.output.contains("not run!=w8-60"))
        let filed = String(decoding: try line.read("told.json"), as: UTF8.self)
        #expect(filed.contains("\"dropped\" : [") && filed.contains("(half)") && filed.contains("\"rows\" : 15"))
        // The source has 20,000 tokens, and the run reads 57,600.
        #expect(filed.contains("\"unique_tokens\" : 20000"), "\(filed)")
        let known = try await line.apus(ask + ["--out", "known.json", "--unique-tokens", "30000", "--json"])
        #expect(known.code == 0 && known.output.contains("\"unique_tokens\" : 30000"), "\(known.errors)")
        // Runs of two sizes and lengths show no law.
        let few = try await line.apus(
            ask + ["--out", "few.json", "--where", "width<16", "--json"])
        #expect(few.code == 0 && few.output.contains("do not trust"), "\(few.output)\(few.errors)")
        let strict = try await line.apus(ask + ["--out", "strict.json", "--where", "width<16", "--strict"])
        #expect(strict.code == 6 && !line.exists("strict.json"), "\(strict.output)\(strict.errors)")
    }

    @Test("a run that was stopped early in the middle of its schedule neither scores a prediction nor compares")
    func stoppedEarly() async throws {
        let line = try CommandLine()
        let runs = FakeRuns(line: line)
        try runs.ladder()
        let ask = ["predict", "ladder", "--n", "2e4", "--d", "57600", "--name", "early", "--resamples", "20"]
        #expect(try await line.apus(ask + ["--out", "early.json"]).code == 0)
        try runs.write("early", in: "came", width: 32, steps: 600, taken: 200)
        try runs.stopEarly("early", in: "came", at: 200)
        let scored = try await line.apus(["predict", "--check", "early.json", "--run", "came"])
        #expect(scored.code == 3 && scored.errors.contains("step 200 of 600"), "\(scored.output)\(scored.errors)")
        let compared = try await line.apus(["compare", "came/early", "ladder/w8-60"])
        #expect(compared.code == 3 && compared.errors.contains("step 200 of 600"), "\(compared.errors)")
    }

    @Test("a ladder whose parametric law cannot be fitted still shows what was left out, and Kaplan's lines")
    func partialReport() async throws {
        let line = try CommandLine()
        let runs = FakeRuns(line: line)
        for width in [8, 12, 16, 24] { try runs.write("w\(width)", in: "ladder", width: width, steps: 60) }
        try runs.write("half", in: "ladder", width: 24, steps: 120, taken: 50)
        let result = try await line.apus(["report", "ladder"])
        #expect(result.code == 0, "\(result.errors)")
        let page = String(decoding: try line.read("ladder/report.html"), as: UTF8.self)
        #expect(page.contains("left out") && page.contains("half"))
        #expect(page.contains("L(N)") && page.contains("No law of N and D was fitted"))
    }

    @Test("a loss outside of its interval is told in words, and with --strict by exit code 6")
    func outside() async throws {
        let line = try CommandLine()
        let runs = FakeRuns(line: line)
        try runs.ladder()
        let table = try await line.apus(["table", "ladder", "--out", "tables"])
        #expect(table.code == 0)
        let filed = try await line.apus([
            "predict", "tables/runs.csv", "--n", "2e4", "--d", "2e5", "--name", "odd", "--resamples", "40", "--out",
            "odd.json",
        ])
        #expect(filed.code == 0, "\(filed.errors)")
        try runs.write("odd", in: "came", width: 32, steps: 600, shift: 1)
        let told = try await line.apus(["predict", "--check", "odd.json", "--run", "came"])
        #expect(told.code == 0 && told.output.contains("OUTSIDE"), "\(told.output)\(told.errors)")
        let strict = try await line.apus(["predict", "--check", "odd.json", "--run", "came", "--strict"])
        #expect(strict.code == 6)
    }

    @Test("the end of a run under way is forecast from its ledger and its siblings")
    func forecast() async throws {
        let line = try CommandLine()
        let runs = FakeRuns(line: line)
        try runs.ladder()
        try runs.write("going", in: "now", width: 16, steps: 480, taken: 200, seed: 2)
        let result = try await line.apus(["predict", "now/going", "--siblings", "ladder", "--json"])
        #expect(result.code == 0, "\(result.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let interval = try #require(object?["interval"] as? [Double])
        let shape = ModelShape(layers: 1, width: 16, heads: 2, context: 12, vocabulary: 8)
        let final = FakeRuns.loss(n: shape.totalParameters, tokens: 480 * 96)
        #expect(interval[0] < final && final < interval[1], "\(interval) for \(final)")
        let complete = try await line.apus(["predict", "ladder/w8-60"])
        #expect(complete.code == 3 && complete.errors.contains("complete"))
    }

    @Test("two ways to train are told apart by the noise of their seeds, and two tables of losses pair by pair")
    func compare() async throws {
        let line = try CommandLine()
        let runs = FakeRuns(line: line)
        for seed in 1...3 {
            try runs.write("a\(seed)", in: "a", width: 8, steps: 60, seed: seed)
            try runs.write("b\(seed)", in: "b", width: 8, steps: 60, seed: seed, shift: 0.5)
            try runs.write("c\(seed)", in: "c", width: 8, steps: 60, seed: seed + 3)
        }
        let differ = try await line.apus(["compare", "a", "b", "--json"])
        #expect(differ.code == 0 && differ.output.contains("\"differ\" : true"), "\(differ.output)\(differ.errors)")
        let same = try await line.apus(["compare", "a", "c"])
        #expect(same.code == 0 && same.output.contains("No difference"), "\(same.output)\(same.errors)")
        let losses = (0..<20).map { "\($0),12,\(2 + 0.1 * Double($0))" }.joined(separator: "\n")
        let better = (0..<20).map { "\($0),12,\(1.99 + 0.1 * Double($0) + 0.001 * Double($0 % 3))" }
        try line.write("sequence,tokens,loss\n\(losses)\n", to: "one.csv")
        try line.write("sequence,tokens,loss\n\(better.joined(separator: "\n"))\n", to: "two.csv")
        try line.write("sequence,tokens,loss\n0,12,2\n1,12,3\n", to: "short.csv")
        let paired = try await line.apus(["compare", "one.csv", "two.csv"])
        #expect(paired.code == 0 && paired.output.contains("two.csv is better"), "\(paired.output)\(paired.errors)")
        #expect(paired.output.contains("another seed"))
        #expect(try await line.apus(["compare", "one.csv", "short.csv"]).code == 3)
    }
}
