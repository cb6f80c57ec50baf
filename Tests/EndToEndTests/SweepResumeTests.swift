import Experiment
import Foundation
import Testing

@testable import Coordinator

/// Sweeps that go on after something happened to their folder.
@Suite(.serialized) struct SweepResumeTests {
    /// Runs of 20 steps, saved at the 10th and the last.
    private static let short = SweepTests.tiny.replacingOccurrences(of: "[2k, 9k]", with: "[2k]")
        .replacingOccurrences(of: "keep: 1", with: "keep: 2")
    private static let one = short.replacingOccurrences(of: "[16, 32]", with: "[16]")

    private func text(_ line: CommandLine, _ name: String) throws -> String {
        String(decoding: try line.read(name), as: UTF8.self)
    }

    private func sweep(_ line: CommandLine, _ yaml: String, _ more: [String] = []) async throws -> CommandLineResult {
        try line.write(yaml, to: "sweep.yaml")
        return try await line.apus(["sweep", "sweep.yaml", "--out", "out"] + more)
    }

    @Test("a run that was killed after its last ledger row gets its evaluation and its last checkpoint")
    func tail() async throws {
        let line = try CommandLine()
        let whole = try await sweep(line, Self.one)
        #expect(whole.code == 0, "\(whole.errors)")
        #expect(whole.output.contains("0/1 done"), "progress without a terminal: \(whole.output)")
        let files = ["out/d16-2k/ledger.csv", "out/d16-2k/evaluations.csv", "out/runs.csv", "out/evaluations.csv"]
        let before = try files.map { try line.read($0) }
        for (name, lines) in [("evaluations.csv", 1), ("events.jsonl", 1)] {
            let kept = try text(line, "out/d16-2k/\(name)").split(separator: "\n").dropLast(lines)
            try line.write(kept.joined(separator: "\n") + "\n", to: "out/d16-2k/\(name)")
        }
        let commit = "out/d16-2k/checkpoints/step-00000020.commit"
        try FileManager.default.removeItem(at: line.folder.appendingPathComponent(commit))
        let again = try await sweep(line, Self.one)
        #expect(again.code == 0 && line.exists(commit), "\(again.errors)")
        // What a worker warns of reaches the person.
        #expect(again.errors.contains("d16-2k: ignored"), "\(again.errors)")
        for (file, bytes) in zip(files, before) { #expect(try line.read(file) == bytes, "\(file)") }
        let dry = try await sweep(line, Self.one, ["--dry-run"])
        #expect(dry.output.contains("1 of 1 runs are complete already"), "\(dry.output)")
    }

    @Test("a damaged end of one ledger costs that run's steps since its checkpoint, and no other run anything")
    func damagedLedger() async throws {
        let line = try CommandLine()
        #expect(try await sweep(line, Self.short).code == 0)
        let ledger = try line.read("out/d16-2k/ledger.csv")
        try line.write(ledger + Data("\0\0\0\n".utf8), to: "out/d16-2k/ledger.csv")
        let again = try await sweep(line, Self.short)
        #expect(again.code == 0, "\(again.errors)")
        #expect(try line.read("out/d16-2k/ledger.csv") == ledger)
    }

    @Test("a WSD sweep takes a shorter length after it was complete")
    func shorterLength() async throws {
        let line = try CommandLine()
        func yaml(_ lengths: String) -> String {
            SweepTests.tiny.replacingOccurrences(of: "[16, 32]", with: "[16]")
                .replacingOccurrences(of: "[2k, 9k]", with: lengths) + "schedule: {wsd: {decay: 0.25}}\n"
        }
        #expect(try await sweep(line, yaml("[4k, 6k]")).code == 0)
        let more = try await sweep(line, yaml("[2k, 4k, 6k]"))
        #expect(more.code == 0 && more.errors.contains("no good checkpoint up to step"), "\(more.errors)")
        let last = try #require(try text(line, "out/d16-2k/ledger.csv").split(separator: "\n").last)
        #expect(last.hasPrefix("d16-2k,20,"))
    }

    @Test("with a hostfile runs go one after the other")
    func hostfile() async throws {
        let line = try CommandLine()
        let yaml = Self.short.replacingOccurrences(of: "{sequences: 8, slot: 2}", with: "{sequences: 8, slot: 4}")
            .replacingOccurrences(of: "[2k]", with: "[2k, 4k]")
        try line.write("localhost slots=4\n", to: "hosts")
        let result = try await sweep(line, yaml, ["--hostfile", "hosts"])
        #expect(result.code == 0, "\(result.errors)")
        let times = try ["d16-2k", "d16-4k", "d32-2k", "d32-4k"].map { name -> (begin: Double, end: Double) in
            let record = try RunRecord(RunDirectory(line.folder.appendingPathComponent("out/\(name)")))
            guard
                case .started(let started)? = record.events.first(where: {
                    if case .started = $0 { true } else { false }
                })
            else { return (0, .infinity) }
            return (started.time, try #require(record.ended).time)
        }.sorted { $0.begin < $1.begin }
        for (earlier, later) in zip(times, times.dropFirst()) { #expect(earlier.end <= later.begin) }
    }

    @Test("fewer ranks than one are refused before there is a folder", arguments: ["0", "-1"])
    func noRanks(ranks: String) async throws {
        let line = try CommandLine()
        let result = try await sweep(line, Self.one, ["--ranks=\(ranks)"])
        #expect(result.code == 2 && result.errors.contains("at least 1 is needed"), "\(result.errors)")
        #expect(!line.exists("out"))
    }

    @Test("a sweep keeps the kernel set that it was begun with, and is refused where that does not run")
    func kernels() async throws {
        let line = try CommandLine()
        #expect(try await sweep(line, Self.one, ["--kernels", "baseline"]).code == 0)
        let more = try await sweep(line, Self.short)
        #expect(more.code == 0, "\(more.errors)")
        #expect(try text(line, "out/d32-2k/provenance.json").contains("\"kernels\" : \"baseline\""))
        for name in ["d16-2k", "d32-2k"] {
            let provenance = try text(line, "out/\(name)/provenance.json")
            try line.write(
                provenance.replacingOccurrences(of: "\"baseline\"", with: "\"another\""),
                to: "out/\(name)/provenance.json")
        }
        let longer = Self.short.replacingOccurrences(of: "[2k]", with: "[2k, 4k]")
        let refused = try await sweep(line, longer)
        #expect(refused.code == 2 && refused.errors.contains("begun with the kernel set another"), "\(refused.errors)")
        #expect(try await sweep(line, longer, ["--allow-other-arithmetic"]).code == 0)
    }

    @Test("another configuration is refused with the keys that differ")
    func otherConfiguration() async throws {
        let line = try CommandLine()
        #expect(try await sweep(line, Self.one).code == 0)
        let other = Self.one.replacingOccurrences(of: "peak: 1e-2", with: "peak: 2e-2")
        let refused = try await sweep(line, other)
        #expect(refused.code == 2 && refused.errors.contains("(in schedule)"), "\(refused.errors)")
    }

    @Test("a sweep passes on warnings of its runs, and not what every run says")
    func messages() {
        for fact in [
            "books: 9 tokens, 1 sequence of 8, 1 token unused; this run reads 100.0 % = 1.00 epochs, 0 tokens repeated",
            "Begins with step 9 of a (b), whose checkpoint has the digest 1.",
            "Another process prepares the same corpus in x; waiting for it.",
        ] {
            #expect(SweepDisplay.isOfItsFolder(fact))
        }
        #expect(!SweepDisplay.isOfItsFolder("No checkpoint at step 20: No space left on device"))
    }

    @Test("estimates of time and disk stand numbers that no machine can have")
    func estimates() throws {
        let yaml = SweepTests.tiny.replacingOccurrences(
            of: "every: 20, tokens: 600", with: "every: 1, tokens: 1000000000000000"
        )
        .replacingOccurrences(of: "keep: 1", with: "keep: 1000000000000000")
        .replacingOccurrences(of: "[2k, 9k]", with: "[2M]")
        let plan = try SweepConfig(yaml: yaml, source: "test", folder: URL(fileURLWithPath: "/"))
            .plan(vocabulary: 8, source: "test")
        let pace = SweepPace(sgemmGigaflops: 100)
        #expect(plan.runs.allSatisfy { pace.seconds($0) > 1e9 })
        #expect(SweepDisk(plan.runs).bytes.isFinite)
        #expect(SweepDisk(plan.runs).shortage(at: "/") == nil || SweepDisk(plan.runs).bytes > 1e9)
        // All held-out text is no free evaluation.
        let all = try SweepConfig(
            yaml: SweepTests.tiny.replacingOccurrences(of: "tokens: 600", with: "tokens: all"), source: "test",
            folder: URL(fileURLWithPath: "/")
        ).plan(vocabulary: 8, source: "test")
        #expect(
            SweepPace(sgemmGigaflops: 100, heldOutTokens: 1e9).seconds(all.runs[0])
                > 2 * SweepPace(sgemmGigaflops: 100).seconds(all.runs[0]))
    }
}
