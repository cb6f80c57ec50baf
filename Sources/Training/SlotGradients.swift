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
    /// Squared norm of the gradient of `loss`: block sums of the slot's own gradient, in the order of the arena.
    var square = 0.0
    /// The rank wants to stop after this step.
    var stops = false
}

/// Gradients of this rank's slots, added depth first along the fixed tree: one arena per partial, which the reduction
/// owns, and as many more as the deepest one needs at a time.
final class SlotGradients<Link: Communicator> {
    private let model: GPT2
    private let work: Workspace
    private let reduction: TreeReduction<Link>
    private var batch: Batch
    /// What the depth of the tree needs beside the partials.
    private let more: [Arena]
    /// The partials, then the floats of `more`.
    private let arenas: [Floats]
    /// Reports of the slots of the last step, in order.
    private(set) var reports: [SlotReport]
    /// Of every block of the slot at hand: the sum of squares.
    private var squares: [Double]
    /// Blocks from this one on are in `squares`.
    private var measured = 0
    /// Where the time of the last step went.
    private(set) var seconds = StepSeconds()

    init(model: GPT2, work: Workspace, sequencesPerSlot: Int, reduction: TreeReduction<Link>) {
        self.model = model
        self.work = work
        self.reduction = reduction
        batch = Batch(capacity: sequencesPerSlot, context: model.shape.context)
        let partials = reduction.ownPartials
        more = (partials.count..<Self.arenas(for: partials)).map { _ in Arena(count: model.layout.arenaCount) }
        arenas = reduction.partials + more.map(\.floats)
        squares = Array(repeating: 0, count: model.layout.blocks)
        reports = []
        reports.reserveCapacity(partials.reduce(0) { $0 + $1.count })
    }

    /// Bytes of all its gradients, the partials included.
    var gradientBytes: Int { arenas.reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride } }

    /// Gradient arenas that these partials need.
    static func arenas(for partials: [SlotRange]) -> Int {
        partials.enumerated().map { $0 + SlotTree.depth(leaves: $1.count) }.max() ?? 0
    }

    /// Runs forward and backward of all own slots, into the reduction's partials.
    func run(step: Int, data: inout TrainingData, parameters: Floats) throws {
        reports.removeAll(keepingCapacity: true)
        seconds = StepSeconds()
        work.clock.reset()
        let partials = reduction.ownPartials
        for index in partials.indices.dropLast() {
            sum(partials[index], into: index, step: step, data: &data, parameters: parameters)
        }
        // The last partial's last slot: what backward finishes there goes up to the partial, and to the other ranks,
        // while backward goes on below.
        let top = partials.count - 1
        var (node, index) = (partials[top], top)
        while node.count > 1 {
            sum(node.left, into: index, step: step, data: &data, parameters: parameters)
            (node, index) = (node.right, index + 1)
        }
        try lastSlot(node.low, into: index, upTo: top, step: step, data: &data, parameters: parameters)
        seconds.products = work.clock.seconds(of: .products)
        seconds.attention = work.clock.seconds(of: .attention)
        seconds.norms += work.clock.seconds(of: .norms)
        seconds.loss = work.clock.seconds(of: .loss)
    }

    private func sum(_ node: SlotRange, into index: Int, step: Int, data: inout TrainingData, parameters: Floats) {
        guard node.count > 1 else {
            beginSlot(node.low, into: index, step: step, data: &data, parameters: parameters)
            for block in (0..<model.shape.layers).reversed() { backward(block, into: index, parameters: parameters) }
            finishSlot(into: index)
            measure(from: 0, of: index)
            return
        }
        sum(node.left, into: index, step: step, data: &data, parameters: parameters)
        sum(node.right, into: index + 1, step: step, data: &data, parameters: parameters)
        let begun = Stopwatch()
        model.kernels.add(arenas[index + 1], to: arenas[index])
        seconds.reduction += begun.seconds
    }

    private func lastSlot(
        _ slot: Int, into index: Int, upTo top: Int, step: Int, data: inout TrainingData, parameters: Floats
    ) throws {
        beginSlot(slot, into: index, step: step, data: &data, parameters: parameters)
        var end = model.layout.arenaCount
        for block in (0..<model.shape.layers).reversed() {
            backward(block, into: index, parameters: parameters)
            let start = model.firstFinalGradient(afterBlock: block)
            try finished(start..<end, of: index, upTo: top)
            end = start
        }
        finishSlot(into: index)
        try finished(0..<end, of: index, upTo: top)
    }

    /// A range of the last slot's gradient is final: adds it up the tree, and offers the partial to the other ranks.
    private func finished(_ range: Range<Int>, of index: Int, upTo top: Int) throws {
        // Before anything is added to it, or read and written by others.
        measure(from: range.lowerBound, of: index)
        let begun = Stopwatch()
        for level in stride(from: index, to: top, by: -1) {
            model.kernels.add(arenas[level][range], to: arenas[level - 1][range])
        }
        try reduction.offer(from: range.lowerBound)
        seconds.reduction += begun.seconds
    }

    /// From `offset` to its end the slot's own gradient is final: sums the squares of the blocks that this completes.
    /// With the first block the slot's squared norm is known.
    private func measure(from offset: Int, of index: Int) {
        let begun = Stopwatch()
        let size = ParameterLayout.blockSize
        while measured > 0, (measured - 1) * size >= offset {
            measured -= 1
            squares[measured] = model.kernels.sumOfSquares(arenas[index][(measured * size)..<((measured + 1) * size)])
        }
        if measured == 0 {
            var sum = 0.0
            for square in squares { sum += square }
            reports[reports.count - 1].square = sum
        }
        seconds.norms += begun.seconds
    }

    private func beginSlot(_ slot: Int, into index: Int, step: Int, data: inout TrainingData, parameters: Floats) {
        let begun = Stopwatch()
        data.fill(step: step, slot: slot, into: &batch)
        seconds.data += begun.seconds
        position = BatchPosition(step: step, firstSequence: slot * batch.capacity)
        model.beginBackward(
            tokens: batch.tokens, targets: batch.targets, counted: batch.counted, sequences: batch.sequences,
            position: position, parameters: parameters, gradients: arenas[index], work: work)
        var report = SlotReport()
        for row in 0..<batch.filledTokens {
            report.loss += work.losses[row]
            report.counted += Int(batch.counted[row])
        }
        reports.append(report)
        measured = squares.count
    }

    /// Of the slot at hand.
    private var position = BatchPosition(step: 0, firstSequence: 0)

    private func backward(_ block: Int, into index: Int, parameters: Floats) {
        model.backward(
            block: block, sequences: batch.sequences, position: position, parameters: parameters,
            gradients: arenas[index], work: work)
    }

    private func finishSlot(into index: Int) {
        model.finishBackward(
            tokens: batch.tokens, sequences: batch.sequences, position: position, gradients: arenas[index], work: work)
    }
}
