import Experiment
import Testing

@Suite("Counting parameters and FLOPs")
struct ModelShapeTests {
    static let smallest = ModelShape(layers: 12, width: 768, heads: 12, context: 1024, vocabulary: 50257)

    @Test("GPT-2's parameters are those of the released model, by every convention")
    func gpt2() {
        #expect(Self.smallest.totalParameters == 124_439_808)
        #expect(Self.smallest.nonEmbeddingParameters == 85_056_000)
        #expect(Self.smallest.headParameters == 50257 * 768)
        #expect(Self.smallest.parametersWithHead == 85_056_000 + 50257 * 768)
        #expect(Self.smallest.headWidth == 64)
    }

    @Test("the count is the sum of the tensors that Hugging Face names", arguments: [(1, 1), (2, 6), (3, 64), (7, 30)])
    func tensorByTensor(layers: Int, width d: Int) {
        let shape = ModelShape(layers: layers, width: d, heads: 1, context: 5, vocabulary: 11)
        let norm = 2 * d
        let attention = d * 3 * d + 3 * d + d * d + d
        let feedForward = d * 4 * d + 4 * d + 4 * d * d + d
        let block = norm + attention + norm + feedForward
        #expect(shape.parametersPerBlock == block)
        #expect(shape.totalParameters == 11 * d + 5 * d + layers * block + norm)
        #expect(shape.nonEmbeddingParameters == layers * block + norm)
    }

    @Test("FLOPs per token are six per weight of a matrix product, and the attention's")
    func flops() {
        // 6 layers, width 384, vocabulary 4,096, context 256: 6 (12 L d² + V d) + 12 L T d.
        let shape = ModelShape(layers: 6, width: 384, heads: 6, context: 256, vocabulary: 4096)
        #expect(shape.flopsPerToken == 6 * (12 * 6 * 384 * 384 + 4096 * 384) + 12 * 6 * 256 * 384)
        #expect(shape.flopsPerToken == 80_216_064)
        #expect(shape.flopsExact(tokens: 1000) == 8.0216064e10)
        #expect(shape.flops6ND(tokens: 1000) == 6000 * Double(shape.totalParameters))
    }
}
