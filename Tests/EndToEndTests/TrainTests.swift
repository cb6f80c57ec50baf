import Foundation
import Testing

/// Whole runs through `apus train`.
@Suite(.serialized) struct TrainTests {
    @Test("a run goes on to its end when nobody reads its progress any more")
    func brokenPipe() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        _ = try await line.shell("apus train tiny.yaml --run run --ranks 2 2>&1 | head -n 1")
        let rows = String(decoding: try line.read("run/ledger.csv"), as: UTF8.self).split(separator: "\n")
        #expect(rows.count == 25)
        #expect(line.exists("run/checkpoints/step-00000024.h5"))
    }

    @Test("a run on 1 rank, and one on 2 that is interrupted and goes on with 3, leave the same ledger and digest")
    func interruptAndResume() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let whole = try await line.apus(["train", "tiny.yaml", "--ranks", "1", "--run", "whole"])
        #expect(whole.code == 0, "\(whole.errors)")
        let interrupted = try await line.apus(
            ["train", "tiny.yaml", "--ranks", "2", "--run", "parts", "--set", "checkpoint.every=2"],
            interruptedAfter: "saved")
        #expect(interrupted.code == 5 || interrupted.code == 0, "\(interrupted.errors)")
        let resumed = try await line.apus(["train", "--run", "parts", "--ranks", "3"])
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(try line.read("whole/ledger.csv") == line.read("parts/ledger.csv"))
        #expect(try await digest(line, "whole") == digest(line, "parts"))
        try await lookAtRuns(line)
    }

    private func digest(_ line: CommandLine, _ run: String) async throws -> String {
        let result = try await line.apus(["inspect", run, "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        #expect(object?["step"] as? Int == 24)
        return try #require(object?["digest"] as? String)
    }

    /// The commands that read run folders, on the two that are there.
    private func lookAtRuns(_ line: CommandLine) async throws {
        let status = try await line.apus(["status", "."])
        #expect(status.code == 0)
        #expect(status.output.contains("complete") && status.output.contains("24/24"))
        #expect(try await line.apus(["table", "whole", "parts", "--out", "tables"]).code == 0)
        let runs = String(decoding: try line.read("tables/runs.csv"), as: UTF8.self).split(separator: "\n")
        #expect(runs.count == 3)
        #expect(runs.dropFirst().allSatisfy { $0.hasPrefix("tiny,complete,1.0,") })
        #expect(runs[1] == runs[2])
        #expect(String(decoding: try line.read("whole/report.html"), as: UTF8.self).contains("<svg"))
        let exported = try await line.apus(["export", "whole", "--out", "hf"])
        #expect(exported.code == 0, "\(exported.errors)")
        #expect(try await line.apus(["export", "whole", "--out", "hf"]).code == 2)
        #expect(try await line.apus(["import", "hf", "--out", "again.h5"]).code == 0)
    }

    @Test("a run folder of another configuration is refused, and --fresh moves it aside")
    func otherConfiguration() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let short = ["--ranks", "1", "--set", "steps=4", "--quiet"]
        #expect(try await line.apus(["train", "tiny.yaml"] + short).code == 0)
        let ledger = try line.read("checkpoints/tiny/ledger.csv")
        let other = try await line.apus(["train", "tiny.yaml", "--set", "seed=2"] + short)
        #expect(other.code == 2)
        #expect(other.errors.contains("seed"))
        #expect(try line.read("checkpoints/tiny/ledger.csv") == ledger)
        let fresh = try await line.apus(["train", "tiny.yaml", "--fresh", "--set", "seed=2"] + short)
        #expect(fresh.code == 0, "\(fresh.errors)")
        #expect(try line.read("checkpoints/tiny.old-1/ledger.csv") == ledger)
        #expect(try line.read("checkpoints/tiny/ledger.csv") != ledger)
    }

    @Test("recomputing activations changes no byte of the ledger, and a run may go on with it")
    func recompute() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let train = ["train", "tiny.yaml", "--ranks", "1", "--quiet", "--set", "model.layers=2"]
        #expect(try await line.apus(train + ["--run", "kept"]).code == 0)
        let recompute = ["--set", "recompute=true"]
        #expect(try await line.apus(train + recompute + ["--run", "recomputed"]).code == 0)
        #expect(try line.read("recomputed/ledger.csv") == line.read("kept/ledger.csv"))
        let written = String(decoding: try line.read("recomputed/config.yaml"), as: UTF8.self)
        #expect(written.contains("recompute: true"))
        let resumed = try await line.apus(train + recompute + ["--run", "kept"])
        #expect(resumed.code == 0, "\(resumed.errors)")
    }

    @Test("a checkpoint with one byte flipped is told by inspect, and training goes on from the older one")
    func flippedByte() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        #expect(try await line.apus(["train", "tiny.yaml", "--ranks", "1", "--quiet"]).code == 0)
        let ledger = try line.read("checkpoints/tiny/ledger.csv")
        let newest = "checkpoints/tiny/checkpoints/step-00000024.h5"
        var bytes = try line.read(newest)
        bytes[bytes.count / 2] ^= 1
        try line.write(bytes, to: newest)
        let inspected = try await line.apus(["inspect", newest])
        #expect(inspected.code == 3)
        #expect(inspected.errors.contains("step-00000024"))
        #expect(try await line.apus(["export", newest, "--out", "hf"]).code == 3)
        #expect(!line.exists("hf"))
        let resumed = try await line.apus(["train", "tiny.yaml", "--ranks", "1"])
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("step-00000024"))
        #expect(try line.read("checkpoints/tiny/ledger.csv") == ledger)
        #expect(try await line.apus(["inspect", newest]).code == 0)
    }

    @Test("a loss that is not finite stops all ranks before the update, naming rank, step and tensor")
    func notFinite() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let result = try await line.apus([
            "train", "tiny.yaml", "--ranks", "2", "--set", "schedule.peak=1e30", "--set", "schedule.warmup_steps=0",
            "--set", "optimizer.clip=null",
        ])
        #expect(result.code == 4)
        let sentence = try #require(result.errors.split(separator: "\n").first { $0.contains("was not taken") })
        let step = try #require(sentence.split(separator: " ").compactMap { Int($0) }.first)
        #expect(sentence.contains("Step \(step) was not taken: on rank "))
        #expect(result.errors.contains("in the gradient of transformer."))
        let rows = String(decoding: try line.read("checkpoints/tiny/ledger.csv"), as: UTF8.self).split(separator: "\n")
        #expect(rows.count == step, "the ledger holds the steps before that one")
        let events = String(decoding: try line.read("checkpoints/tiny/events.jsonl"), as: UTF8.self)
        #expect(events.contains(#""status":"diverged""#))
        #expect(try await line.apus(["status", "."]).output.contains("diverged"))
    }
}
