import Foundation
import Testing

/// Whole sweeps through `apus sweep`.
@Suite(.serialized) struct SweepTests {
    static let tiny = """
        name: tiny
        base:
          corpus: {calibration: {alphabet: 8, key: 2, value: 2, exponent: 0.5, tokens: 20000}}
          model: {context: 12}
          batch: {sequences: 8, slot: 2}
          schedule: {kind: cosine, warmup_steps: 4, peak: 1e-2}
          evaluate: {every: 20, tokens: 600}
          checkpoint: {every: 10, keep: 1}
        sizes: {widths: [16, 32], layers: 1}
        horizons: {tokens: [2k, 9k]}

        """

    private func text(_ line: CommandLine, _ name: String) throws -> String {
        String(decoding: try line.read(name), as: UTF8.self)
    }

    @Test("a sweep that is interrupted and goes on leaves the tables of one that was not, whatever the packing")
    func interruptAndResume() async throws {
        let line = try CommandLine()
        try line.write(Self.tiny, to: "tiny.yaml")
        let whole = try await line.apus(["sweep", "tiny.yaml", "--out", "whole", "--ranks", "2"])
        #expect(whole.code == 0, "\(whole.errors)")
        let parts = try await line.apus(
            ["sweep", "tiny.yaml", "--out", "parts", "--ranks", "1"], interruptedAfter: "1/4")
        #expect(parts.code == 5 || parts.code == 0, "\(parts.errors)")
        let resumed = try await line.apus(["sweep", "tiny.yaml", "--out", "parts", "--ranks", "2"])
        #expect(resumed.code == 0, "\(resumed.errors)")
        for name in ["runs.csv", "curves.csv", "evaluations.csv", "sweep.yaml"] {
            #expect(try line.read("whole/\(name)") == line.read("parts/\(name)"), "\(name)")
        }
        let runs = try text(line, "whole/runs.csv").split(separator: "\n")
        #expect(runs.count == 5 && runs.dropFirst().allSatisfy { $0.contains(",complete,1.0,") })
        #expect(try text(line, "whole/report.html").contains("<svg"))
        let status = try await line.apus(["status", "parts"])
        #expect(status.output.contains("4 of 4 runs complete"), "\(status.output)")
        try await changedFile(line)
    }

    /// The same folder with another file.
    private func changedFile(_ line: CommandLine) async throws {
        try line.write(Self.tiny.replacingOccurrences(of: "[2k, 9k]", with: "[2k]"), to: "fewer.yaml")
        let fewer = try await line.apus(["sweep", "fewer.yaml", "--out", "whole"])
        #expect(fewer.code == 0, "\(fewer.errors)")
        #expect(fewer.errors.contains("does not name"))
        #expect(try text(line, "whole/runs.csv").split(separator: "\n").count == 3)
        try line.write(Self.tiny.replacingOccurrences(of: "peak: 1e-2", with: "peak: 2e-2"), to: "other.yaml")
        let other = try await line.apus(["sweep", "other.yaml", "--out", "whole"])
        #expect(other.code == 2)
        #expect(other.errors.contains("another configuration"), "\(other.errors)")
    }

    @Test("a run that diverges is recorded, and the others go on")
    func divergence() async throws {
        let line = try CommandLine()
        let more = "runs: [{name: wild, width: 16, tokens: 4k, peak: 1e30}]\n"
        try line.write(Self.tiny.replacingOccurrences(of: "[2k, 9k]", with: "[2k]") + more, to: "wild.yaml")
        for _ in 0..<2 {
            let result = try await line.apus(["sweep", "wild.yaml", "--out", "wild", "--ranks", "2"])
            #expect(result.code == 0, "\(result.errors)")
            let runs = try text(line, "wild/runs.csv").split(separator: "\n")
            #expect(runs.count == 4)
            #expect(runs.count(where: { $0.contains(",diverged,") }) == 1)
        }
    }

    @Test("a dry run shows every run and what it takes, and leaves nothing behind")
    func dryRun() async throws {
        let line = try CommandLine()
        try line.write(Self.tiny, to: "tiny.yaml")
        let result = try await line.apus(["sweep", "tiny.yaml", "--dry-run", "--ranks", "2"])
        #expect(result.code == 0, "\(result.errors)")
        for words in ["d16-2k", "d32-9k", "4 runs", "on 2 cores", "of disk"] { #expect(result.output.contains(words)) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: line.folder.path) == ["tiny.yaml"])
    }

    @Test("a second sweep on a folder is refused while one goes on")
    func lock() async throws {
        let line = try CommandLine()
        try line.write(Self.tiny, to: "tiny.yaml")
        async let first = line.apus(["sweep", "tiny.yaml", "--out", "one", "--ranks", "1"])
        while !line.exists("one/configs/d16-2k.yaml") { try await Task.sleep(for: .milliseconds(20)) }
        let second = try await line.apus(["sweep", "tiny.yaml", "--out", "one"])
        #expect(second.code == 4 && second.errors.contains("in use by another sweep"), "\(second.errors)")
        #expect(try await first.code == 0)
    }

    @Test("a run that goes on from a WSD trunk has the ledger of the same run made alone")
    func trunk() async throws {
        let line = try CommandLine()
        let sweep =
            Self.tiny.replacingOccurrences(of: "widths: [16, 32]", with: "widths: [16]")
            .replacingOccurrences(of: "[2k, 9k]", with: "[3k, 6k, 9k]") + "schedule: {wsd: {decay: 0.25}}\n"
        try line.write(sweep, to: "wsd.yaml")
        let whole = try await line.apus(["sweep", "wsd.yaml", "--out", "wsd", "--ranks", "2"])
        #expect(whole.code == 0, "\(whole.errors)")
        for name in ["d16-3k", "d16-6k"] {
            #expect(try text(line, "wsd/\(name)/provenance.json").contains("trunk"))
            let alone = try await line.apus([
                "train", "wsd/configs/\(name).yaml", "--run", "alone/\(name)", "--ranks", "1",
            ])
            #expect(alone.code == 0, "\(alone.errors)")
            #expect(try line.read("wsd/\(name)/ledger.csv") == line.read("alone/\(name)/ledger.csv"))
        }
    }
}
