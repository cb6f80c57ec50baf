import Experiment
import Foundation
import Testing

@Suite("The files in configs")
struct ConfigFilesTests {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("configs", isDirectory: true)

    static func load(_ name: String) throws -> RunConfig {
        try RunConfig(file: folder.appendingPathComponent("\(name).yaml"))
    }

    /// The files of sweeps, or of runs.
    static func files(ofSweeps: Bool) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { file in
                let isSweep = ["ladder-", "rates-"].contains { file.lastPathComponent.hasPrefix($0) }
                return file.pathExtension == "yaml" && isSweep == ofSweeps
            }
    }

    @Test("every sweep's file reads, is commented, named after its sweep, and a ladder is large enough for a law")
    func sweeps() throws {
        let files = try Self.files(ofSweeps: true)
        #expect(files.count >= 2)
        for file in files {
            let sweep = try SweepConfig(file: file)
            let runs = try sweep.plan(vocabulary: 257, source: file.path).runs
            #expect(sweep.name == file.deletingPathExtension().lastPathComponent)
            // What a ladder predicts, larger runs, stands in a file of its own; a scan has few sizes and many rates.
            let isLadder = sweep.name.hasPrefix("ladder-") && !sweep.name.hasSuffix("-larger")
            let rates = Set(runs.map(\.config.schedule.peak)).count
            #expect(!sweep.name.hasPrefix("rates-") || (Set(runs.map(\.shape)).count >= 3 && rates >= 3))
            #expect(!isLadder || (Set(runs.map(\.shape)).count >= 5 && Set(runs.map(\.config.steps)).count >= 5))
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.hasPrefix("# ") && text.contains("Time on 2 cores"), "\(file.lastPathComponent)")
        }
    }

    /// Names, and the vocabulary that the source or tokenizer gives.
    func shape(_ config: RunConfig) throws -> ModelShape {
        config.model.shape(tokenizerVocabulary: try #require(config.corpus.knownVocabulary))
    }

    @Test("every file reads, is commented, and ranks of many counts can share its slots")
    func all() throws {
        let files = try Self.files(ofSweeps: false)
        #expect(files.count >= 16)
        for file in files {
            let config = try RunConfig(file: file)
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.hasPrefix("# "), "\(file.lastPathComponent) must say what question it answers")
            #expect(text.contains("Time on 2 cores"), "\(file.lastPathComponent) must say how long it takes")
            #expect(config.slots >= 8, "\(file.lastPathComponent)")
            #expect(config.schedule.floor < config.schedule.peak)
        }
    }

    @Test("every key of the design's configuration is written in every file")
    func complete() throws {
        let keys = [
            "name:", "precision:", "model:", "corpus:", "batch:", "optimizer:", "schedule:", "evaluate:", "checkpoint:",
            "reduction:", "recompute:", "seed:",
        ]
        for file in try Self.files(ofSweeps: false) {
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            for key in keys {
                #expect(lines.contains { $0.hasPrefix(key) }, "\(file.lastPathComponent) lacks \(key)")
            }
        }
    }

    @Test("a model's file is named after its run", arguments: ["quickstart", "books", "gpt2-124m", "gpt3-175b"])
    func names(name: String) throws {
        #expect(try Self.load(name).name == name)
    }

    @Test(
        "GPT-2's parameter counts are those of the released models",
        arguments: [
            ("gpt2-124m", 124_439_808), ("gpt2-355m", 354_823_168), ("gpt2-774m", 774_030_080),
            ("gpt2-1.5b", 1_557_611_200),
        ])
    func gpt2(name: String, parameters: Int) throws {
        #expect(try shape(Self.load(name)).totalParameters == parameters)
    }

    /// Brown et al. 2020, table 2.1: parameters, layers, width, width of a head, batch in tokens, learning rate. The
    /// table's own 24 heads of the 1.3B model and width 5,140 of the 13B model do not divide.
    static let publishedGPT3: [(String, Double, Int, Int, Int, Double, Double)] = [
        ("gpt3-125m", 125e6, 12, 768, 64, 0.5e6, 6.0e-4), ("gpt3-350m", 350e6, 24, 1024, 64, 0.5e6, 3.0e-4),
        ("gpt3-760m", 760e6, 24, 1536, 96, 0.5e6, 2.5e-4), ("gpt3-1.3b", 1.3e9, 24, 2048, 128, 1e6, 2.0e-4),
        ("gpt3-2.7b", 2.7e9, 32, 2560, 80, 1e6, 1.6e-4), ("gpt3-6.7b", 6.7e9, 32, 4096, 128, 2e6, 1.2e-4),
        ("gpt3-13b", 13e9, 40, 5120, 128, 2e6, 1.0e-4), ("gpt3-175b", 175e9, 96, 12288, 128, 3.2e6, 0.6e-4),
    ]

    @Test("GPT-3's shapes, batches, rates and budgets are those of its paper", arguments: publishedGPT3.indices)
    func gpt3(index: Int) throws {
        let (name, parameters, layers, width, headWidth, batchTokens, rate) = Self.publishedGPT3[index]
        let config = try Self.load(name)
        let shape = try shape(config)
        // The table rounds: "2.7B" are 2.65e9.
        #expect(abs(Double(shape.totalParameters) / parameters - 1) < 0.025, "\(shape.totalParameters)")
        #expect(shape.layers == layers && shape.width == width && shape.headWidth == headWidth)
        #expect(shape.context == 2048 && shape.vocabulary == 50257)
        // The table rounds these, too: 0.5M are 2^19, 524,288 tokens.
        #expect(abs(Double(config.tokensPerStep) / batchTokens - 1) < 0.05)
        #expect(config.schedule.peak == rate)
        #expect(config.schedule.floor / rate > 0.0999 && config.schedule.floor / rate < 0.1001)
        #expect(300_000_000_000 - config.totalTokens < config.tokensPerStep)
    }

    /// The rungs that a ladder's comments name, as `--set` settings.
    func rungs(_ name: String) throws -> [[String]] {
        try String(contentsOf: Self.folder.appendingPathComponent("\(name).yaml"), encoding: .utf8)
            .split(separator: "\n")
            .filter { $0.hasPrefix("#") && $0.contains(" name=") && !$0.contains("--set") }
            .map { $0.split(separator: " ").filter { $0.contains("=") }.map(String.init) }
    }

    @Test("Kaplan's ladder: the rungs of the comments read, see the same tokens, and have the counts that they say")
    func kaplan() throws {
        let rungs = try rungs("kaplan-ladder")
        #expect(rungs.count == 4)
        let file = Self.folder.appendingPathComponent("kaplan-ladder.yaml")
        let configs = try (rungs + [[]]).map { try RunConfig(file: file, overrides: $0) }
        #expect(
            try configs.map { try shape($0).nonEmbeddingParameters }
                == [100_096, 396_800, 1_334_976, 3_159_552, 10_647_552])
        #expect(Set(configs.map(\.totalTokens)).count == 1)
        #expect(Set(configs.map(\.name)).count == 5)
    }

    @Test("Chinchilla's profile: the rungs of the comments read, and cost the same within two in a hundred")
    func isoFLOP() throws {
        let rungs = try rungs("chinchilla-isoflop")
        #expect(rungs.count == 4)
        let file = Self.folder.appendingPathComponent("chinchilla-isoflop.yaml")
        let configs = try (rungs + [[]]).map { try RunConfig(file: file, overrides: $0) }
        #expect(
            try configs.map { try shape($0).totalParameters } == [273_120, 660_736, 1_010_240, 1_878_336, 3_290_880])
        for config in configs {
            #expect(abs(try shape(config).flopsExact(tokens: config.totalTokens) / 1e14 - 1) < 0.02, "\(config.name)")
        }
    }
}
