import Tensors
import Testing

/// One kernel on seeded inputs, beside its plain twin.
struct KernelCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// Roundings that the kernel may be off, per magnitude of the twin, apart from those of its sums.
    let roundings: Double
    /// What is added up one by one, for the roundings of sums.
    let terms: @Sendable (_ rows: Int, _ columns: Int) -> Int
    let run: @Sendable (_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome]

    var testDescription: String { name }

    func tolerance(_ rows: Int, _ columns: Int) -> Double { roundings + Double(terms(rows, columns)) }

    /// Sums run in 16 lanes, which are then added up in a tree of 4 levels.
    @Sendable static func lanes(_ rows: Int, _ columns: Int) -> Int { columns / 16 + 5 }
    @Sendable static func rows(_ rows: Int, _ columns: Int) -> Int { rows }
    @Sendable static func nothing(_ rows: Int, _ columns: Int) -> Int { 0 }

    /// One addition or multiplication rounds once.
    static let oneRounding = 1.0
    /// e^x: 2 ulp of its polynomial, and a rounding each of its argument, its sum and what is done with it.
    static let exponential = 8.0
    /// A few operations one after another, none of which amplifies an error.
    static let fewOperations = 8.0
    /// Sums in double have roundings of 2^-53: over at most 2^9 terms in one lane, 2^-44 = 2^-20 roundings of a float.
    static let doublePrecision = 0x1p-20

    static let all: [KernelCase] = [
        .init(name: "add", roundings: oneRounding, terms: nothing, run: add),
        .init(name: "sum", roundings: oneRounding, terms: nothing, run: sum),
        .init(name: "sum of squares", roundings: doublePrecision, terms: nothing, run: sumOfSquares),
        .init(name: "rows of bias", roundings: 0, terms: nothing, run: fillRows),
        .init(name: "add to rows", roundings: oneRounding, terms: nothing, run: addToRows),
        .init(name: "column sums", roundings: 0, terms: rows, run: columnSums),
        .init(name: "embedding", roundings: oneRounding, terms: nothing, run: embed),
        .init(name: "embedding backward", roundings: oneRounding, terms: rows, run: embedBackward),
        .init(name: "norm", roundings: fewOperations, terms: lanes, run: normalize),
        .init(
            name: "norm backward", roundings: fewOperations, terms: { lanes($0, $1) + $0 }, run: normalizeBackward),
        .init(name: "GELU", roundings: exponential, terms: nothing, run: gelu),
        .init(name: "GELU backward", roundings: exponential + fewOperations, terms: rows, run: geluBackward),
        .init(name: "attention tile", roundings: exponential, terms: lanes, run: attend),
        .init(name: "end of attention", roundings: fewOperations, terms: nothing, run: finishAttention),
        .init(name: "scale rows", roundings: oneRounding, terms: nothing, run: scaleRows),
        .init(name: "row dots", roundings: oneRounding, terms: lanes, run: rowDots),
        .init(name: "attention backward tile", roundings: exponential, terms: nothing, run: attendBackward),
        .init(name: "cross-entropy", roundings: exponential, terms: lanes, run: crossEntropy),
        .init(name: "cross-entropy backward", roundings: exponential, terms: lanes, run: crossEntropyBackward),
        .init(name: "AdamW", roundings: fewOperations, terms: nothing, run: adamw),
        .init(name: "dropout", roundings: oneRounding, terms: nothing, run: dropout),
    ]
}

// MARK: - Elementwise

extension KernelCase {
    @Sendable static func add(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let x = inputs.normals(rows * columns)
        let y = inputs.normals(rows * columns)
        let expected = zip(x.array, y.array).map { Expected(Double($0) + Double($1)) }
        kernels.add(x, to: y)
        return [Outcome(y, expected)]
    }

    @Sendable static func sum(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let a = inputs.normals(rows * columns)
        let b = inputs.normals(rows * columns)
        let y = inputs.constant(7, rows * columns)
        kernels.sum(a, b, into: y)
        return [Outcome(y, zip(a.array, b.array).map { Expected(Double($0) + Double($1)) })]
    }

    @Sendable static func sumOfSquares(
        _ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs
    ) -> [Outcome] {
        let x = inputs.normals(rows * columns)
        return [Outcome([kernels.sumOfSquares(x)], [PlainTwins.sumOfSquares(x.array)])]
    }

    @Sendable static func fillRows(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let bias = inputs.normals(columns)
        let y = inputs.constant(7, rows * columns)
        kernels.fillRows(of: Matrix(y, rows: rows, columns: columns), with: bias)
        return [Outcome(y, (0..<rows * columns).map { Expected(Double(bias[$0 % columns])) })]
    }

    @Sendable static func addToRows(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let x = inputs.normals(rows * columns)
        let bias = inputs.normals(columns)
        let y = inputs.constant(7, rows * columns)
        let expected = (0..<rows * columns).map { Expected(Double(x[$0]) + Double(bias[$0 % columns])) }
        let matrix = Matrix(x, rows: rows, columns: columns)
        kernels.add(matrix, bias: bias, into: Matrix(y, rows: rows, columns: columns))
        kernels.add(matrix, bias: bias, into: matrix)
        return [Outcome(y, expected), Outcome(x, expected)]
    }

    @Sendable static func columnSums(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let x = inputs.normals(rows * columns)
        let sums = inputs.constant(7, columns)
        kernels.columnSums(of: Matrix(x, rows: rows, columns: columns), into: sums)
        return [Outcome(sums, PlainTwins.columnSums(x.array, columns: columns))]
    }

    @Sendable static func adamw(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let count = rows * columns
        let parameters = inputs.normals(count)
        let gradients = inputs.normals(count)
        let first = inputs.normals(count)
        let second = inputs.positives(count)
        let settings = AdamWSettings(
            learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, gradientScale: 0.37,
            biasCorrection1: 0.271, rootBiasCorrection2: 0.378)
        let expected = (0..<count).map {
            PlainTwins.adamw(
                parameter: parameters[$0], gradient: gradients[$0], first: first[$0], second: second[$0], settings)
        }
        kernels.adamw(parameters, gradients: gradients, firstMoment: first, secondMoment: second, settings: settings)
        return [
            Outcome(parameters, expected.map(\.parameter)), Outcome(first, expected.map(\.first)),
            Outcome(second, expected.map(\.second)),
        ]
    }

    @Sendable static func dropout(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let x = inputs.normals(rows * columns)
        let before = x.array
        let key = SIMD2<UInt32>(0x1234_5678, 0x9ABC_DEF0)
        let counter = SIMD2<UInt32>(3, 4_000_000_000)
        let first = 4 * (1 << 32) - 5  // the block's number passes 32 bits
        kernels.dropout(x, from: first, key: key, counter: counter, probability: 0.3)
        let factor = 1 / (1 - Float(0.3))
        let expected = before.indices.map { index in
            let isDropped = PlainTwins.isDropped(first + index, key: key, counter: counter, probability: 0.3)
            return Expected(isDropped ? 0 : Double(before[index]) * Double(factor))
        }
        return [Outcome(x, expected)]
    }
}
