import Foundation
import Testing

/// Runs that begin with the steps of another one have the bits that they would have had by themselves.
@Suite(.serialized) struct BranchTests {
    /// The trunk: a constant rate up to step 12, and a decay of 4; three slots, dropout, evaluations every 4 steps.
    private static let trunk = """
        name: trunk
        model:      {layers: 1, width: 16, heads: 2, context: 12, dropout: 0.1}
        corpus:     {calibration: {alphabet: 8, key: 2, value: 2, exponent: 0.5, tokens: 20000}}
        batch:      {sequences: 6, slot: 2}
        schedule:   {kind: wsd, peak: 1e-2, floor: 0, warmup_steps: 3, decay_steps: 4}
        steps: 16
        evaluate:   {every: 4, tokens: 600}
        checkpoint: {keep: 1, at: [6, 9]}
        seed: 3

        """

    private static func prepared() async throws -> CommandLine {
        let line = try CommandLine()
        try line.write(trunk, to: "trunk.yaml")
        let result = try await line.worker(["trunk.yaml", "--run", "trunk"])
        #expect(result.code == 0, "\(result.errors)")
        return line
    }

    /// `--set` of a run of so many steps, the last of them in the decay.
    private static func settings(steps: Int, decay: Int, more: [String] = []) -> [String] {
        ["name=short", "steps=\(steps)", "schedule.decay_steps=\(decay)", "checkpoint={every: 4, keep: 3}"]
            .flatMap { ["--set", $0] } + more
    }

    private static func digest(_ line: CommandLine, _ file: String) async throws -> String {
        let inspected = try await line.apus(["inspect", file, "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any]
        return try #require(object?["digest"] as? String)
    }

    @Test("a branch is the run that it would have been from scratch, on any number of ranks", arguments: [1, 2, 3])
    func branch(ranks: Int) async throws {
        let line = try await Self.prepared()
        // Pinned steps outlived keep: 1.
        #expect(line.exists("trunk/checkpoints/step-00000006.h5") && line.exists("trunk/checkpoints/step-00000009.h5"))
        for (steps, decay, begins) in [(9, 3, 6), (12, 2, 9)] {
            let settings = Self.settings(steps: steps, decay: decay)
            let (whole, part) = ("whole-\(steps)", "part-\(steps)")
            #expect(try await line.worker(["trunk.yaml", "--run", whole] + settings).code == 0)
            let branched = try await line.apus(
                ["train", "trunk.yaml", "--run", part, "--from", "trunk", "--ranks", "\(ranks)"] + settings)
            #expect(branched.code == 0, "\(branched.errors)")
            #expect((branched.output + branched.errors).contains("Begins with step \(begins) of trunk"))
            for file in ["ledger.csv", "evaluations.csv"] {
                #expect(try line.read("\(part)/\(file)") == line.read("\(whole)/\(file)"), "\(file)")
            }
            let last = "checkpoints/step-\(String(repeating: "0", count: steps < 10 ? 7 : 6))\(steps).h5"
            let digests = try await (Self.digest(line, "\(whole)/\(last)"), Self.digest(line, "\(part)/\(last)"))
            #expect(digests.0 == digests.1)
            let provenance = String(decoding: try line.read("\(part)/provenance.json"), as: UTF8.self)
            #expect(provenance.contains("\"trunk\"") && provenance.contains("\"step\" : \(begins)"))
        }
    }

    @Test("a branch that was stopped goes on without its trunk, and with --from too")
    func resumed() async throws {
        let line = try await Self.prepared()
        let settings = Self.settings(steps: 9, decay: 3)
        #expect(try await line.worker(["trunk.yaml", "--run", "whole"] + settings).code == 0)
        let begin = ["trunk.yaml", "--run", "part", "--from", "trunk"] + settings
        #expect(try await line.worker(begin).code == 0)
        for step in [8, 9] {
            for ending in ["h5", "commit"] {
                try FileManager.default.removeItem(
                    at: line.folder.appendingPathComponent("part/checkpoints/step-0000000\(step).\(ending)"))
            }
        }
        try FileManager.default.removeItem(at: line.folder.appendingPathComponent("trunk"))
        let again = try await line.worker(begin)
        #expect(again.code == 0 && again.output.contains("step 6 of 9"), "\(again.output)\(again.errors)")
        #expect(try line.read("part/ledger.csv") == line.read("whole/ledger.csv"))
        #expect(
            try await Self.digest(line, "part/checkpoints/step-00000009.h5")
                == Self.digest(line, "whole/checkpoints/step-00000009.h5"))
    }

    @Test("a trunk's evaluation of its own last step is none of a longer run's")
    func lastStepOfTrunk() async throws {
        let line = try await Self.prepared()
        let constant = ["--set", "schedule={kind: constant, peak: 1e-2, warmup_steps: 3}"]
        let short = constant + ["--set", "steps=7", "--set", "name=short"]
        let long = constant + ["--set", "steps=10", "--set", "name=long"]
        let without = ["--set", "checkpoint.at=null"]
        #expect(try await line.worker(["trunk.yaml", "--run", "short"] + short + without).code == 0)
        #expect(try await line.worker(["trunk.yaml", "--run", "whole"] + long).code == 0)
        let branched = try await line.worker(["trunk.yaml", "--run", "part", "--from", "short"] + long)
        #expect(branched.output.contains("step 7 of 10"), "\(branched.output)\(branched.errors)")
        for file in ["ledger.csv", "evaluations.csv"] {
            #expect(try line.read("part/\(file)") == line.read("whole/\(file)"), "\(file)")
        }
    }

    @Test("what is not the same is named, with exit code 2, and no folder is made")
    func refused() async throws {
        let line = try await Self.prepared()
        let cases: [([String], String)] = [
            (["--set", "batch.sequences=4"], "another batch ("), (["--set", "seed=4"], "another seed ("),
            (["--set", "evaluate.every=3"], "another evaluate ("),
            (["--set", "schedule.peak=2e-2"], "the same up to step 0"),
            (["--set", "schedule.warmup_steps=5"], "the same up to step 0"),
            (["--set", "steps=7"], "at: [4]"),
        ]
        for (more, words) in cases {
            let result = try await line.worker(
                ["trunk.yaml", "--run", "part", "--from", "trunk"] + Self.settings(steps: 9, decay: 4, more: more))
            #expect(result.code == 2 && result.errors.contains(words), "\(more): \(result.errors)")
            #expect(!line.exists("part"))
        }
        let nowhere = try await line.worker(["trunk.yaml", "--run", "part", "--from", "nowhere"])
        #expect(nowhere.code == 3 && nowhere.errors.contains("holds no run"))
        let alone = try await line.apus(["train", "--run", "trunk", "--from", "trunk"])
        #expect(alone.code == 2)
    }
}
