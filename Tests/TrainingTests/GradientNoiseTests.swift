import Communication
import Corpus
import Experiment
import Foundation
import Tensors
import Testing
import Training
import Transformer

@Suite("Gradient noise")
struct GradientNoiseTests {
    @Test(
        "both estimates are unbiased, for slots of equal and of unequal counts", arguments: [[4, 4, 4], [2, 7, 3, 9]])
    func unbiased(counts: [Int]) throws {
        // G = (0.5, 0.5, …) in 8 dimensions, and independent noise of deviation 2 in each: S = 8 · 4.
        let (dimensions, deviation, draws) = (8, 2.0, 20_000)
        let stream = RandomStream(seed: 5, purpose: "test", name: "gradient noise")
        var next: UInt64 = 0
        var (squares, traces) = ([Double](), [Double]())
        for _ in 0..<draws {
            var total = [Double](repeating: 0, count: dimensions)
            let slots = counts.map { count in
                var sum = 0.0
                for dimension in 0..<dimensions {
                    let noise = deviation * Double(count).squareRoot() * stream.normal(next)
                    next += 1
                    let gradient = 0.5 * Double(count) + noise
                    total[dimension] += gradient
                    sum += gradient * gradient
                }
                return sum
            }
            let tokens = Double(counts.reduce(0, +))
            let batchSquare = total.reduce(0) { $0 + $1 * $1 } / (tokens * tokens)
            let noise = try #require(GradientNoise(slots: slots, counted: counts, batchSquare: batchSquare))
            squares.append(noise.square)
            traces.append(noise.trace)
        }
        for (values, expected) in [(squares, 8 * 0.25), (traces, 8 * 4.0)] {
            let mean = values.reduce(0, +) / Double(draws)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws - 1)
            // Four standard errors of the mean.
            #expect(abs(mean - expected) < 4 * (variance / Double(draws)).squareRoot(), "\(mean), not \(expected)")
        }
    }

    @Test("equal gradients have no noise, and one slot tells nothing")
    func limits() throws {
        let noise = try #require(GradientNoise(slots: [36, 36, 36], counted: [3, 3, 3], batchSquare: 4))
        #expect(noise.square == 4 && noise.trace == 0)
        #expect(GradientNoise(slots: [36], counted: [3], batchSquare: 4) == nil)
        #expect(GradientNoise(slots: [36, 0], counted: [3, 0], batchSquare: 4) == nil)
    }

    @Test("a step's estimates are those of its slots' gradients, computed one by one", arguments: [1, 3, 5])
    func step(slots: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-noise-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = try RunConfig(
            yaml: """
                name: noise
                model:      {layers: 2, width: 32, heads: 2, context: 16}
                corpus:     {calibration: {alphabet: 16, key: 1, value: 1, exponent: 0.5, tokens: 20000}}
                batch:      {sequences: \(2 * slots), slot: 2}
                schedule:   {peak: 1e-2}
                steps: 10
                """, source: "test", folder: folder)
        let corpus = try CorpusPreparation.prepare(config.corpus, cache: folder)
        let trainer = try Trainer(
            config: config, corpus: corpus, link: OneProcess(), kernels: Kernels(KernelSet.strongest))
        try trainer.initialize()
        let model = trainer.model
        var data = try TrainingData(corpus, config: config)
        var batch = Batch(capacity: 2, context: 16)
        let gradients = Arena(count: model.layout.arenaCount)
        let work = Workspace(shape: model.shape, sequences: 2)
        var mean = [Double](repeating: 0, count: gradients.count)
        let squares = (0..<slots).map { slot in
            data.fill(step: 0, slot: slot, into: &batch)
            model.lossesAndGradient(
                tokens: batch.tokens, targets: batch.targets, counted: batch.counted, sequences: 2,
                position: BatchPosition(step: 0, firstSequence: 2 * slot), parameters: trainer.parameters,
                gradients: gradients.floats, work: work)
            let values = gradients.floats.array.map(Double.init)
            for index in values.indices { mean[index] += values[index] / Double(32 * slots) }
            return values.reduce(0) { $0 + $1 * $1 }
        }
        let expected = GradientNoise(
            slots: squares, counted: Array(repeating: 32, count: slots),
            batchSquare: mean.reduce(0) { $0 + $1 * $1 })
        let found = try trainer.takeStep().gradientNoise
        guard let expected, let found else {
            #expect(slots == 1 && expected == nil && found == nil)
            return
        }
        // The step adds slots in float32.
        #expect(abs(found.square - expected.square) < 1e-4 * abs(expected.square))
        #expect(abs(found.trace - expected.trace) < 1e-4 * abs(expected.trace))
    }
}
