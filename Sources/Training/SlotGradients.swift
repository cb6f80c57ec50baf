import Communication
import Corpus
import Experiment
import Tensors
import Transformer

/// What a rank reports of one slot of a step.
struct SlotReport: BitwiseCopyable {
    /// Sum of the losses of its counted tokens, in nats.
    var loss = 0.0
    var counted = 0
    /// SHA-256 of its windows.
    var digest: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    /// The rank wants to stop after this step.
    var stops = false
}

/// Gradients of this rank's slots, added depth first along the fixed tree: one arena per partial, and as many more as
/// the deepest one needs at a time.
final class SlotGradients {
    private let model: GPT2
    private let work: Workspace
    private var batch: Batch
    private let partials: [SlotRange]
    private let arenas: [Arena]
    /// Reports of the slots of the last step, in order.
    private(set) var reports: [SlotReport]
    /// Seconds of the last step spent on reading and hashing its batch.
    private(set) var dataSeconds = 0.0

    init(model: GPT2, work: Workspace, sequencesPerSlot: Int, partials: [SlotRange]) {
        self.model = model
        self.work = work
        self.partials = partials
        batch = Batch(capacity: sequencesPerSlot, context: model.shape.context)
        arenas = (0..<Self.arenas(for: partials)).map { _ in Arena(count: model.layout.arenaCount) }
        reports = []
    }

    /// Gradient arenas that these partials need.
    static func arenas(for partials: [SlotRange]) -> Int {
        partials.enumerated().map { $0 + SlotTree.depth(leaves: $1.count) }.max() ?? 0
    }

    /// Runs forward and backward of all own slots.
    /// - Returns: the sum of each partial, in their order.
    func run(step: Int, data: inout TrainingData, parameters: Floats) -> [Arena] {
        reports.removeAll(keepingCapacity: true)
        dataSeconds = 0
        for (index, partial) in partials.enumerated() {
            sum(partial, into: index, step: step, data: &data, parameters: parameters)
        }
        return Array(arenas[0..<partials.count])
    }

    private func sum(_ node: SlotRange, into index: Int, step: Int, data: inout TrainingData, parameters: Floats) {
        guard node.count > 1 else {
            return slot(node.low, into: arenas[index], step: step, data: &data, parameters: parameters)
        }
        sum(node.left, into: index, step: step, data: &data, parameters: parameters)
        sum(node.right, into: index + 1, step: step, data: &data, parameters: parameters)
        model.kernels.add(arenas[index + 1].floats, to: arenas[index].floats)
    }

    private func slot(_ slot: Int, into gradients: Arena, step: Int, data: inout TrainingData, parameters: Floats) {
        let begun = Stopwatch()
        data.fill(step: step, slot: slot, into: &batch)
        let digest = data.batchDigest(step: step, slot: slot)
        dataSeconds += begun.seconds
        model.lossesAndGradient(
            tokens: batch.tokens, targets: batch.targets, counted: batch.counted, sequences: batch.sequences,
            position: BatchPosition(step: step, firstSequence: slot * batch.capacity), parameters: parameters,
            gradients: gradients.floats, work: work)
        var report = SlotReport(digest: words(digest))
        for row in 0..<batch.filledTokens {
            report.loss += work.losses[row]
            report.counted += Int(batch.counted[row])
        }
        reports.append(report)
    }
}

/// The 32 bytes of a SHA-256 as four words, and back.
func words(_ digest: [UInt8]) -> (UInt64, UInt64, UInt64, UInt64) {
    func word(_ at: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(digest[at + $1]) << (8 * UInt64($1)) } }
    return (word(0), word(8), word(16), word(24))
}

func bytes(_ words: (UInt64, UInt64, UInt64, UInt64)) -> [UInt8] {
    [words.0, words.1, words.2, words.3].flatMap { word in
        (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
    }
}
