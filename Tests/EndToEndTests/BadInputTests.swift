import Foundation
import Testing

/// Bad input ends with the design's exit code and a sentence, and nothing is written over.
@Suite struct BadInputTests {
    @Test(
        "a configuration that cannot be is refused with exit code 2 and what is wrong with it",
        arguments: [
            (["--set", "model.depth=3"], "model.depth"), (["--set", "model.width=15"], "heads"),
            (["--set", "batch.slot=3"], "batch.slot"), (["--set", "model.context=13"], "multiple"),
            (["--ranks", "5"], "4 slots"), (["--ranks", "0"], "0 ranks"), (["--hostfile", "nowhere"], "nowhere"),
            (["--set", "steps"], "key=value"), (["--frehs"], "--fresh"),
        ])
    func badConfiguration(arguments: [String], told: String) async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let result = try await line.apus(["train", "tiny.yaml"] + arguments)
        #expect(result.code == 2)
        #expect(result.errors.hasPrefix("apus: "))
        #expect(result.errors.contains(told))
        #expect(!line.exists("checkpoints/tiny"))
    }

    @Test("all problems of a configuration are told at once")
    func allProblems() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let result = try await line.apus([
            "train", "tiny.yaml", "--set", "model.width=15", "--set", "batch.slot=3", "--set", "schedule.floor=1",
        ])
        #expect(result.code == 2)
        for told in ["model.width", "batch.slot", "schedule.floor"] { #expect(result.errors.contains(told)) }
    }

    @Test("a corpus that cannot be used is refused with exit code 3", arguments: ["empty", "binary"])
    func badCorpus(kind: String) async throws {
        let line = try CommandLine()
        try line.write(kind == "empty" ? Data() : Data([72, 105, 10, 0xFF, 0xFE, 0]), to: "text/a.txt")
        try line.write(Self.textConfig, to: "text.yaml")
        let result = try await line.apus(["train", "text.yaml", "--ranks", "1"])
        #expect(result.code == 3)
        #expect(result.errors.hasPrefix("apus: "))
        #expect(kind == "empty" || result.errors.contains("a.txt"))
        #expect(!line.exists("checkpoints/text"))
        let prepared = try await line.apus(["corpus", "prepare", "text", "--out", "corpus"])
        #expect(prepared.code == 3)
        #expect(!line.exists("corpus"))
    }

    @Test("a truncated shard whose text is gone is refused with exit code 3")
    func truncatedShard() async throws {
        let line = try CommandLine()
        for name in ["a", "b", "c"] { try line.write("\(name): " + Self.text, to: "text/\(name).txt") }
        #expect(try await line.apus(["corpus", "prepare", "text", "--out", "corpus"]).code == 0)
        let shards = try FileManager.default.contentsOfDirectory(atPath: line.folder.path + "/corpus")
        let shard = try #require(shards.sorted().first { $0.hasSuffix(".bin") })
        try line.write(try line.read("corpus/\(shard)").dropLast(7), to: "corpus/\(shard)")
        try FileManager.default.removeItem(at: line.folder.appendingPathComponent("text"))
        let inspected = try await line.apus(["corpus", "inspect", "corpus"])
        #expect(inspected.code == 3)
        #expect(inspected.errors.contains(shard))
        try line.write(Self.textConfig.replacing("{paths: [text]}", with: "{prepared: corpus}"), to: "text.yaml")
        #expect(try await line.apus(["train", "text.yaml", "--ranks", "1"]).code == 3)
    }

    @Test("a missing mpirun ends with exit code 4 and says how to install it")
    func missingLauncher() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let result = try await line.apus(["train", "tiny.yaml"], environment: ["PATH": "/nowhere"])
        #expect(result.code == 4)
        #expect(result.errors.contains("apt install openmpi-bin"))
        #expect(try await line.apus(["train", "tiny.yaml", "--mpirun", "/nowhere/mpirun"]).code == 4)
    }

    @Test("a table that cannot be fitted is refused with exit code 3")
    func badTable() async throws {
        let line = try CommandLine()
        try line.write("n_total,tokens,loss_final\n1000,abc,3.1\n", to: "runs.csv")
        let result = try await line.apus(["fit", "runs.csv", "--law", "chinchilla"])
        #expect(result.code == 3)
        #expect(result.errors.contains("abc"))
        #expect(try await line.apus(["fit", "runs.csv", "--law", "nonsense"]).code == 2)
    }

    @Test(
        "every command has help with an example, and the version",
        arguments: [
            "quickstart", "train", "status", "table", "fit", "plan", "report", "inspect", "import", "export",
            "evaluate",
            "generate", "bench", "doctor", "corpus",
        ])
    func help(command: String) async throws {
        let line = try CommandLine()
        let help = try await line.apus([command, "--help"])
        #expect(help.code == 0)
        #expect(help.output.contains("Example"))
        #expect(help.output.contains("apus \(command)"))
        #expect(try await line.apus(["--version"]).output.hasPrefix("apus "))
    }

    static let text = String(repeating: "The swifts came back in May, and the evenings were long.\n", count: 400)

    static let textConfig = """
        name: text
        model: {layers: 1, width: 16, heads: 2, context: 16}
        corpus: {paths: [text]}
        batch: {sequences: 4, slot: 2}
        schedule: {peak: 1e-3}
        steps: 4

        """
}
