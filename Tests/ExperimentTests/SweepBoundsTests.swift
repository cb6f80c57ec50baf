import Experiment
import Foundation
import Testing

@Suite("A sweep's file that asks for too much, or for two things")
struct SweepBoundsTests {
    private func problems(_ yaml: String) -> String {
        do {
            _ = try SweepConfigTests.plan(yaml)
            return ""
        } catch {
            return (error as? ConfigurationError)?.problems.joined(separator: "\n") ?? "\(error)"
        }
    }

    @Test(
        "numbers that no machine can have are refused in a sentence",
        arguments: [
            ("{widths: [16, 1600000000], layers: 2}", "{tokens: 1M}", "", "whole numbers from 1 to 1048576"),
            ("{widths: [16], aspect: 1e-18}", "{tokens: 1M}", "", "more than 10000 layers"),
            (
                "{widths: [16], layers: 2}", "{tokens: 1M}", "batch: {values: [100000000000000000]}",
                "from 1 to 16777216"
            ),
            (
                "{widths: [16], layers: 2}", "{tokens: 1M}", "learning_rate: {peak: 1e-3, width: 1e-30, exponent: 10}",
                "it must be from 1 to 1048576"
            ),
            ("{widths: [16], layers: 2}", "{tokens_per_parameter: 1e300}", "", "more than 2^60"),
            ("{widths: [16], layers: 2}", "{tokens: 1e-310}", "", "fewer than one"),
        ])
    func tooLarge(sizes: String, horizons: String, more: String, expected: String) {
        let text = problems(SweepConfigTests.yaml(sizes: sizes, horizons: horizons, more: more))
        #expect(text.contains(expected), "\(text)")
    }

    @Test("a sweep of more than ten thousand runs is refused before any is made")
    func tooMany() {
        let numbers = (1...101).map(String.init).joined(separator: ", ")
        let text = problems(
            SweepConfigTests.yaml(
                horizons: "{tokens: [1M]}", more: "seeds: [\(numbers)]\nlearning_rate: {values: [\(numbers)]}"))
        #expect(text.contains("20402 combinations"), "\(text)")
    }

    @Test("a warm-up that is no whole number is a problem, not none", arguments: ["1e2", "100.0", "-1", "many"])
    func warmup(text: String) {
        let yaml = SweepConfigTests.yaml().replacingOccurrences(of: "warmup_steps: 50", with: "warmup_steps: \(text)")
        #expect(problems(yaml).contains("`base.schedule.warmup_steps`"), "\(problems(yaml))")
    }

    @Test("two lengths in one entry are refused, of replicates and of single runs")
    func twoLengths() {
        let text = problems(
            SweepConfigTests.yaml(
                more: """
                    replicates: [{tokens: [100k, 0.2M], seeds: [2]}]
                    runs: [{name: one, width: 16, tokens: [1M, 2M]}]
                    """))
        #expect(text.contains("`replicates[0].tokens` has 2 numbers"), "\(text)")
        #expect(text.contains("`runs[0].tokens` has 2 numbers"), "\(text)")
    }

    @Test("a single run has the sweep's batch, and no limit leaves it out")
    func single() throws {
        let plan = try SweepConfigTests.plan(
            SweepConfigTests.yaml(
                more: """
                    batch: {sequences: 64}
                    limits: {tokens: [50k, 150k]}
                    runs: [{name: long, width: 16, tokens: 1M}]
                    """))
        #expect(plan.runs.map(\.name).contains("long") && plan.dropped.count == 2)
        #expect(plan.runs.allSatisfy { $0.config.batch.sequences == 64 })
    }

    @Test("sizes that differ in their heads alone are told apart in the sentence")
    func headsAlone() {
        let text = problems(
            SweepConfigTests.yaml(
                sizes: "[{layers: 1, width: 32, heads: 2}, {layers: 1, width: 32, heads: 4}]",
                horizons: "{tokens: 100k}"))
        #expect(text.contains("one with 2 heads and one with 4"), "\(text)")
    }

    @Test("muP's sizes must have heads of one width")
    func headWidths() throws {
        func yaml(_ heads: Int) -> String {
            SweepConfigTests.yaml(
                sizes: "[{layers: 1, width: 64, heads: 4}, {layers: 1, width: 256, heads: \(heads)}]"
            ).replacingOccurrences(of: "context: 12", with: "context: 12, mup: {base_width: 64}")
        }
        #expect(problems(yaml(4)).contains("heads of 16 to 64"), "\(problems(yaml(4)))")
        #expect(try SweepConfigTests.plan(yaml(16)).runs.count == 4)
    }
}
