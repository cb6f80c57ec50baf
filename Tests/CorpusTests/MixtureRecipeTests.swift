import Experiment
import Testing

@testable import Corpus

@Suite("Shares of a mixture")
struct MixtureRecipeTests {
    static func recipe(_ sources: (name: String, weight: Double?, epochs: Double)...) throws -> MixtureRecipe {
        try MixtureRecipe(
            sources.map { SourceConfig(name: $0.name, weight: $0.weight, epochs: $0.epochs) }, of: sources.map(\.name))
    }

    @Test("with weights a pass is as long as the scarcest source allows, and its parts are the shares")
    func weights() throws {
        let even = try Self.recipe(("a", 70, 1), ("b", 30, 1))
        #expect(even.counts(available: [1_000, 1_000], limit: nil) == [1_000, 428])
        #expect(even.counts(available: [7_000, 300], limit: nil) == [700, 300])
        #expect(even.counts(available: [70, 30], limit: nil) == [70, 30])
        // 0.7 + 0.3, 0.1 · 3 and their like are not whole in binary; what they mean is.
        let fractions = try Self.recipe(("a", 0.7, 1), ("b", 0.3, 1))
        #expect(fractions.counts(available: [700, 9_000], limit: nil) == [700, 300])
        let epochs = try Self.recipe(("a", 1, 2.5), ("b", 1, 0.5))
        #expect(epochs.counts(available: [10, 100], limit: nil) == [25, 25])
        #expect(epochs.counts(available: [100, 10], limit: nil) == [5, 5])
        #expect(epochs.shares(available: [100, 10]) == [0.5, 0.5])
    }

    @Test("without weights each source gives what it has, times its epochs, and at least one sequence")
    func noWeights() throws {
        let plain = try MixtureRecipe([], of: ["a", "b"])
        #expect(plain.counts(available: [31, 7], limit: nil) == [31, 7])
        let epochs = try Self.recipe(("a", nil, 1.5), ("b", nil, 0.01), ("c", nil, 0.29))
        #expect(epochs.counts(available: [31, 7, 100], limit: nil) == [46, 1, 29])
    }

    @Test("a limit cuts the pass and keeps the shares; parts sum to it exactly, and are within one of their share")
    func limits() throws {
        let recipe = try Self.recipe(("a", 5, 1), ("b", 3, 1), ("c", 2, 1))
        let available = [500, 300, 200]
        for limit in 1...1_000 {
            let counts = recipe.counts(available: available, limit: limit)
            #expect(counts.reduce(0, +) == limit)
            for (count, share) in zip(counts, [0.5, 0.3, 0.2]) {
                #expect(abs(Double(count) - share * Double(limit)) < 1)
            }
        }
        #expect(recipe.counts(available: available, limit: 2_000) == available)
    }

    @Test("largest remainders: ties go to the earlier source")
    func ties() {
        #expect(MixtureRecipe.apportion(10, by: [1, 1, 1]) == [4, 3, 3])
        #expect(MixtureRecipe.apportion(5, by: [1, 1]) == [3, 2])
        #expect(MixtureRecipe.apportion(1, by: [1e-9, 1]) == [0, 1])
        #expect(MixtureRecipe.apportion(7, by: [0.7, 0.2, 0.1]) == [5, 1, 1])
    }

    @Test("names are matched in any order; unknown, missing and doubled ones are refused with those there are")
    func names() throws {
        let given = [SourceConfig(name: "b", weight: 1, epochs: 3), SourceConfig(name: "a", weight: 4, epochs: 2)]
        let recipe = try MixtureRecipe(given, of: ["a", "b"])
        #expect(try recipe == MixtureRecipe(given.reversed(), of: ["a", "b"]))
        #expect(recipe.weights == [1, 0.25] && recipe.epochs == [2, 3])
        expectFailure(.usage, "names c, which", "leaves out b", "are a, b:") {
            _ = try MixtureRecipe([SourceConfig(name: "a"), SourceConfig(name: "c")], of: ["a", "b"])
        }
        expectFailure(.usage, "leaves out b") { _ = try MixtureRecipe([SourceConfig(name: "a")], of: ["a", "b"]) }
        expectFailure(.usage, "called all") { _ = try MixtureRecipe([], of: ["a", "all"]) }
    }
}
