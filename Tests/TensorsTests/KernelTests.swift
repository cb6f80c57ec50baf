import Tensors
import Testing

/// Every kernel of every set against its plain twin (seed: `Numbers.seed`).
@Suite("Kernels")
struct KernelTests {
    /// One lane, full vectors, one more and one less, and rows that are many.
    static let sizes = [
        (1, 1), (1, 2), (3, 3), (2, 15), (5, 16), (3, 17), (7, 31), (1, 32), (4, 33), (33, 5), (2, 127), (3, 257),
        (1, 1_000),
    ]
    /// Usual values; scores that overflow without their maximum; gradients whose squares float32 does not hold.
    static let scales: [Float] = [1, 1e6, 1e-25]

    @Test("every kernel agrees with its plain twin", arguments: KernelSet.supported, KernelCase.all)
    func agreesWithTwin(set: KernelSet, kernel: KernelCase) {
        for (start, (rows, columns)) in Self.sizes.enumerated() {
            for scale in Self.scales {
                let inputs = Inputs(start: 997 * start, scale: scale, offset: start % 16)
                let tolerance = kernel.tolerance(rows, columns)
                let errors = kernel.run(Kernels(set), rows, columns, inputs).map(\.worstError)
                #expect(
                    errors.allSatisfy { $0 <= tolerance },
                    "\(rows) x \(columns), scale \(scale): \(errors) roundings, allowed \(tolerance)")
                #expect(inputs.areIntact, "\(rows) x \(columns): written beside an array")
            }
        }
    }

    @Test("kernel sets agree within rounding", arguments: KernelSet.supported.dropLast(), KernelCase.all)
    func setsAgree(set: KernelSet, kernel: KernelCase) {
        for (rows, columns) in [(3, 33), (2, 257)] {
            let ours = kernel.run(Kernels(set), rows, columns, Inputs(start: columns))
            let strongest = kernel.run(Kernels(.strongest), rows, columns, Inputs(start: columns))
            // Both are that far from the truth at most.
            let tolerance = 2 * kernel.tolerance(rows, columns)
            for (a, b) in zip(ours, strongest) {
                let expected = zip(b.actual, b.expected).map { Expected($0, magnitude: $1.magnitude) }
                #expect(Outcome(a.actual, expected).worstError <= tolerance)
            }
        }
    }

    @Test("a call has equal bits at every address", arguments: KernelSet.supported, KernelCase.all)
    func bitsDoNotDependOnAddress(set: KernelSet, kernel: KernelCase) {
        for (rows, columns) in [(1, 1), (5, 19), (2, 100)] {
            let aligned = kernel.run(Kernels(set), rows, columns, Inputs(start: columns)).map(\.actual)
            for offset in [1, 2, 7, 15] {
                let moved = kernel.run(Kernels(set), rows, columns, Inputs(start: columns, offset: offset))
                #expect(moved.map(\.actual) == aligned, "\(rows) x \(columns), \(offset) floats behind alignment")
            }
        }
    }

    @Test("elementwise kernels give equal bits however the array is cut", arguments: KernelSet.supported)
    func bitsDoNotDependOnCuts(set: KernelSet) {
        let kernels = Kernels(set)
        for cuts in [[0, 1, 200], [0, 15, 31, 200], [0, 16, 33, 50, 117, 200], [0, 199, 200]] {
            for operation in Elementwise.all {
                let whole = operation.run(kernels, cuts: [0, 200])
                #expect(operation.run(kernels, cuts: cuts) == whole, "\(operation.name) at \(cuts)")
            }
        }
    }
}

/// A kernel that treats every element by itself, on pieces of an array of 200.
private struct Elementwise: Sendable {
    let name: String
    /// x: in and out   others: read   first: index of the piece's first element
    let apply: @Sendable (_ kernels: Kernels, _ x: Floats, _ others: [Floats], _ first: Int) -> Void

    func run(_ kernels: Kernels, cuts: [Int]) -> [[Float]] {
        let inputs = Inputs()
        let x = inputs.normals(200)
        let others = [inputs.positives(200), inputs.positives(200), inputs.positives(200)]
        for (low, high) in zip(cuts, cuts.dropFirst()) {
            apply(kernels, x[low..<high], others.map { $0[low..<high] }, low)
        }
        return ([x] + others).map(\.array)
    }

    private static func row(_ x: Floats) -> Matrix { Matrix(x, rows: 1, columns: x.count) }

    static let all = [
        Elementwise(name: "add") { kernels, x, others, _ in kernels.add(others[0], to: x) },
        Elementwise(name: "sum") { kernels, x, others, _ in kernels.sum(others[0], others[1], into: x) },
        Elementwise(name: "GELU") { kernels, x, others, _ in kernels.gelu(row(others[0]), into: row(x)) },
        Elementwise(name: "GELU backward") { kernels, x, others, _ in
            kernels.geluBackward(row(x), row(others[0]), biasGradient: others[1])
        },
        Elementwise(name: "scale rows") { kernels, x, others, _ in
            let factor = Inputs()
            kernels.scaleRows(row(x), by: factor.constant(0.3, 1))
        },
        Elementwise(name: "add to rows") { kernels, x, others, _ in
            kernels.add(row(x), bias: others[0], into: row(x))
        },
        Elementwise(name: "dropout") { kernels, x, _, first in
            kernels.dropout(x, from: first, key: SIMD2(1, 2), counter: SIMD2(3, 4), probability: 0.5)
        },
        Elementwise(name: "AdamW") { kernels, x, others, _ in
            let settings = AdamWSettings(
                learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, gradientScale: 0.5,
                biasCorrection1: 0.1, rootBiasCorrection2: 0.03)
            kernels.adamw(x, gradients: others[0], firstMoment: others[1], secondMoment: others[2], settings: settings)
        },
    ]
}
