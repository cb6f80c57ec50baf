import Tensors
import Testing
import Transformer

/// Each layer's backward against central differences of its forward; the loss is a seeded weighted sum of its output.
@Suite("Gradients of layers")
struct LayerGradientTests {
    private let kernels = Kernels(.strongest)

    @Test("Linear, with and without a residual", arguments: [(1, 1, 1), (3, 5, 7), (17, 33, 15)])
    func linear(rows: Int, inputs: Int, outputs: Int) {
        var numbers = Numbers("linear")
        var layout = ParameterLayout()
        let layer = Linear("l", inputs: inputs, outputs: outputs, layout: &layout, kernels: kernels)
        let layerUnderTest = LayerUnderTest(layout, &numbers)
        let (p, g) = (layerUnderTest.parameters.floats, layerUnderTest.gradients.floats)
        let x = Variable(rows, inputs, &numbers)
        let residual = Variable(rows, outputs, &numbers)
        let y = Variable(rows, outputs, &numbers)
        let clock = LapClock()
        layer.backward(y.gradient, into: x.gradient, parameters: p, clock: clock)
        layer.weightGradient(y.gradient, input: x.value, gradients: g, clock: clock)
        layer.biasGradient(y.gradient, gradients: g)
        layerUnderTest.expectGradients([x]) {
            layer.forward(x.value, into: y.value, parameters: p, clock: clock)
            return y.weightedSum
        }
        residual.gradient.floats.copy(from: y.gradient.floats)
        layerUnderTest.expectGradients([x, residual]) {
            layer.forward(x.value, adding: residual.value, into: y.value, parameters: p, clock: clock)
            return y.weightedSum
        }
    }

    @Test("LayerNorm, which adds to dx", arguments: [(1, 1), (3, 5), (4, 36)])
    func norm(rows: Int, width: Int) {
        var numbers = Numbers("norm")
        var layout = ParameterLayout()
        let layer = LayerNorm("n", width: width, layout: &layout, kernels: kernels)
        let layerUnderTest = LayerUnderTest(layout, &numbers)
        let (p, g) = (layerUnderTest.parameters.floats, layerUnderTest.gradients.floats)
        let x = Variable(rows, width, &numbers)
        let y = Variable(rows, width, &numbers)
        let mean = Arena(count: rows)
        let inverse = Arena(count: rows)
        func loss() -> Double {
            layer.forward(x.value, into: y.value, mean: mean.floats, inverse: inverse.floats, parameters: p)
            // dx starts as `before`, as the gradient of a residual stream does.
            return y.weightedSum + x.dot(before)
        }
        let before = x.gradient.floats.array
        _ = loss()
        layer.backward(
            y.gradient, input: x.value, mean: mean.floats, inverse: inverse.floats, addingTo: x.gradient, parameters: p,
            gradients: g)
        layerUnderTest.expectGradients([x], loss: loss)
    }

    @Test(
        "Embedding, which adds to the token table's gradient", arguments: [(1, 1, 1, 2), (2, 5, 6, 7), (3, 4, 33, 3)])
    func embedding(sequences: Int, context: Int, width: Int, vocabulary: Int) {
        var numbers = Numbers("embedding")
        var layout = ParameterLayout()
        let layer = Embedding(
            "e", vocabulary: vocabulary, context: context, width: width, layout: &layout, kernels: kernels)
        let layerUnderTest = LayerUnderTest(layout, &numbers)
        let tokens = numbers.tokens(sequences * context, vocabulary: vocabulary)
        let y = Variable(sequences * context, width, &numbers)
        layer.backward(y.gradient, tokens, gradients: layerUnderTest.gradients.floats)
        layerUnderTest.expectGradients([]) {
            layer.forward(tokens, into: y.value, parameters: layerUnderTest.parameters.floats)
            return y.weightedSum
        }
    }

    @Test("TiedHead and loss, over several tiles of tokens", arguments: [(1, 1, 2), (9, 6, 7), (10, 5, 40)])
    func head(rows: Int, width: Int, vocabulary: Int) {
        var numbers = Numbers("head")
        var layout = ParameterLayout()
        var scratchLayout = ArenaLayout()
        let layer = TiedHead(
            tokens: layout.matrix("wte", rows: vocabulary, columns: width), kernels: kernels)
        let logits = scratchLayout.reserve(rows: 4, columns: vocabulary)
        let scratch = Arena(count: scratchLayout.count)
        let layerUnderTest = LayerUnderTest(layout, &numbers)
        let targets = numbers.tokens(rows, vocabulary: vocabulary)
        let counted = (0..<rows).map { UInt8($0 % 5 == 4 ? 0 : 1) }
        let clock = LapClock()
        let x = Variable(rows, width, &numbers)
        var trained = Array(repeating: 0.0, count: rows)
        var losses = trained
        layer.lossesAndGradient(
            x.value, targets: targets, counted: counted, into: &trained, dx: x.gradient, logits: logits,
            parameters: layerUnderTest.parameters.floats, gradients: layerUnderTest.gradients.floats,
            scratch: scratch.floats, clock: clock)
        layerUnderTest.expectGradients([x]) {
            layer.losses(
                x.value, targets: targets, counted: counted, into: &losses, logits: logits,
                parameters: layerUnderTest.parameters.floats, scratch: scratch.floats, clock: clock)
            return losses.sum
        }
        layer.losses(
            x.value, targets: targets, counted: counted, into: &losses, logits: logits,
            parameters: layerUnderTest.parameters.floats, scratch: scratch.floats, clock: clock)
        #expect(losses == trained, "training and evaluation see the same losses")
    }

    /// One query tile and more; two key tiles; odd widths; with dropout.
    @Test(
        "Attention, over tiles of queries and keys, with dropout and without",
        arguments: [(1, 1, 1, 1), (2, 3, 2, 5), (1, 2, 18, 70), (1, 1, 2, 600)], [0, 0.3])
    func attention(_ shape: (sequences: Int, heads: Int, headWidth: Int, context: Int), dropout: Double) {
        var numbers = Numbers("attention")
        var layout = ArenaLayout()
        let (rows, width) = (shape.sequences * shape.context, shape.heads * shape.headWidth)
        let layer = Attention(
            heads: shape.heads, headWidth: shape.headWidth, context: shape.context, kernels: kernels)
        let scratch = Attention.Scratch(context: shape.context, layout: &layout)
        let arena = Arena(count: layout.count)
        let dots = Arena(count: shape.context)
        let logSumExp = Arena(count: rows * shape.heads)
        let mask = Dropout("a", probability: dropout, seed: 1, context: shape.context, kernels: kernels)
            .mask(at: BatchPosition(step: 3, firstSequence: 8))
        let qkv = Variable(rows, 3 * width, &numbers)
        let y = Variable(rows, width, &numbers)
        func loss() -> Double {
            layer.forward(
                qkv.value, into: y.value, logSumExp: logSumExp.floats, scratch: scratch, arena: arena.floats,
                mask: mask)
            return y.weightedSum
        }
        _ = loss()
        layer.backward(
            y.gradient, output: y.value, qkv: qkv.value, logSumExp: logSumExp.floats, into: qkv.gradient,
            dots: dots.floats, scratch: scratch, arena: arena.floats, mask: mask)
        LayerUnderTest(ParameterLayout(), &numbers).expectGradients([qkv], loss: loss)
    }
}

/// A matrix that a layer reads or writes, and its gradient, which starts with seeded numbers.
final class Variable {
    private let values, gradients: Arena
    let value, gradient: Matrix

    init(_ rows: Int, _ columns: Int, _ numbers: inout Numbers) {
        values = numbers.arena(rows * columns)
        gradients = numbers.arena(rows * columns)
        value = Matrix(values.floats, rows: rows, columns: columns)
        gradient = Matrix(gradients.floats, rows: rows, columns: columns)
    }

    /// Σ gradient · value: for an output, a loss with this gradient.
    var weightedSum: Double { dot(gradient.floats.array) }

    func dot(_ weights: [Float]) -> Double {
        zip(weights, value.floats.array).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}

/// A layer's parameters, seeded, and room for their gradients.
struct LayerUnderTest {
    private let layout: ParameterLayout
    let parameters, gradients: Arena

    init(_ layout: ParameterLayout, _ numbers: inout Numbers) {
        self.layout = layout
        parameters = numbers.arena(max(1, layout.arenaCount))
        gradients = Arena(count: max(1, layout.arenaCount))
    }

    /// All gradients, of inputs and of parameters, are those of `loss`.
    func expectGradients(
        _ inputs: [Variable], sourceLocation: SourceLocation = #_sourceLocation, loss: () -> Double
    ) {
        var errors = inputs.enumerated().map { index, input in
            let error = CentralDifference.error(
                of: input.gradient.floats, in: input.value.floats, loss: loss)
            return ("input \(index)", error)
        }
        for tensor in layout.tensors {
            let range = tensor.region.range
            errors.append(
                (
                    tensor.name,
                    CentralDifference.error(
                        of: gradients.floats[range], in: parameters.floats[range], loss: loss)
                ))
        }
        for (name, error) in errors {
            #expect(
                error <= CentralDifference.tolerance, "\(name): off by \(error) of its norm",
                sourceLocation: sourceLocation)
        }
    }
}
