import Experiment
import Tensors

/// Which training sequences a forward and its backward are about: what dropout's masks depend on.
public struct BatchPosition: Sendable, Equatable {
    /// Steps count from 0 here, as in the order of data.
    public let step: Int
    /// Of the slot, in its global batch.
    public let firstSequence: Int

    public init(step: Int, firstSequence: Int) {
        self.step = step
        self.firstSequence = firstSequence
    }
}

/// One place where activations are dropped (Srivastava et al. 2014), by counter-based masks: whether an element stays
/// depends on (seed, place, step, position of the sequence in its global batch, element), never on who computes it.
package struct Dropout: Sendable {
    private let key: SIMD2<UInt32>
    private let probability: Float
    private let context: Int
    private let kernels: Kernels

    package init(_ name: String, probability: Double, seed: UInt64, context: Int, kernels: Kernels) {
        key = RandomStream(seed: seed, purpose: "dropout", name: name).generator.key
        self.probability = Float(probability)
        self.context = context
        self.kernels = kernels
    }

    /// The mask of a slot; nil where nothing is dropped: outside of training, or at probability 0.
    package func mask(at position: BatchPosition?) -> Mask? {
        guard let position, probability > 0 else { return nil }
        return Mask(dropout: self, position: position)
    }

    /// The same factors (0 or 1 / (1 - p)) in forward and backward.
    package struct Mask {
        fileprivate let dropout: Dropout
        fileprivate let position: BatchPosition

        /// Multiplies rows of whole sequences.                              x: [sequences · context, columns]
        func apply(to x: Matrix) {
            let context = dropout.context
            for sequence in 0..<(x.rows / context) {
                multiply(x.rows((sequence * context)..<((sequence + 1) * context)).floats, from: 0, sequence)
            }
        }

        /// Multiplies a tile of one head's probabilities [context, context].
        func apply(to tile: Matrix, sequence: Int, head: Int, rows: Range<Int>, firstColumn: Int) {
            for row in 0..<tile.rows {
                let first = (head * dropout.context + rows.lowerBound + row) * dropout.context + firstColumn
                multiply(tile.row(row), from: first, sequence)
            }
        }

        private func multiply(_ x: Floats, from first: Int, _ sequence: Int) {
            let place = SIMD2(
                UInt32(truncatingIfNeeded: position.step),
                UInt32(truncatingIfNeeded: position.firstSequence + sequence))
            dropout.kernels.dropout(
                x, from: first, key: dropout.key, counter: place, probability: dropout.probability)
        }
    }
}
