import Experiment
import Foundation
import Testing

@Suite("A sweep's file")
struct SweepConfigTests {
    /// The base and more keys, which may replace the standard ones.
    static func yaml(
        sizes: String = "{widths: [16, 32], layers: 2, head: 16}", horizons: String = "{tokens: [100k, 0.2M]}",
        more: String = "", base: String = ""
    ) -> String {
        """
        name: ladder
        base:
          corpus: {calibration: {alphabet: 8, key: 2, value: 2, exponent: 0.5, tokens: 20000}}
          model: {context: 12}
          batch: {sequences: 8, slot: 2}
          schedule: {kind: cosine, floor_fraction: 0.1, warmup_steps: 50, peak: 1e-2}
        \(base)
        sizes: \(sizes)
        horizons: \(horizons)
        \(more)
        """
    }

    static func plan(_ yaml: String, rules: SweepRules = .none) throws -> SweepPlan {
        try SweepConfig(yaml: yaml, source: "test", folder: URL(fileURLWithPath: "/texts", isDirectory: true))
            .plan(vocabulary: 8, rules: rules, source: "test")
    }

    func problems(_ yaml: String) -> [String] {
        do {
            _ = try Self.plan(yaml)
            return []
        } catch {
            return (error as? ConfigurationError)?.problems ?? ["\(error)"]
        }
    }

    @Test("every size meets every length, the smallest work first, with whole steps and a warm-up of at most a third")
    func grid() throws {
        let plan = try Self.plan(Self.yaml())
        #expect(plan.runs.map(\.name) == ["d16-100k", "d16-200k", "d32-100k", "d32-200k"])
        #expect(plan.runs.map(\.config.steps) == [1041, 2083, 1041, 2083])
        #expect(plan.runs.allSatisfy { $0.config.model.layers == 2 && $0.config.schedule.warmupSteps == 50 })
        #expect(plan.runs.map(\.config.model.heads) == [1, 1, 2, 2])
        #expect(plan.runs[0].config.schedule.floor == 1e-3)
        #expect(plan.dropped.isEmpty && plan.notes.isEmpty)
        let short = try Self.plan(Self.yaml(horizons: "{tokens: [2000]}"))
        #expect(short.runs[0].config.schedule.warmupSteps == 6 && short.notes.count == 1)
    }

    @Test("budgets give tokens = C/(6N), and limits leave combinations out, with a sentence")
    func budgets() throws {
        let plan = try Self.plan(
            Self.yaml(horizons: "{budgets: [1e10, 1e11]}", more: "limits: {tokens: [100k, 2M]}"))
        #expect(plan.runs.count + plan.dropped.count == 4)
        #expect(plan.dropped.count == 2)
        for run in plan.runs {
            let budget = run.name.contains("c1e10") ? 1e10 : 1e11
            #expect(abs(run.shape.flops6ND(tokens: run.config.totalTokens) / budget - 1) < 1e-2, "\(run.name)")
        }
    }

    @Test("tokens per parameter count all parameters")
    func ratios() throws {
        let plan = try Self.plan(Self.yaml(horizons: "{tokens_per_parameter: [20]}"))
        for run in plan.runs {
            let ratio = Double(run.config.totalTokens) / Double(run.shape.totalParameters)
            #expect(abs(ratio / 20 - 1) < 1e-3, "\(run.name)")
        }
        #expect(plan.runs.map(\.name) == ["d16-x20", "d32-x20"])
    }

    @Test("seeds, replicates and single runs add to the grid, and names do not depend on what else is in it")
    func seeds() throws {
        let more = """
            seeds: [1, {init: 2, data: 1}]
            replicates: [{width: 32, tokens: 100k, seeds: [1, 7]}]
            runs: [{name: held-out, width: 64, tokens: 300k, seed: 5}]
            """
        let plan = try Self.plan(Self.yaml(more: more))
        let names = Set(plan.runs.map(\.name))
        #expect(names.isSuperset(of: try Self.plan(Self.yaml()).runs.map(\.name)))
        #expect(names.isSuperset(of: ["d16-100k-i2d1", "d32-100k-s7", "held-out"]) && names.count == 10)
        let other = try #require(plan.runs.first { $0.name == "d16-100k-i2d1" })
        #expect(other.config.seed == Seed(initialization: 2, data: 1))
        #expect(plan.runs.last?.name == "held-out" && plan.runs.last?.config.model.heads == 4)
    }

    @Test("the learning rate follows the width, scans multiply the grid, and a rule is asked for")
    func rates() throws {
        let power = try Self.plan(Self.yaml(more: "learning_rate: {peak: 1e-2, width: 64, exponent: -0.5}"))
        #expect(power.runs.map(\.config.schedule.peak) == [0.02, 0.02, 0.01414, 0.01414])
        let scan = try Self.plan(
            Self.yaml(
                horizons: "{tokens: 100k}", more: "learning_rate: {values: [1e-3, 3e-3]}\nbatch: {values: [4, 8]}"))
        #expect(scan.runs.count == 8 && scan.runs.contains { $0.name == "d16-100k-lr0.003-b4" })
        let rules = SweepRules(
            names: ["half"], learningRate: { _, shape, _ in 1 / Double(shape.width) },
            batchTokens: { _, _, tokens in tokens / 1000 })
        let ruled = try Self.plan(
            Self.yaml(more: "learning_rate: {rule: half}\nbatch: {rule: half}"), rules: rules)
        #expect(
            ruled.runs.allSatisfy {
                $0.config.schedule.peak == (1 / Double($0.shape.width) * 1e4).rounded() / 1e4
                    || $0.config.schedule.peak == 1 / Double($0.shape.width)
            })
        #expect(Set(ruled.runs.map(\.config.batch.sequences)) == [8, 16])
        #expect(problems(Self.yaml(more: "learning_rate: {rule: halff}")).joined().contains("is not known"))
    }

    @Test("with a WSD schedule the longest run of a size is the trunk of the shorter ones")
    func trunks() throws {
        let plan = try Self.plan(
            Self.yaml(horizons: "{tokens: [100k, 200k, 400k]}", more: "schedule: {wsd: {decay: 0.2}}"))
        #expect(plan.runs.count(where: { $0.trunk == nil }) == 2)
        let branch = try #require(plan.runs.first { $0.name == "d16-100k" })
        #expect(branch.trunk == "d16-400k" && branch.branchStep == 1041 - 208 && branch.ownSteps == 208)
        #expect(plan.runs.allSatisfy { $0.config.schedule.kind == .wsd })
    }

    @Test("unknown keys are named with the nearest known one, and all problems come at once")
    func unknownKeys() {
        let found = problems(
            Self.yaml(sizes: "{widths: [16], layer: 2}", more: "seed: [1]\nlearning_rate: {pek: 1}", base: "  steps: 3")
        )
        let text = found.joined(separator: "\n")
        #expect(text.contains("did you mean `sizes.layers`?"))
        #expect(text.contains("did you mean `seeds`?"))
        #expect(text.contains("did you mean `learning_rate.peak`?"))
        #expect(text.contains("`base.steps` is given by `horizons`"))
    }

    @Test(
        "what cannot be is refused in a sentence",
        arguments: [
            ("{widths: [24], layers: 2, head: 16}", "{tokens: 1M}", "", "no multiple of a head's 16"),
            ("{widths: [16], layers: 2}", "{tokens: 1M, budgets: 1e9}", "", "exactly one of"),
            ("{widths: [16], layers: 2}", "{tokens: 10}", "", "every combination was left out"),
            ("{widths: [16, 16], layers: 2}", "{tokens: 1M}", "", "two runs would be called"),
            ("{widths: [16], layers: 2}", "{tokens: 1M}", "replicates: [{width: 5, seeds: 2}]", "fits no combination"),
            ("{widths: [16], layers: 2}", "{tokens: -1}", "", "must be a list of numbers above 0"),
            ("{widths: [16], layers: 2}", "{tokens: 1M}", "runs: [{name: a b, width: 16, tokens: 1M}]", "`name`"),
        ])
    func refused(sizes: String, horizons: String, more: String, expected: String) {
        let text = problems(Self.yaml(sizes: sizes, horizons: horizons, more: more)).joined(separator: "\n")
        #expect(text.contains(expected), "\(text)")
    }

    @Test("the resolved file means the same wherever it lies")
    func resolved() throws {
        let yaml = Self.yaml().replacingOccurrences(
            of: "calibration: {alphabet: 8, key: 2, value: 2, exponent: 0.5, tokens: 20000}",
            with: "paths: [a, b]")
        let sweep = try SweepConfig(
            yaml: yaml, source: "test", folder: URL(fileURLWithPath: "/texts", isDirectory: true))
        let again = try SweepConfig(
            yaml: sweep.yaml, source: "again", folder: URL(fileURLWithPath: "/elsewhere", isDirectory: true))
        let runs = try [sweep, again].map { try $0.plan(vocabulary: 257, source: "test").runs.map(\.config.hash) }
        #expect(runs[0] == runs[1])
        #expect(again.template.corpus.paths == ["/texts/a", "/texts/b"])
    }
}
