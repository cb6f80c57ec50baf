import Tensors

// MARK: - Embedding, norm, GELU

extension KernelCase {
    private static let vocabulary = 5
    private static let context = 3

    @Sendable static func embed(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let tokens = inputs.integers(rows, below: vocabulary)
        let table = inputs.normals(vocabulary * columns)
        let positions = inputs.normals(context * columns)
        let y = inputs.constant(7, rows * columns)
        kernels.embed(
            tokens, tokenTable: Matrix(table, rows: vocabulary, columns: columns),
            positionTable: Matrix(positions, rows: context, columns: columns),
            into: Matrix(y, rows: rows, columns: columns))
        let expected = (0..<rows * columns).map { index in
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            return Expected(
                Double(table[Int(tokens[row]) * columns + column])
                    + Double(positions[row % context * columns + column]))
        }
        return [Outcome(y, expected)]
    }

    @Sendable static func embedBackward(
        _ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs
    ) -> [Outcome] {
        let tokens = inputs.integers(rows, below: vocabulary)
        let dy = inputs.normals(rows * columns)
        let table = inputs.normals(vocabulary * columns)
        let positions = inputs.constant(7, context * columns)
        let before = table.array
        kernels.embedBackward(
            Matrix(dy, rows: rows, columns: columns), tokens,
            tokenTable: Matrix(table, rows: vocabulary, columns: columns),
            positionTable: Matrix(positions, rows: context, columns: columns))
        func sums(_ start: [Double], _ isAdded: (_ row: Int, _ place: Int) -> Bool) -> [Expected] {
            start.indices.map { index in
                let (place, column) = index.quotientAndRemainder(dividingBy: columns)
                let rows = (0..<rows).filter { isAdded($0, place) }
                return PlainTwins.sum([start[index]] + rows.map { Double(dy[$0 * columns + column]) })
            }
        }
        return [
            Outcome(table, sums(before.map(Double.init)) { Int(tokens[$0]) == $1 }),
            Outcome(positions, sums(Array(repeating: 0, count: context * columns)) { $0 % context == $1 }),
        ]
    }

    @Sendable static func normalize(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let x = inputs.normals(rows * columns)
        let weight = inputs.normals(columns)
        let bias = inputs.normals(columns)
        let y = inputs.constant(7, rows * columns)
        let mean = inputs.constant(7, rows)
        let inverse = inputs.constant(7, rows)
        kernels.normalize(
            Matrix(x, rows: rows, columns: columns), weight: weight, bias: bias,
            into: Matrix(y, rows: rows, columns: columns), mean: mean, inverse: inverse)
        let expected = (0..<rows).map {
            PlainTwins.norm(x.row($0, columns), weight: weight.array, bias: bias.array)
        }
        return [
            Outcome(y, expected.flatMap(\.y)), Outcome(mean, expected.map(\.mean)),
            Outcome(inverse, expected.map(\.inverse)),
        ]
    }

    @Sendable static func normalizeBackward(
        _ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs
    ) -> [Outcome] {
        let x = inputs.normals(rows * columns)
        let dy = inputs.normals(rows * columns)
        let dx = inputs.normals(rows * columns)
        let weight = inputs.normals(columns)
        let unit = Array(repeating: Float(1), count: columns)
        let kept = (0..<rows).map { PlainTwins.norm(x.row($0, columns), weight: unit, bias: unit) }
        let mean = inputs.place(kept.map { Float($0.mean.value) })
        let inverse = inputs.place(kept.map { Float($0.inverse.value) })
        let expected = (0..<rows).map {
            PlainTwins.normBackward(
                dx: dx.row($0, columns), dy: dy.row($0, columns), x: x.row($0, columns), weight: weight.array,
                mean: Double(mean[$0]), inverse: Double(inverse[$0]))
        }
        let dWeight = inputs.constant(7, columns)
        let dBias = inputs.constant(7, columns)
        kernels.normalizeBackward(
            Matrix(dy, rows: rows, columns: columns), input: Matrix(x, rows: rows, columns: columns), weight: weight,
            mean: mean, inverse: inverse, addingTo: Matrix(dx, rows: rows, columns: columns),
            weightGradient: dWeight, biasGradient: dBias)
        return [
            Outcome(dx, expected.flatMap(\.dx)), Outcome(dWeight, columnSums(expected.map(\.weight))),
            Outcome(dBias, columnSums(expected.map(\.bias))),
        ]
    }

    @Sendable static func gelu(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let x = inputs.normals(rows * columns)
        let y = inputs.constant(7, rows * columns)
        kernels.gelu(Matrix(x, rows: rows, columns: columns), into: Matrix(y, rows: rows, columns: columns))
        return [Outcome(y, x.array.map { PlainTwins.gelu($0).y })]
    }

    @Sendable static func geluBackward(
        _ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs
    ) -> [Outcome] {
        let x = inputs.normals(rows * columns)
        let dy = inputs.normals(rows * columns)
        let twins = x.array.map(PlainTwins.gelu)
        let gradients = zip(twins, dy.array).map { twin, d in
            Expected(twin.slope.value * Double(d), magnitude: twin.slope.magnitude * abs(Double(d)))
        }
        let dBias = inputs.constant(7, columns)
        kernels.geluBackward(
            Matrix(x, rows: rows, columns: columns), Matrix(dy, rows: rows, columns: columns), biasGradient: dBias)
        let rowsOfGradients = (0..<rows).map { Array(gradients[$0 * columns..<($0 + 1) * columns]) }
        return [Outcome(x, twins.map(\.y)), Outcome(dy, gradients), Outcome(dBias, columnSums(rowsOfGradients))]
    }

    private static func columnSums(_ rows: [[Expected]]) -> [Expected] {
        rows[0].indices.map { column in
            rows.reduce(Expected(0)) {
                Expected($0.value + $1[column].value, magnitude: $0.magnitude + $1[column].magnitude)
            }
        }
    }
}

// MARK: - Loss

extension KernelCase {
    @Sendable static func crossEntropy(
        _ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs
    ) -> [Outcome] {
        let logits = inputs.normals(rows * columns)
        let targets = inputs.integers(rows, below: columns)
        let counted = inputs.integers(rows, below: 4).map { UInt8($0 == 0 ? 0 : 1) }
        var losses = Array(repeating: 7.0, count: rows)
        kernels.crossEntropy(
            Matrix(logits, rows: rows, columns: columns), targets: targets, counted: counted, row: 0, into: &losses)
        let expected = (0..<rows).map { row in
            counted[row] == 0
                ? Expected(0) : PlainTwins.crossEntropy(logits.row(row, columns), target: Int(targets[row])).loss
        }
        return [Outcome(losses, expected)]
    }

    @Sendable static func crossEntropyBackward(
        _ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs
    ) -> [Outcome] {
        let logits = inputs.normals(rows * columns)
        let targets = inputs.integers(rows, below: columns)
        let counted = inputs.integers(rows, below: 4).map { UInt8($0 == 0 ? 0 : 1) }
        let expected = (0..<rows).map { row in
            counted[row] == 0
                ? (loss: Expected(0), gradient: Array(repeating: Expected(0), count: columns))
                : PlainTwins.crossEntropy(logits.row(row, columns), target: Int(targets[row]))
        }
        var losses = Array(repeating: 7.0, count: rows)
        kernels.crossEntropyBackward(
            Matrix(logits, rows: rows, columns: columns), targets: targets, counted: counted, row: 0, into: &losses)
        return [Outcome(losses, expected.map(\.loss)), Outcome(logits, expected.flatMap(\.gradient))]
    }
}

extension Floats {
    /// Row `index` of dense rows.
    func row(_ index: Int, _ columns: Int) -> [Float] { self[index * columns..<(index + 1) * columns].array }
}
