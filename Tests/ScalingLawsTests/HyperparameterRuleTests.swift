import Testing

@testable import ScalingLaws

@Suite("Published rules for learning rate and batch")
struct HyperparameterRuleTests {
    @Test("each rule gives the numbers that its paper's formula gives")
    func values() throws {
        let porian = HyperparameterRule.porian
        // 108 million parameters are the rule's reference; eight times as many halve the rate and take 4 times the batch.
        #expect(porian.learningRate(n: 108e6, d: 2e9, c: 1e18) == 0.0047)
        #expect(porian.batchTokens(n: 108e6, d: 2e9, c: 1e18) == 327_680)
        let (rate, batch) = try (
            #require(porian.learningRate(n: 864e6, d: 2e9, c: 1e18)),
            #require(porian.batchTokens(n: 864e6, d: 2e9, c: 1e18))
        )
        #expect(abs(rate - 0.00235) < 1e-12 && abs(batch - 1_310_720) < 1e-6)
        let deepseek = HyperparameterRule.deepseek
        #expect(try abs(#require(deepseek.learningRate(n: 1e8, d: 2e9, c: 1e16)) - 0.003118) < 1e-12)
        #expect(try abs(#require(deepseek.batchTokens(n: 1e8, d: 2e9, c: 1e20)) / 1.01714e6 - 1) < 1e-3)
        let step = HyperparameterRule.stepLaw
        #expect(try abs(#require(step.learningRate(n: 1e9, d: 1e11, c: 1)) / 1.6325e-3 - 1) < 1e-3)
        #expect(try abs(#require(step.batchTokens(n: 1e9, d: 1e10, c: 1)) / 2.9746e5 - 1) < 1e-3)
        let kaplan = HyperparameterRule.kaplan
        #expect(kaplan.batchTokens(n: 1e9, d: 1, c: 8.64e19) == 2.0e6)
        #expect(try abs(#require(kaplan.learningRate(n: 1e6, d: 1, c: 1)) - 1.311736e-3) < 1e-7)
    }

    @Test("a rule that has no answer gives none")
    func limits() {
        #expect(HyperparameterRule.kaplan.learningRate(n: 2e10, d: 1, c: 1) == nil)
        for rule in HyperparameterRule.allCases {
            #expect(rule.batchTokens(n: 0, d: 0, c: 0) == nil)
            #expect(!rule.source.isEmpty && !rule.formula.isEmpty)
        }
        #expect(HyperparameterRule(rawValue: "step-law") == .stepLaw)
    }
}
