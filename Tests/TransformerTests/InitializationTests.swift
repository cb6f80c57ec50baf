import Experiment
import Tensors
import Testing
import Transformer

@Suite("Initial parameters")
struct InitializationTests {
    private let model = GPT2(
        shape: ModelShape(layers: 8, width: 24, heads: 2, context: 20, vocabulary: 50), kernels: Kernels(.baseline))

    private func parameters(seed: UInt64, ranges: [Range<Int>]? = nil) -> [Float] {
        let arena = Arena(count: model.layout.arenaCount)
        for range in ranges ?? [0..<arena.count] { model.initialize(arena.floats, range: range, seed: seed) }
        return arena.floats.array
    }

    @Test("matrices have a deviation of 0.02, residual projections that over sqrt(2 layers); biases 0, norm weights 1")
    func distribution() {
        let values = parameters(seed: 1)
        for tensor in model.layout.tensors {
            let part = values[tensor.region.range].map(Double.init)
            guard tensor.shape.count == 2 else {
                #expect(part.allSatisfy { $0 == (tensor.name.hasSuffix("weight") ? 1 : 0) }, "\(tensor.name)")
                continue
            }
            let expected = tensor.name.hasSuffix("c_proj.weight") ? 0.02 / 4 : 0.02
            let count = Double(part.count)
            let deviation = (part.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
            // Five standard errors: expected / sqrt(n) of a mean, expected / sqrt(2 n) of a deviation.
            #expect(abs(part.sum / count) < 5 * expected / count.squareRoot(), "\(tensor.name)")
            #expect(abs(deviation - expected) < 5 * expected / (2 * count).squareRoot(), "\(tensor.name)")
        }
    }

    @Test("equal seeds give equal parameters, other seeds others, and no two tensors share their numbers")
    func seeds() {
        let first = parameters(seed: 1)
        #expect(parameters(seed: 1) == first && parameters(seed: 2) != first)
        let starts = model.layout.tensors.filter { $0.shape.count == 2 && !$0.name.hasSuffix("c_proj.weight") }
            .map { Array(first[$0.region.offset..<$0.region.offset + 8]) }
        #expect(Set(starts).count == starts.count)
    }

    @Test("every element is the same whoever writes it, in whatever ranges")
    func ranges() {
        let whole = parameters(seed: 3)
        let count = whole.count
        #expect(parameters(seed: 3, ranges: [5_000..<count, 0..<17, 17..<5_000]) == whole)
        let part = parameters(seed: 3, ranges: [100..<200])
        #expect(part[100..<200] == whole[100..<200])
        #expect(part[..<100].allSatisfy { $0 == 0 } && part[200...].allSatisfy { $0 == 0 }, "others stay untouched")
    }

    @Test("a new model is as good as guessing: its loss is about the logarithm of the vocabulary")
    func initialLoss() {
        let seeded = SeededModel(model.shape, sequences: 2)
        seeded.parameters.floats.copy(from: parameters(seed: 4))
        let mean = seeded.losses().sum / Double(seeded.tokens.count)
        #expect(abs(mean - 3.912) < 0.05, "log 50 = 3.912")
    }
}
