import Communication
import Experiment
import Tensors

/// Seeded gradients of slots, of numbers whose sum depends on the order of additions.
enum SlotGradients {
    static let seed: UInt64 = 4_242
    static let blockSize = 16
    private static let blocks = 21
    static let count = blocks * blockSize

    private static let table: [Float] = {
        let stream = RandomStream(seed: seed, purpose: "tests", name: "slot gradients")
        return (0..<4_093).map { Float(stream.normal($0)) }
    }()

    static func value(slot: Int, index: Int) -> Float { table[(slot * count + index) % table.count] }

    /// Three buckets, the first one short.
    static func shards(ranks: Int) -> Shards {
        Shards(blocks: blocks, blockSize: blockSize, bucketBlocks: 8, ranks: ranks)
    }

    /// The sum below a node, added along the tree as a rank does it by itself.
    static func partial(_ node: SlotRange, kernels: Kernels) -> Arena {
        let arena = Arena(count: count)
        if node.count == 1 {
            arena.floats.copy(from: (0..<count).map { value(slot: node.low, index: $0) })
        } else {
            // Named, so that they live as long as their floats are read.
            let left = partial(node.left, kernels: kernels)
            let right = partial(node.right, kernels: kernels)
            withExtendedLifetime((left, right)) { kernels.sum(left.floats, right.floats, into: arena.floats) }
        }
        return arena
    }
}

/// What a reduction and a gathering over simulated ranks came to.
struct Reduced {
    /// The sums of the whole arena, put together from the ranks' shards.
    let sums: [Float]
    /// Every rank's arena after the gathering.
    let gathered: [[Float]]
    let bytesSent: [Int]
    let floatsSent: [Int]
    let messagesSent: [Int]
    let messagesLeft: Int

    private struct OfOneRank: Sendable {
        let sums, gathered: [Float]
        let bytesSent, floatsSent, messagesSent, messagesLeft: Int
    }

    init(
        slots: Int, ranks: Int, kernels: Kernels = Kernels(.baseline), order: ReductionOrder = .tree, repeats: Int = 1
    ) throws {
        let all = try SimulatedRanks.run(ranks) { link in
            let reduction = TreeReduction(
                link: link, tree: SlotTree(slots: slots), shards: SlotGradients.shards(ranks: ranks),
                kernels: kernels, order: order == .tree ? .tree : .library)
            var sums: [Float] = []
            var gathered: [Float] = []
            for _ in 0..<repeats {
                let arenas = reduction.ownPartials.map { SlotGradients.partial($0, kernels: kernels) }
                // One rank's sums are its arena's floats.
                sums = try withExtendedLifetime(arenas) { try reduction.reduceScatter(arenas).array }
                let arena = Arena(count: SlotGradients.count)
                arena.floats.fill(.nan)
                var place = 0
                for shard in reduction.shards.owned(by: link.rank) {
                    arena.floats[shard].copy(from: Array(sums[place..<(place + shard.count)]))
                    place += shard.count
                }
                try reduction.allGather(arena.floats)
                gathered = withExtendedLifetime(arena) { arena.floats.array }
            }
            try link.barrier()
            return OfOneRank(
                sums: sums, gathered: gathered, bytesSent: reduction.bytesSent, floatsSent: link.floatsSent,
                messagesSent: link.messagesSent, messagesLeft: link.messagesLeft)
        }
        let shards = SlotGradients.shards(ranks: ranks)
        var whole = [Float](repeating: .nan, count: SlotGradients.count)
        for (rank, result) in all.enumerated() {
            for (index, value) in zip(shards.owned(by: rank).joined(), result.sums) { whole[index] = value }
        }
        sums = whole
        gathered = all.map(\.gathered)
        bytesSent = all.map(\.bytesSent)
        floatsSent = all.map(\.floatsSent)
        messagesSent = all.map(\.messagesSent)
        messagesLeft = all.reduce(0) { $0 + $1.messagesLeft }
    }

    /// `TreeReduction.Order` without the type of its link.
    enum ReductionOrder { case tree, library }
}
