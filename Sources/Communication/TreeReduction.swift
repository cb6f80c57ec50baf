import Experiment
import Tensors

/// Sums slot gradients over all ranks along the fixed tree, as a reduce-scatter: what each rank gets is the sum over
/// its shards. The bits do not depend on the number of ranks: each addition of the tree is made once, by whoever has
/// both sides, and MPI only carries messages.
public final class TreeReduction<Link: Communicator> {
    private let link: Link
    private let kernels: Kernels
    public let tree: SlotTree
    public let shards: Shards
    /// The subtrees that each rank adds up by itself.
    private let partials: [[SlotRange]]
    /// This rank's sums, its shards one after another; nil where one rank's partial is already the sum.
    private let sums: Arena?
    /// What others send for one shard, and room for inner nodes of the upper tree.
    private let received: Arena?
    private let inner: Arena?
    private let longestShard: Int
    private let order: Order

    /// Whose order of additions: the fixed tree's, or the message library's (a yardstick: its bits depend on the ranks).
    public enum Order: Sendable {
        case tree
        case library
    }

    public init(link: Link, tree: SlotTree, shards: Shards, kernels: Kernels, order: Order = .tree) {
        precondition(link.ranks <= tree.slots, "more ranks than slots")
        precondition(shards.ranks == link.ranks, "shards for another number of ranks")
        self.link = link
        self.kernels = kernels
        self.tree = tree
        self.shards = shards
        let partials = (0..<link.ranks).map {
            tree.maximalSubtrees(in: tree.leaves(rank: $0, ranks: link.ranks))
        }
        let longest = shards.buckets.indices.map { shards.shard(ofBucket: $0, rank: link.rank).count }.max() ?? 0
        self.partials = partials
        self.order = order
        longestShard = longest
        let others = partials.indices.filter { $0 != link.rank }.reduce(0) { $0 + partials[$1].count }
        sums = link.ranks > 1 ? Arena(count: max(1, shards.ownedCount(by: link.rank))) : nil
        received = link.ranks > 1 ? Arena(count: max(1, others * longest)) : nil
        inner = link.ranks > 1 ? Arena(count: max(1, SlotTree.depth(leaves: tree.slots) * longest)) : nil
    }

    /// The subtrees whose sums this rank brings, left to right.
    public var ownPartials: [SlotRange] { partials[link.rank] }

    /// Bytes that this rank sends in a reduction and the gathering of parameters after it.
    public var bytesSent: Int {
        let floats = shards.buckets.indices.reduce(0) { total, bucket in
            let others = (0..<link.ranks).filter { $0 != link.rank }
            let gradients = others.reduce(0) { $0 + shards.shard(ofBucket: bucket, rank: $1).count } * ownPartials.count
            return total + gradients + shards.shard(ofBucket: bucket, rank: link.rank).count * others.count
        }
        return floats * MemoryLayout<Float>.stride
    }

    /// Adds the ranks' partials along the upper tree.
    /// - Parameter arenas: one per own partial, in their order.
    /// - Returns: the sums over this rank's shards, one shard after another in the order of the arena. Valid until the
    ///   next call, and on one rank as long as the caller's arena, whose floats they are.
    public func reduceScatter(_ arenas: [Arena]) throws -> Floats {
        precondition(arenas.count == ownPartials.count, "one arena per partial")
        guard let sums, let received else { return arenas[0].floats }
        if order == .library { return try sumInLibraryOrder(arenas, into: sums.floats) }
        var end = sums.count
        for bucket in shards.buckets.indices {
            let own = shards.shard(ofBucket: bucket, rank: link.rank)
            try exchange(bucket: bucket, own: own, arenas: arenas, received: received.floats)
            guard !own.isEmpty else { continue }
            evaluate(
                tree.root, own: own, arenas: arenas, received: received.floats,
                into: sums.floats[(end - own.count)..<end], depth: 0)
            end -= own.count
        }
        return sums.floats
    }

    private func sumInLibraryOrder(_ arenas: [Arena], into sums: Floats) throws -> Floats {
        for arena in arenas.dropFirst() { kernels.add(arena.floats, to: arenas[0].floats) }
        var place = 0
        for bucket in shards.buckets.indices { try link.sumInPlace(arenas[0].floats[shards.buckets[bucket]]) }
        for shard in shards.owned(by: link.rank) {
            sums[place..<(place + shard.count)].copy(from: arenas[0].floats[shard])
            place += shard.count
        }
        return sums
    }

    /// Each rank sends every peer its partials of the peer's shard.
    private func exchange(
        bucket: Int, own: Range<Int>, arenas: [Arena], received: Floats
    ) throws {
        var sends: [Message] = []
        var receives: [Message] = []
        var place = 0
        for peer in 0..<link.ranks where peer != link.rank {
            let theirs = shards.shard(ofBucket: bucket, rank: peer)
            if !theirs.isEmpty {
                for (index, arena) in arenas.enumerated() {
                    sends.append(Message(peer: peer, tag: index, floats: arena.floats[theirs]))
                }
            }
            for index in partials[peer].indices {
                if !own.isEmpty {
                    receives.append(Message(peer: peer, tag: index, floats: received[place..<(place + own.count)]))
                }
                place += own.count
            }
        }
        try link.exchange(sends: sends, receives: receives)
    }

    /// The sum below `node` over the own shard; additions in the tree's order, left plus right.
    private func evaluate(
        _ node: SlotRange, own: Range<Int>, arenas: [Arena], received: Floats, into sum: Floats, depth: Int
    ) {
        if let partial = operand(node, own: own, arenas: arenas, received: received) {
            return sum.copy(from: partial)
        }
        evaluate(node.left, own: own, arenas: arenas, received: received, into: sum, depth: depth)
        if let partial = operand(node.right, own: own, arenas: arenas, received: received) {
            return kernels.add(partial, to: sum)
        }
        guard let inner else { preconditionFailure("one rank's partial is the root") }
        let room = inner.floats[(depth * longestShard)..<(depth * longestShard + own.count)]
        evaluate(node.right, own: own, arenas: arenas, received: received, into: room, depth: depth + 1)
        kernels.add(room, to: sum)
    }

    /// A node that some rank brought: from its own arena, or from what was received.
    private func operand(_ node: SlotRange, own: Range<Int>, arenas: [Arena], received: Floats) -> Floats? {
        var place = 0
        for rank in partials.indices {
            for (index, partial) in partials[rank].enumerated() {
                if partial == node {
                    return rank == link.rank
                        ? arenas[index].floats[own] : received[place..<(place + own.count)]
                }
                if rank != link.rank { place += own.count }
            }
        }
        return nil
    }

    /// Gives every rank all shards of an arena of which each rank has written its own.
    public func allGather(_ floats: Floats) throws {
        for bucket in shards.buckets.indices {
            let range = shards.buckets[bucket]
            let parts = (0..<link.ranks).map { rank in
                let shard = shards.shard(ofBucket: bucket, rank: rank)
                return (shard.lowerBound - range.lowerBound)..<(shard.upperBound - range.lowerBound)
            }
            try link.allGather(floats[range], parts: parts)
        }
    }
}
