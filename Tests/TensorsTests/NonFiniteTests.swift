import Tensors
import Testing

/// A value that is not finite must reach the loss, the norm or the parameters: nothing may hide it.
@Suite("Values that are not finite")
struct NonFiniteTests {
    /// Places in full vectors, in the last part, and alone.
    private static let places = [(0, 1), (0, 16), (15, 16), (3, 17), (16, 17), (40, 50), (49, 50)]

    @Test("a NaN among the logits is a NaN in the loss, the others' losses stay", arguments: KernelSet.supported)
    func lossOfNaN(set: KernelSet) {
        for (place, columns) in Self.places {
            let inputs = Inputs()
            let logits = inputs.normals(3 * columns)
            logits[columns + place] = .nan
            let matrix = Matrix(logits, rows: 3, columns: columns)
            let targets: [Int32] = [0, 0, 0]
            var losses = [7.0, 7, 7]
            Kernels(set).crossEntropy(matrix, targets: targets, counted: [1, 1, 1], row: 0, into: &losses)
            #expect(losses.map(\.isNaN) == [false, true, false])
            Kernels(set).crossEntropyBackward(matrix, targets: targets, counted: [1, 1, 1], row: 0, into: &losses)
            #expect(losses.map(\.isNaN) == [false, true, false])
            #expect(matrix.row(1).array.allSatisfy { $0.isNaN } && matrix.row(0).array.allSatisfy { $0.isFinite })
        }
    }

    @Test("a row that is not counted has no loss and no gradient, whatever it holds", arguments: KernelSet.supported)
    func uncountedNaN(set: KernelSet) {
        let inputs = Inputs()
        let logits = Matrix(inputs.constant(.nan, 20), rows: 1, columns: 20)
        var losses = [7.0]
        Kernels(set).crossEntropy(logits, targets: [3], counted: [0], row: 0, into: &losses)
        #expect(losses == [0])
        Kernels(set).crossEntropyBackward(logits, targets: [3], counted: [0], row: 0, into: &losses)
        #expect(losses == [0] && logits.floats.array.allSatisfy { $0 == 0 })
    }

    @Test(
        "a logit of minus infinity has no probability; infinity gives a loss that is not finite",
        arguments: KernelSet.supported)
    func infiniteLogits(set: KernelSet) {
        let inputs = Inputs()
        let logits = Matrix(inputs.place([1, -.infinity, 1, 2, .infinity, 2]), rows: 2, columns: 3)
        var losses = [7.0, 7]
        Kernels(set).crossEntropyBackward(logits, targets: [0, 0], counted: [1, 1], row: 0, into: &losses)
        #expect(abs(losses[0] - 0.693_147_180_559_945_3) < 1e-6 && !losses[1].isFinite)
        #expect(logits.row(0)[1] < 1e-30 && abs(logits.row(0)[2] - 0.5) < 1e-6)
    }

    @Test("a NaN stays one in sums, norms, attention, GELU and AdamW", arguments: KernelSet.supported)
    func staysNaN(set: KernelSet) {
        let kernels = Kernels(set)
        for (place, columns) in Self.places {
            let inputs = Inputs()
            func poisoned() -> Matrix {
                let x = inputs.normals(columns)
                x[place] = .nan
                return Matrix(x, rows: 1, columns: columns)
            }
            func room(_ count: Int) -> Floats { inputs.constant(1, count) }
            #expect(kernels.sumOfSquares(poisoned().floats).isNaN)

            let sums = room(columns)
            kernels.columnSums(of: poisoned(), into: sums)
            #expect(sums[place].isNaN)

            let y = Matrix(room(columns), rows: 1, columns: columns)
            kernels.normalize(
                poisoned(), weight: room(columns), bias: room(columns), into: y, mean: room(1), inverse: room(1))
            #expect(y.floats.array.allSatisfy { $0.isNaN })

            kernels.gelu(poisoned(), into: y)
            #expect(y.floats[place].isNaN)
            let x = poisoned()
            let dy = Matrix(room(columns), rows: 1, columns: columns)
            kernels.geluBackward(x, dy, biasGradient: room(columns))
            #expect(x.floats[place].isNaN && dy.floats[place].isNaN)

            let total = room(1)
            kernels.attend(
                scores: poisoned(), maximum: room(1), total: total, correction: room(1), visible: columns)
            #expect(total[0].isNaN)

            let parameters = room(columns)
            let settings = AdamWSettings(
                learningRate: 0.1, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, gradientScale: 1,
                biasCorrection1: 0.1, rootBiasCorrection2: 0.2)
            kernels.adamw(
                parameters, gradients: poisoned().floats, firstMoment: room(columns), secondMoment: room(columns),
                settings: settings)
            #expect(parameters[place].isNaN)
        }
    }

    @Test("GELU and its slope end where they should for huge values", arguments: KernelSet.supported)
    func hugeGELU(set: KernelSet) {
        let inputs = Inputs()
        let values: [Float] = [-3e38, -1e20, -1e12, -200, 200, 1e12, 1e20, 3e38]
        let x = Matrix(inputs.place(values), rows: 1, columns: values.count)
        let dy = Matrix(inputs.constant(1, values.count), rows: 1, columns: values.count)
        Kernels(set).geluBackward(x, dy, biasGradient: inputs.constant(0, values.count))
        for (index, value) in values.enumerated() {
            let isPositive = value > 0
            // The gate of a negative value ends at e^-88 = 6e-39.
            #expect(abs(x.floats[index] - (isPositive ? value : 0)) <= abs(value) * 1e-38)
            #expect(abs(dy.floats[index] - (isPositive ? 1 : 0)) <= 1e-3)
        }
    }
}
