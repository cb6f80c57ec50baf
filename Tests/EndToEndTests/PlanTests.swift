import Experiment
import Foundation
import Testing

@testable import Coordinator

/// `apus plan`, and what stands between a run that does not fit and its first arena.
@Suite struct PlanTests {
    @Test("a plan has its keys, from a probe that leaves nothing behind")
    func keys() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let result = try await line.apus(["plan", "tiny.yaml", "--ranks", "2", "--json"])
        #expect(result.code == 0)
        let plan = try Self.object(result.output)
        for key in [
            "parameters", "tokens", "steps", "bytes_per_rank", "bytes_per_host", "shared_bytes_per_host", "base_bytes",
            "bytes_needed", "host_bytes", "checkpoint_bytes", "bytes_sent_per_rank_and_step", "hours",
            "seconds_per_step",
        ] {
            #expect(plan[key] is NSNumber, "\(key)")
        }
        #expect(plan["fits"] as? Bool == true)
        #expect(plan["is_estimated"] as? Bool == false)
        #expect(try FileManager.default.contentsOfDirectory(atPath: line.folder.path) == ["tiny.yaml"])
    }

    @Test("--no-probe plans by arithmetic and says so")
    func withoutProbe() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let result = try await line.apus(["plan", "tiny.yaml", "--ranks", "4", "--hosts", "2", "--no-probe"])
        #expect(result.code == 0)
        for told in ["parameters ", "memory of the largest rank", "host ", "wire ", "estimated", "--no-probe"] {
            #expect(result.output.contains(told), "\(told)")
        }
        #expect(try await line.apus(["plan", "tiny.yaml", "--ranks", "2", "--hosts", "3"]).code == 2)
        #expect(try await line.apus(["plan", "tiny.yaml", "--host-memory", "much"]).code == 2)
    }

    @Test("what does not fit a host is refused with exit code 2 after the plan")
    func refusal() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let small = try await line.apus(["plan", "tiny.yaml", "--host-memory", "10MB"])
        #expect(small.code == 2)
        #expect(small.output.contains("memory of the largest rank"))
        #expect(small.errors.contains("needs") && small.errors.contains("9.54 MiB"))

        let large = try await line.apus(["plan", "tiny.yaml", "--ranks", "1", "--json"] + Self.huge)
        #expect(large.code == 2)
        #expect(try Self.object(large.output)["fits"] as? Bool == false)
        let slots = try await line.apus(
            ["plan", "tiny.yaml", "--ranks", "1", "--host-memory", "500MB", "--set", "model.width=64"]
                + ["--set", "model.layers=8", "--set", "batch.sequences=8192", "--set", "batch.slot=8192"])
        #expect(slots.code == 2)
        #expect(slots.errors.contains("--set batch.slot=") || slots.errors.contains("--set recompute=true"))
    }

    @Test("a run that will not fit is refused before it allocates")
    func trainingRefused() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let result = try await line.apus(["train", "tiny.yaml", "--ranks", "2"] + Self.huge)
        #expect(result.code == 2)
        #expect(result.errors.contains("needs") && result.errors.contains("GiB on a host with 2 ranks"))
    }

    /// What is not planned is the process itself, which the difference of two shapes does not have.
    @Test("the peak of a larger shape is above a smaller one's by what the plans say, within 3 %")
    func peak() async throws {
        let line = try CommandLine()
        var peaks: [Double] = []
        var plans: [Double] = []
        for width in [64, 256] {
            let shape = ["--layers", "2", "--heads", "2", "--context", "256", "--vocabulary", "512", "--slot", "8"]
            let bench = try await line.worker(
                ["bench", "step", "--width", "\(width)", "--sequences", "16", "--steps", "1", "--json"] + shape)
            peaks.append(try #require(try Self.object(bench.output)["peak_rss_bytes"] as? Double))
            let config = """
                name: peak
                model: {layers: 2, width: \(width), heads: 2, context: 256}
                corpus: {calibration: {alphabet: 512, key: 1, value: 1, exponent: 0.5, tokens: 20000}}
                batch: {sequences: 16, slot: 8}
                schedule: {peak: 1e-3}
                steps: 4
                """
            try line.write(config, to: "peak.yaml")
            let plan = try await line.worker(["plan", "peak.yaml", "--ranks", "1", "--base-bytes", "0"])
            let object = try Self.object(plan.output)
            let parts = try #require(object["memory"] as? [[String: Any]])
            // A bench neither evaluates nor saves a checkpoint.
            let held = parts.filter { ($0["name"] as? String)?.hasPrefix("for a moment") == false }
            plans.append(held.reduce(0) { $0 + ($1["bytes"] as? Double ?? 0) })
        }
        let (found, planned) = (peaks[1] - peaks[0], plans[1] - plans[0])
        #expect(planned > 5e7)
        #expect(abs(found / planned - 1) < 0.03, "\(found) bytes, \(planned) planned")
    }

    @Test("hours are slots, optimizer, reduction, evaluations, checkpoints and a start")
    func hours() throws {
        let config = try RunConfig(
            yaml: CommandLine.tinyConfig, source: "test", folder: FileManager.default.temporaryDirectory)
        let shape = config.model.shape(tokenizerVocabulary: 8)
        let probe = ProbeReport(
            ranks: 2, slotsPerRank: 1, steps: 10, secondsPerStep: 1, secondsOfReduction: 0.2, secondsOfOptimizer: 0.1,
            secondsPerEvaluation: 0.5, secondsPerCheckpoint: 3, secondsInAll: 20, partialsOfAllRanks: 2, baseBytes: 0,
            sharedBaseBytes: 0)
        var memory = MemoryReport(
            ranks: 2, hosts: 1, ranksPerHost: 2, bytesPerRank: 0, bytesPerHost: 0, sharedBytesPerHost: 0, baseBytes: 0,
            sharedBaseBytes: 0, memory: [], bytesNeeded: 0, hostBytes: nil, availableBytes: nil, fits: true,
            refusal: nil,
            suggestions: [], bytesSentPerRankAndStep: 0, messagesSentPerRankAndStep: 0, bytesSentPerHostAndStep: 0,
            slotsOfBusiestRank: 2,
            partialsOfAllRanks: 2, evaluationSequences: 8, sgemmGflops: 100, probe: nil, probeSkipped: nil)
        let time = TimePlan(config: config, shape: shape, memory: memory, cores: 2, probe: (probe, 5))
        // 24 steps of two slots; before, and every 8 steps: 4 evaluations of 4 slots on 2 ranks; 3 checkpoints.
        #expect(abs(time.secondsPerStep - (2 * 0.7 + 0.3)) < 1e-9)
        #expect(abs(time.seconds - (24 * 1.7 + 4 * 2 * 0.5 + 9 + 5)) < 1e-9)

        // Twice as many ranks as cores take turns.
        (memory.ranks, memory.ranksPerHost, memory.slotsOfBusiestRank, memory.partialsOfAllRanks) = (4, 4, 1, 4)
        let crowded = TimePlan(config: config, shape: shape, memory: memory, cores: 2, probe: (probe, 5))
        #expect(abs(crowded.secondsPerStep - 2 * (0.7 + 0.05 + 0.2)) < 1e-9)
    }

    @Test("sizes are read as people write them")
    func sizes() {
        #expect(ByteSize(argument: "64GB")?.bytes == 64_000_000_000)
        #expect(ByteSize(argument: "1.5GiB")?.bytes == 3 << 29)
        #expect(ByteSize(argument: "512M")?.bytes == 512_000_000)
        #expect(ByteSize(argument: "1000")?.bytes == 1_000)
        for text in ["", "GB", "-1GB", "1XB", "1GBs", "0"] { #expect(ByteSize(argument: text) == nil) }
    }

    private static let huge = ["--set", "model.width=20000", "--set", "model.layers=100"]

    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
}
