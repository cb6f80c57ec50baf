import AllocationCounter
import Communication
import Corpus
import Experiment
import Foundation
import Tensors
import Testing
import Training

/// A whole training step on one rank.
@Suite("Step")
struct StepTests {
    /// A trainer on the calibration source; heads are 16 wide, since OpenBLAS allocates inside of narrower products.
    private static func trainer(
        recompute: Bool = false, slot: Int = 2, corpus: String? = nil, set: [String] = [], in folder: URL
    ) throws -> Trainer<OneProcess> {
        var config = try RunConfig(
            yaml: """
                name: steps
                model:      {layers: 2, width: 32, heads: 2, context: 64, dropout: 0.1}
                corpus:     \(corpus ?? calibration)
                batch:      {sequences: 10, slot: \(slot)}
                schedule:   {kind: cosine, peak: 1e-2, floor: 1e-3, warmup_steps: 2}
                steps: 100
                """, source: "test", folder: folder, overrides: set)
        config.recompute = recompute
        let corpus = try CorpusPreparation.prepare(config.corpus, cache: folder)
        let trainer = try Trainer(
            config: config, corpus: corpus, link: OneProcess(), kernels: Kernels(KernelSet.strongest))
        try trainer.initialize()
        return trainer
    }

    private static let calibration =
        "{calibration: {alphabet: 16, key: 1, value: 1, exponent: 0.5, tokens: 20000}}"

    /// Two sources of text, read at 60:40; a pass is longer than the steps of a test.
    private static func mixture(in folder: URL) throws -> String {
        for (name, files) in [("a", 40), ("b", 30)] {
            let source = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
            for file in 0..<files {
                let text = (0..<100).map { "\(name)\(file * 100 + $0) " }.joined()
                try Data(text.utf8).write(to: source.appendingPathComponent("\(file).txt"))
            }
        }
        let paths = ["a", "b"].map { folder.appendingPathComponent($0).path }
        return
            "{sources: [{name: a, paths: [\(paths[0])], weight: 6}, {name: b, paths: [\(paths[1])], weight: 4, epochs: 3}]}"
    }

    private static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-step-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    @Test(
        "a warm step allocates nothing: batch, forward, backward, sum over five slots, clip and update",
        .enabled(if: BLAS.threads == 1, "OpenBLAS allocates in its threads"), arguments: [false, true])
    func allocations(recompute: Bool) throws {
        try Self.withFolder { folder in
            let trainer = try Self.trainer(recompute: recompute, in: folder)
            for _ in 0..<2 { _ = try trainer.takeStep() }
            // The least of ten: beside other tests, OpenBLAS may once have to make itself a buffer.
            let counts = try (0..<10).map { _ in
                allocation_counter_start()
                let result = Result { try trainer.takeStep() }
                let count = allocation_counter_stop()
                _ = try result.get()
                return count
            }
            #expect(counts.min() == 0, "\(counts)")
        }
    }

    @Test(
        "a warm step over a mixture of sources allocates nothing either",
        .enabled(if: BLAS.threads == 1, "OpenBLAS allocates in its threads"))
    func mixedAllocations() throws {
        try Self.withFolder { folder in
            let trainer = try Self.trainer(corpus: Self.mixture(in: folder), in: folder)
            #expect(trainer.readings.map(\.name) == ["a", "b"])
            for _ in 0..<2 { _ = try trainer.takeStep() }
            let counts = try (0..<10).map { _ in
                allocation_counter_start()
                let result = Result { try trainer.takeStep() }
                let count = allocation_counter_stop()
                _ = try result.get()
                return count
            }
            #expect(counts.min() == 0, "\(counts)")
        }
    }

    @Test("recomputing activations changes no bit of losses, norms and parameters")
    func recompute() throws {
        try Self.withFolder { folder in
            let plain = try Self.trainer(in: folder)
            let frugal = try Self.trainer(recompute: true, in: folder)
            for _ in 0..<5 {
                let (a, b) = (try plain.takeStep(), try frugal.takeStep())
                #expect(
                    a.loss.bitPattern == b.loss.bitPattern && a.gradientNorm.bitPattern == b.gradientNorm.bitPattern)
            }
            withExtendedLifetime((plain, frugal)) {
                #expect(plain.parameters.array.map(\.bitPattern) == frugal.parameters.array.map(\.bitPattern))
            }
        }
    }

    @Test("the initial parameters and the order of data have seeds of their own")
    func seeds() throws {
        try Self.withFolder { folder in
            func first(_ settings: String...) throws -> (parameters: [Float], batch: String) {
                let trainer = try Self.trainer(set: settings, in: folder)
                let parameters = withExtendedLifetime(trainer) { trainer.parameters.array }
                return (parameters, try trainer.takeStepWithReceipt().batchDigest)
            }
            let plain = try first("seed=5")
            let other = try first("seed=5", "seed.init=6")
            let shuffled = try first("seed=5", "seed.data=6")
            #expect(other.parameters != plain.parameters && other.batch == plain.batch)
            #expect(shuffled.parameters == plain.parameters && shuffled.batch != plain.batch)
            let both = try first("seed={init: 5, data: 5}")
            #expect(both.parameters == plain.parameters && both.batch == plain.batch)
        }
    }

    @Test("at its base width muP changes no bit, and at another the steps are others")
    func mup() throws {
        try Self.withFolder { folder in
            func after(_ settings: String...) throws -> [UInt32] {
                let trainer = try Self.trainer(set: settings, in: folder)
                for _ in 0..<3 { _ = try trainer.takeStep() }
                return withExtendedLifetime(trainer) { trainer.parameters.array.map(\.bitPattern) }
            }
            let plain = try after()
            #expect(try after("model.mup={base_width: 32}") == plain)
            #expect(try after("model.mup={base_width: 16}") != plain)
        }
    }

    @Test("the parts of a step's time sum to its whole")
    func parts() throws {
        try Self.withFolder { folder in
            let trainer = try Self.trainer(in: folder)
            let (result, digest) = try trainer.takeStepWithReceipt()
            let sum = result.seconds.parts.reduce(0) { $0 + $1.seconds }
            #expect(abs(sum - result.seconds.total) <= 1e-6 + 0.01 * result.seconds.total)
            #expect(result.seconds.products > 0 && result.seconds.attention > 0 && result.seconds.rest >= 0)
            #expect(digest.count == 64)
        }
    }

    @Test("the loss that a run began with can be measured later, and leaves the run as it was")
    func initialLoss() throws {
        try Self.withFolder { folder in
            let trainer = try Self.trainer(in: folder)
            let before = try trainer.evaluate()
            for _ in 0..<3 { _ = try trainer.takeStep() }
            let parameters = trainer.parameters.array
            let later = try trainer.evaluateInitial()
            #expect(later.loss.bitPattern == before.loss.bitPattern)
            #expect(trainer.parameters.array == parameters)
            #expect(try trainer.evaluate().loss != before.loss)
        }
    }
}
