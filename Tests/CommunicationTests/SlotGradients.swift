import Communication
import Experiment
import SimulatedRanks
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

    /// Writes a range of the sum below a node, added along the tree as a rank does it by itself.
    static func write(_ node: SlotRange, _ range: Range<Int>, to arena: Floats) {
        func sum(_ node: SlotRange, _ index: Int) -> Float {
            node.count == 1 ? value(slot: node.low, index: index) : sum(node.left, index) + sum(node.right, index)
        }
        for index in range { arena[index] = sum(node, index) }
    }
}

/// What a reduction and the sharing of parameters over simulated ranks came to.
struct Reduced {
    /// The sums of the whole arena, put together from the ranks' shards.
    let sums: [Float]
    /// Every rank's parameters after the sharing: the sums.
    let shared: [[Float]]
    let bytesSent: [Int]
    let messagesCounted: [Int]
    let floatsSent: [Int]
    let messagesSent: [Int]
    let messagesLeft: Int
    let ranksSharingMemory: [Int]
    let notices: [String]

    private struct OfOneRank: Sendable {
        let sums, parameters: [Float]
        let bytesSent, messagesCounted, floatsSent, messagesSent, messagesLeft, sharing: Int
        let notice: String?
    }

    /// - Parameters:
    ///   - hosts: a mark per rank, equal ones share memory if `shares`; nil for a host of its own for each.
    init(
        slots: Int, ranks: Int, hosts: [Int]? = nil, shares: Bool = true, kernels: Kernels = Kernels(.baseline),
        order: ReductionOrder = .tree, repeats: Int = 1
    ) throws {
        let all = try SimulatedRanks.run(ranks, hosts: hosts, shares: shares) { link in
            let reduction = try TreeReduction(
                link: link, tree: SlotTree(slots: slots), shards: SlotGradients.shards(ranks: ranks),
                kernels: kernels, order: order == .tree ? .tree : .library)
            let own = reduction.shards.owned(by: link.rank)
            var sums: [Float] = []
            for _ in 0..<repeats {
                try reduction.begin()
                // As backward does: piece by piece from the end, edges not those of buckets.
                for start in stride(from: 0, to: SlotGradients.count, by: 72).reversed() {
                    let range = start..<min(start + 72, SlotGradients.count)
                    for (node, arena) in zip(reduction.ownPartials, reduction.partials) {
                        SlotGradients.write(node, range, to: arena)
                    }
                    try reduction.offer(from: start)
                }
                try reduction.finish()
                sums = own.flatMap { reduction.partials[0][$0].array }
                try link.barrier()
                for shard in own { reduction.parameters[shard].copy(from: reduction.partials[0][shard]) }
                try reduction.shareParameters()
                try link.barrier()
            }
            return OfOneRank(
                sums: sums, parameters: reduction.parameters.array, bytesSent: reduction.bytesSent,
                messagesCounted: reduction.messagesSent, floatsSent: link.floatsSent,
                messagesSent: link.messagesSent, messagesLeft: link.messagesLeft,
                sharing: reduction.ranksSharingMemory, notice: reduction.notice)
        }
        let shards = SlotGradients.shards(ranks: ranks)
        var whole = [Float](repeating: .nan, count: SlotGradients.count)
        for (rank, result) in all.enumerated() {
            for (index, value) in zip(shards.owned(by: rank).joined(), result.sums) { whole[index] = value }
        }
        sums = whole
        shared = all.map(\.parameters)
        bytesSent = all.map(\.bytesSent)
        messagesCounted = all.map(\.messagesCounted)
        floatsSent = all.map(\.floatsSent)
        messagesSent = all.map(\.messagesSent)
        messagesLeft = all.reduce(0) { $0 + $1.messagesLeft }
        ranksSharingMemory = all.map(\.sharing)
        notices = all.compactMap(\.notice)
    }

    /// `TreeReduction.Order` without the type of its link.
    enum ReductionOrder { case tree, library }
}
