import Experiment
import Tensors
import Testing
import Transformer

/// Backward of whole blocks and whole models against central differences, tensor by tensor.
@Suite("Gradients of blocks and models")
struct ModelGradientTests {
    private static let shapes = [
        ModelShape(layers: 1, width: 1, heads: 1, context: 1, vocabulary: 2),
        ModelShape(layers: 2, width: 6, heads: 3, context: 5, vocabulary: 7),
        ModelShape(layers: 1, width: 36, heads: 2, context: 70, vocabulary: 11),
    ]

    /// All tensors of a model; the loss is that of training at one position, whose masks are fixed.
    private func expectGradients(_ seeded: SeededModel, directions: Int = 2) {
        seeded.trainingLosses()
        // Every loss that follows writes the gradients anew.
        let gradients = Arena(count: seeded.gradients.count)
        gradients.floats.copy(from: seeded.gradients.floats)
        for tensor in seeded.model.layout.tensors {
            let range = tensor.region.range
            let error = CentralDifference.error(
                of: gradients.floats[range], in: seeded.parameters.floats[range], directions: directions
            ) { seeded.trainingLosses().sum }
            #expect(error <= CentralDifference.tolerance, "\(tensor.name): off by \(error) of its norm")
        }
    }

    @Test("GPT-2, from one number to more than a tile of queries", arguments: shapes)
    func model(shape: ModelShape) {
        expectGradients(SeededModel(shape, sequences: shape.context > 50 ? 1 : 3))
    }

    @Test("GPT-2 with dropout everywhere: masks are a function of the position", arguments: shapes.prefix(2))
    func modelWithDropout(shape: ModelShape) {
        expectGradients(SeededModel(shape, sequences: 3, dropout: 0.25))
    }

    @Test("GPT-2 over two tiles of keys")
    func twoKeyTiles() {
        let shape = ModelShape(layers: 1, width: 4, heads: 1, context: 600, vocabulary: 5)
        expectGradients(SeededModel(shape, sequences: 1), directions: 0)
    }

    @Test("every kernel set", arguments: KernelSet.allCases.filter(\.isSupported))
    func everySet(set: KernelSet) {
        expectGradients(SeededModel(Self.shapes[1], sequences: 2, kernels: Kernels(set)), directions: 1)
    }

    @Test("a block by itself, its input and its parameters", arguments: shapes, [0, 0.25])
    func block(shape: ModelShape, dropout: Double) {
        let kernels = Kernels(.strongest)
        let sequences = 2
        let rows = 2 * shape.context
        let position = BatchPosition(step: 1, firstSequence: 6)
        var numbers = Numbers("block")
        var layout = ParameterLayout()
        let block = Block("b", shape: shape, dropout: dropout, seed: 3, layout: &layout, kernels: kernels)
        let layerUnderTest = LayerUnderTest(layout, &numbers)
        for tensor in layout.tensors where tensor.shape.count == 2 {
            // Sums over the width of size 1: the softmax is not yet a maximum.
            let floats = layerUnderTest.parameters.floats[tensor.region.range]
            let deviation = 1 / Float(tensor.shape[0]).squareRoot()
            floats.copy(from: floats.array.map { $0 * deviation })
        }
        let (p, g) = (layerUnderTest.parameters.floats, layerUnderTest.gradients.floats)
        let work = Workspace(shape: shape, sequences: sequences)
        let x = Variable(rows, shape.width, &numbers)
        let y = Variable(rows, shape.width, &numbers)
        func loss() -> Double {
            work.input(ofBlock: 0, sequences: sequences).floats.copy(from: x.value.floats)
            block.forward(
                work.kept(0, sequences: sequences), into: y.value, work: work.shared(sequences: sequences),
                position: position, parameters: p)
            return y.weightedSum
        }
        _ = loss()
        x.gradient.floats.copy(from: y.gradient.floats)
        block.backward(
            work.kept(0, sequences: sequences), x.gradient, work: work.shared(sequences: sequences),
            position: position, parameters: p, gradients: g)
        layerUnderTest.expectGradients([x], loss: loss)
    }
}
