import Foundation
import Testing

/// The first promise: the same bits on any number of ranks, however often the run is stopped and goes on elsewhere.
@Suite(.serialized) struct BitsTests {
    /// Vocabulary 257, dropout, a clip that acts, and evaluations whose 75 sequences are no multiple of a slot's 3.
    static func config(slots: Int) -> String {
        """
        name: bits
        model:      {layers: 2, width: 24, heads: 3, context: 40, dropout: 0.1}
        corpus:     {paths: [text]}
        batch:      {sequences: \(3 * slots), slot: 3}
        optimizer:  {clip: 0.5}
        schedule:   {kind: cosine, peak: 3e-3, floor: 1e-4, warmup_steps: 2}
        steps: 8
        evaluate:   {every: 4, tokens: 2960}
        checkpoint: {every: 2, keep: 4}
        seed: 7

        """
    }

    @Test("1, 2, 3 and 4 ranks leave equal ledgers and digests", arguments: [12, 10])
    func rankCounts(slots: Int) async throws {
        let line = try Self.prepared(slots: slots)
        let one = try await Self.train(line, ranks: 1)
        #expect(one.digests.count == 4)
        #expect(one.clipped, "the clip is meant to act")
        for ranks in 2...4 {
            #expect(try await Self.train(line, ranks: ranks) == one, "\(slots) slots on \(ranks) ranks")
        }
    }

    @Test("ranks that cannot share memory send messages: a line says so, and the bits are the same")
    func withoutSharedMemory() async throws {
        let line = try Self.prepared(slots: 10)
        let one = try await Self.train(line, ranks: 1)
        let messages = try await line.apus(
            ["train", "bits.yaml", "--run", "messages", "--ranks", "3"],
            environment: ["APUS_SHARED_MEMORY": "0"])
        #expect(messages.code == 0)
        #expect((messages.output + messages.errors).contains("cannot share memory"))
        #expect(try line.read("messages/ledger.csv") == one.ledger)
    }

    @Test("a run killed on 2 ranks goes on with 3 to the bits of an undisturbed one", arguments: [12, 10])
    func killedAndResumed(slots: Int) async throws {
        let line = try Self.prepared(slots: slots)
        let whole = try await Self.train(line, ranks: 1)
        // Killed after the checkpoint of step 4 and two rows more: the ledger is ahead of the checkpoint.
        _ = try await Self.train(line, ranks: 2, folder: "parts")
        for step in [6, 8] {
            for ending in ["h5", "commit"] {
                try FileManager.default.removeItem(
                    at: line.folder.appendingPathComponent("parts/checkpoints/step-0000000\(step).\(ending)"))
            }
        }
        var ledger = String(decoding: try line.read("parts/ledger.csv"), as: UTF8.self).split(separator: "\n")
        ledger.removeLast(2)
        try line.write(ledger.joined(separator: "\n") + "\nbits,7,84", to: "parts/ledger.csv")
        #expect(try await Self.train(line, ranks: 3, folder: "parts") == whole)
    }

    @Test("ranks agree on the avx2 kernels too, whose bits are others than the strongest set's")
    func otherKernels() async throws {
        let sets = try await ReferenceParityTests.kernelSets()
        guard sets.contains("avx2") else { return print("this machine does not run avx2; nothing to compare") }
        let line = try Self.prepared(slots: 10)
        let one = try await Self.train(line, ranks: 1, kernels: "avx2", folder: "one")
        #expect(try await Self.train(line, ranks: 3, kernels: "avx2", folder: "three") == one)
        guard sets.last != "avx2" else { return }
        #expect(try await Self.train(line, ranks: 1, folder: "strongest") != one)
        let refused = try await line.apus(["train", "bits.yaml", "--run", "one", "--kernels", "baseline"])
        #expect(refused.code == 2)
        #expect(refused.errors.contains("--kernels avx2"))
    }

    /// All that the promise covers.
    private struct Outcome: Equatable {
        let ledger: Data
        /// Of every checkpoint, by file name.
        let digests: [String: String]

        /// Whether some step's gradient was longer than the clip.
        var clipped: Bool {
            let rows = String(decoding: ledger, as: UTF8.self).split(separator: "\n").dropFirst()
            return rows.contains { Double($0.split(separator: ",", omittingEmptySubsequences: false)[11]) ?? 0 > 0.5 }
        }
    }

    private static func prepared(slots: Int) throws -> CommandLine {
        let line = try CommandLine()
        try line.write(config(slots: slots), to: "bits.yaml")
        let words = ["swift", "martin", "tower", "evening", "rain", "wing", "north", "river"]
        var state: UInt64 = 20_261_121
        for file in 0..<30 {
            var text = ""
            for _ in 0..<150 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += words[Int(state >> 61)] + " "
            }
            try line.write(text, to: "text/\(file).txt")
        }
        return line
    }

    private static func train(
        _ line: CommandLine, ranks: Int, kernels: String? = nil, folder: String? = nil
    ) async throws -> Outcome {
        let run = folder ?? "ranks-\(ranks)"
        let result = try await line.apus(
            ["train", "bits.yaml", "--run", run, "--ranks", "\(ranks)", "--quiet"]
                + (kernels.map { ["--kernels", $0] } ?? []))
        #expect(result.code == 0, "\(ranks) ranks: \(result.errors)")
        let checkpoints = line.folder.appendingPathComponent("\(run)/checkpoints")
        var digests: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: checkpoints.path) where name.hasSuffix(".h5") {
            let inspected = try await line.apus(["inspect", "\(run)/checkpoints/\(name)", "--json"])
            let object = try JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any]
            digests[name] = try #require(object?["digest"] as? String)
        }
        return Outcome(ledger: try line.read("\(run)/ledger.csv"), digests: digests)
    }
}
