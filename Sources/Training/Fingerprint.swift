import Crypto
import Experiment
import Foundation
import Tensors
import Transformer

/// A hash of what this machine's arithmetic gives: fixed matrix products, and one step of a small model through every
/// kernel. Two hosts that agree on it train with the same bits.
public enum Fingerprint {
    /// SHA-256, 32 bytes. Takes some milliseconds.
    public static func compute(kernels: Kernels) -> [UInt8] {
        var hash = SHA256()
        for (index, shape) in productShapes.enumerated() {
            let (m, k, n) = shape
            let a = random(m * k, "a\(index)")
            let b = random(k * n, "b\(index)")
            let c = Arena(count: m * n)
            defer { withExtendedLifetime((a, b, c)) {} }
            let product = Matrix(c.floats, rows: m, columns: n)
            let left = Matrix(a.floats, rows: m, columns: k)
            multiply(left, Matrix(b.floats, rows: k, columns: n), into: product)
            update(&hash, c.floats)
            multiply(left, Matrix(b.floats, rows: n, columns: k).transposed, into: product, adding: true)
            update(&hash, c.floats)
            multiply(
                Matrix(a.floats, rows: k, columns: m).transposed, Matrix(b.floats, rows: k, columns: n), into: product,
                scale: 0.125)
            update(&hash, c.floats)
        }
        updateWithModel(&hash, kernels)
        return Array(hash.finalize())
    }

    /// Small, odd and large enough for every path of a BLAS.
    private static let productShapes = [(1, 7, 5), (33, 65, 17), (64, 64, 64), (200, 300, 250), (384, 128, 512)]

    private static func random(_ count: Int, _ name: String) -> Arena {
        let arena = Arena(count: count)
        let stream = RandomStream(seed: 0, purpose: "fingerprint", name: name)
        for index in 0..<count { arena.floats[index] = Float(stream.uniform(UInt64(index)) - 0.5) }
        return arena
    }

    /// Losses and gradient of two sequences, and an update.
    private static func updateWithModel(_ hash: inout SHA256, _ kernels: Kernels) {
        let shape = ModelShape(layers: 2, width: 36, heads: 2, context: 70, vocabulary: 131)
        let model = GPT2(shape: shape, dropout: 0.1, seed: 0, kernels: kernels)
        let work = Workspace(shape: shape, sequences: 2)
        let count = model.layout.arenaCount
        let parameters = Arena(count: count)
        let gradients = Arena(count: count)
        let first = Arena(count: count)
        let second = Arena(count: count)
        defer { withExtendedLifetime((parameters, gradients, first, second)) {} }
        model.initialize(parameters.floats, range: 0..<count, seed: 0)
        let stream = RandomStream(seed: 0, purpose: "fingerprint", name: "tokens")
        let tokens = (0..<(2 * shape.context + 1)).map { Int32(stream.bits(UInt64($0)) % UInt64(shape.vocabulary)) }
        model.lossesAndGradient(
            tokens: Array(tokens.dropLast()), targets: Array(tokens.dropFirst()),
            counted: Array(repeating: 1, count: 2 * shape.context), sequences: 2,
            position: BatchPosition(step: 0, firstSequence: 0), parameters: parameters.floats,
            gradients: gradients.floats, work: work)
        kernels.adamw(
            parameters.floats, gradients: gradients.floats, firstMoment: first.floats, secondMoment: second.floats,
            settings: AdamWSettings(
                learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, gradientScale: 0.01,
                biasCorrection1: 0.1, rootBiasCorrection2: 0.22))
        update(&hash, gradients.floats)
        update(&hash, parameters.floats)
        hash.update(
            data: work.losses.flatMap { loss in (0..<8).map { UInt8(truncatingIfNeeded: loss.bitPattern >> (8 * $0)) } }
        )
        hash.update(data: [UInt8](String(kernels.sumOfSquares(gradients.floats)).utf8))
    }

    private static func update(_ hash: inout SHA256, _ floats: Floats) {
        hash.update(
            data: floats.array.flatMap { value in
                (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
            })
    }
}

/// The machine's measured matrix-product rate.
public enum MatrixProductRate {
    /// GFLOP/s of one thread: the best of 5 products of 1024 x 1024 x 1024, after one to warm up (DESIGN §6, Bench).
    public static func measure() -> Double {
        let size = 1_024
        let arenas = (0..<3).map { _ in Arena(count: size * size) }
        defer { withExtendedLifetime(arenas) {} }
        for arena in arenas { arena.floats.fill(0.5) }
        let matrices = arenas.map { Matrix($0.floats, rows: size, columns: size) }
        multiply(matrices[0], matrices[1], into: matrices[2])
        let seconds = (0..<5).map { _ in
            let begun = Stopwatch()
            multiply(matrices[0], matrices[1], into: matrices[2])
            return begun.seconds
        }
        return 2 * Double(size * size * size) / (seconds.min() ?? .infinity) / 1e9
    }
}
