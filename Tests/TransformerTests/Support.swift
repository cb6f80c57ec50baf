import Experiment
import Tensors
import Transformer

/// Seeded normal numbers, one after another.
struct Numbers {
    static let seed: UInt64 = 77
    private let stream: RandomStream
    private var index: UInt64 = 0

    init(_ name: String) { stream = RandomStream(seed: Self.seed, purpose: "tests", name: name) }

    mutating func normal() -> Float {
        index += 1
        return Float(stream.normal(index))
    }

    mutating func arena(_ count: Int, deviation: Float = 1, mean: Float = 0) -> Arena {
        let arena = Arena(count: count)
        for i in 0..<count { arena.floats[i] = mean + deviation * normal() }
        return arena
    }

    mutating func tokens(_ count: Int, vocabulary: Int) -> [Int32] {
        (0..<count).map { _ in Int32(abs(normal()) * 10_000) % Int32(vocabulary) }
    }
}

/// Central differences of a float32 forward, whose loss is summed in Double.
enum CentralDifference {
    /// The length of the shorter of two steps in the space of the variables. The rounding of a loss, about 1e-7 of its
    /// terms, is divided by it; what is left of truncation grows with its fourth power.
    static let step: Float = 0.01
    /// Relative to the gradient's norm: rounding of the order of 1e-3. A wrong factor or term is off by far more.
    static let tolerance = 1e-2
    /// Added to a gradient's norm: where the true gradient is 0, only rounding is compared.
    static let smallestNorm = 0.02

    /// How far a gradient is off along itself and along `directions` seeded directions, relative to its norm. Along a
    /// random direction of n variables only an n-th part of its square is seen: the root of n is multiplied back.
    static func error(
        of gradient: Floats, in variables: Floats, directions: Int = 2, loss: () -> Double
    ) -> Double {
        let count = variables.count
        let g = gradient.array.map(Double.init)
        let norm = g.reduce(0) { $0 + $1 * $1 }.squareRoot()
        var numbers = Numbers("directions of \(count)")
        var worst = 0.0
        for index in 0...directions {
            let direction = index == 0 ? gradient.array : (0..<count).map { _ in numbers.normal() }
            let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length > 1e-10 else { continue }
            func slopeError(_ step: Float) -> Double {
                difference(along: direction.map { $0 / length * step }, gradient: g, variables: variables, loss: loss)
                    / Double(2 * step)
            }
            // Richardson: the steps' errors of second order cancel.
            let error = (4 * slopeError(step) - slopeError(2 * step)) / 3
            let seen = index == 0 ? 1 : Double(count).squareRoot()
            worst = max(worst, abs(error) * seen / (norm + smallestNorm * seen))
        }
        return worst
    }

    /// What the loss changes by between both ends, less what the gradient says of exactly these ends.
    private static func difference(
        along direction: [Float], gradient: [Double], variables: Floats, loss: () -> Double
    ) -> Double {
        let start = variables.array
        func end(_ sign: Float) -> (value: Double, at: [Float]) {
            variables.copy(from: zip(start, direction).map { $0 + sign * $1 })
            return (loss(), variables.array)
        }
        let up = end(1)
        let down = end(-1)
        variables.copy(from: start)
        let predicted = gradient.indices.reduce(0.0) {
            $0 + gradient[$1] * (Double(up.at[$1]) - Double(down.at[$1]))
        }
        return up.value - down.value - predicted
    }
}

/// A small GPT-2 with seeded parameters that are far from their initial values, and one slot of seeded tokens.
final class SeededModel {
    let model: GPT2
    let sequences: Int
    let parameters: Arena
    let gradients: Arena
    let work: Workspace
    var tokens: [Int32]
    var targets: [Int32]
    var counted: [UInt8]
    let position = BatchPosition(step: 5, firstSequence: 40)

    init(
        _ shape: ModelShape, sequences: Int, dropout: Double = 0, maximumSequences: Int? = nil,
        recomputes: Bool = false,
        kernels: Kernels = Kernels(.strongest)
    ) {
        model = GPT2(shape: shape, dropout: dropout, seed: 9, kernels: kernels)
        self.sequences = sequences
        var numbers = Numbers("model")
        parameters = Arena(count: model.layout.arenaCount)
        for tensor in model.layout.tensors {
            let isNormWeight = tensor.shape.count == 1 && tensor.name.hasSuffix("weight")
            let values = numbers.arena(tensor.region.count, deviation: 0.25, mean: isNormWeight ? 1 : 0)
            parameters.floats[tensor.region.range].copy(from: values.floats)
        }
        gradients = Arena(count: model.layout.arenaCount)
        work = Workspace(shape: shape, sequences: maximumSequences ?? sequences, recomputes: recomputes)
        let count = sequences * shape.context
        tokens = numbers.tokens(count, vocabulary: shape.vocabulary)
        targets = numbers.tokens(count, vocabulary: shape.vocabulary)
        counted = Array(repeating: 1, count: count)
    }

    /// Losses of all tokens without dropout.
    func losses() -> [Double] {
        model.losses(
            tokens: tokens, targets: targets, counted: counted, sequences: sequences, parameters: parameters.floats,
            work: work)
        return Array(work.losses.prefix(tokens.count))
    }

    /// Losses of all tokens in training; `gradients` becomes the gradient of their sum.
    @discardableResult
    func trainingLosses() -> [Double] {
        model.lossesAndGradient(
            tokens: tokens, targets: targets, counted: counted, sequences: sequences, position: position,
            parameters: parameters.floats, gradients: gradients.floats, work: work)
        return Array(work.losses.prefix(tokens.count))
    }

    /// The gradient of every parameter; what lies between tensors is nobody's.
    var gradient: [Float] { model.layout.tensors.flatMap { gradients.floats[$0.region.range].array } }

    func logits(rows: Range<Int>) -> [Float] {
        model.logits(tokens: tokens, sequences: sequences, rows: rows, parameters: parameters.floats, work: work)
    }
}

extension [Double] {
    var sum: Double { reduce(0, +) }
}
