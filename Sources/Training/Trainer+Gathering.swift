import Communication
import Corpus
import Experiment
import Tensors

/// Room for what ranks tell each other in a step, made once.
struct Gathering {
    /// As many as the busiest rank has slots.
    var ownReports: [SlotReport]
    var reports: [SlotReport]
    /// Of all slots: sums of losses, squared norms of their gradients, and counted tokens.
    var slotLosses: [Double]
    var slotSquares: [Double]
    var slotCounts: [Int]
    /// As many as the largest owner has blocks.
    var ownSquares: [Double]
    var squares: [Double]
    /// Where each block's number is in `squares`.
    let placeOfBlock: [Int]

    init(slots: Int, shards: Shards) {
        let ranks = shards.ranks
        let most = (slots + ranks - 1) / ranks
        ownReports = Array(repeating: SlotReport(), count: most)
        reports = Array(repeating: SlotReport(), count: most * ranks)
        slotLosses = Array(repeating: 0, count: slots)
        slotSquares = slotLosses
        slotCounts = Array(repeating: 0, count: slots)
        let size = ParameterLayout.blockSize
        let blocks = (0..<ranks).map { shards.ownedCount(by: $0) / size }.max() ?? 0
        ownSquares = Array(repeating: 0, count: blocks)
        squares = Array(repeating: 0, count: blocks * ranks)
        var places = Array(repeating: 0, count: shards.arenaCount / size)
        for rank in 0..<ranks {
            var next = rank * blocks
            for range in shards.owned(by: rank) {
                for block in (range.lowerBound / size)..<(range.upperBound / size) {
                    places[block] = next
                    next += 1
                }
            }
        }
        placeOfBlock = places
    }
}

extension Trainer {
    /// The global batch of a step as all ranks see it.
    struct BatchReport {
        /// Mean over the counted tokens.
        let loss: Double
        let counted: Int
        let stops: Bool
    }

    /// Losses of all slots, added along the tree in double.
    func gatherReports(stops: Bool) throws -> BatchReport {
        let own = slotGradients.reports
        for index in own.indices { gathering.ownReports[index] = own[index] }
        gathering.ownReports[0].stops = stops
        try link.allGather(gathering.ownReports, into: &gathering.reports)
        let most = gathering.ownReports.count
        var counted = 0
        var stops = false
        for rank in 0..<link.ranks {
            let leaves = reduction.tree.leaves(rank: rank, ranks: link.ranks)
            for slot in leaves.low..<leaves.high {
                let report = gathering.reports[rank * most + slot - leaves.low]
                gathering.slotLosses[slot] = report.loss
                gathering.slotSquares[slot] = report.square
                gathering.slotCounts[slot] = report.counted
                counted += report.counted
                stops = stops || report.stops
            }
        }
        return BatchReport(
            loss: reduction.tree.sum(gathering.slotLosses) / Double(counted), counted: counted, stops: stops)
    }

    /// The norm of the summed gradient: squares of each block in double, blocks added in the order of the arena.
    func gradientNorm() throws -> Double {
        let sums = reduction.partials[0]
        for (index, block) in optimizer.ownedBlocks.enumerated() {
            gathering.ownSquares[index] = model.kernels.sumOfSquares(sums[block])
        }
        try link.allGather(gathering.ownSquares, into: &gathering.squares)
        var sum = 0.0
        for place in gathering.placeOfBlock { sum += gathering.squares[place] }
        return sum.squareRoot()
    }

    /// Of the step whose reports were gathered; `norm` is that of the gradient of its mean loss.
    func gradientNoise(norm: Double) -> GradientNoise? {
        GradientNoise(slots: gathering.slotSquares, counted: gathering.slotCounts, batchSquare: norm * norm)
    }

    /// A step, and the ledger's `batch_digest` of what it saw. The time of hashing counts as data's.
    public func takeStepWithReceipt(stops: () -> Bool = { false }) throws -> (StepResult, batchDigest: String) {
        var result = try takeStep(stops: stops)
        let begun = Stopwatch()
        let digest = try batchDigest(step: step - 1)
        let seconds = begun.seconds
        result.seconds.data += seconds
        result.seconds.total += seconds
        return (result, digest)
    }

    /// SHA-256 of all windows of a step, from 0: every rank hashes its own slots.
    private func batchDigest(step: Int) throws -> String {
        let tree = reduction.tree
        let own = tree.leaves(rank: link.rank, ranks: link.ranks)
        var digests = (own.low..<own.high).map { data.batchDigest(step: step, slot: $0) }
        digests += Array(repeating: Array(repeating: 0, count: 32), count: gathering.ownReports.count - digests.count)
        let gathered = try link.allGather(Array(digests.joined()))
        return TrainingData.stepDigest(
            slotDigests: gathered.indices.flatMap { rank in
                let slots = tree.leaves(rank: rank, ranks: link.ranks).count
                return (0..<slots).map { Array(gathered[rank][(32 * $0)..<(32 * ($0 + 1))]) }
            })
    }
}
