import Experiment

/// What a reduction will hold and send, rank by rank, before there is one: a function of ranks, hosts, slots and shards
/// alone. A host has consecutive ranks, which share memory; a rank that is alone on its host has the same to itself.
public struct ReductionPlan: Sendable {
    public let tree: SlotTree
    public let shards: Shards
    public let hosts: Int
    /// The subtrees that each rank adds up by itself.
    private let partials: [[SlotRange]]
    /// How many subtrees the ranks of each host add up together: what it sends of a shard.
    private let partialsOfHost: [Int]

    /// - Precondition: at most one host per rank, and one rank per slot.
    public init(tree: SlotTree, shards: Shards, hosts: Int) {
        precondition(hosts > 0 && hosts <= shards.ranks && shards.ranks <= tree.slots, "hosts <= ranks <= slots")
        let ranks = shards.ranks
        self.tree = tree
        self.shards = shards
        self.hosts = hosts
        let leaves = (0..<ranks).map { tree.leaves(rank: $0, ranks: ranks) }
        partials = leaves.map { tree.maximalSubtrees(in: $0) }
        partialsOfHost = (0..<hosts).map { host in
            let own = Self.ranks(ofHost: host, ranks: ranks, hosts: hosts)
            return tree.maximalSubtrees(in: SlotRange(leaves[own.lowerBound].low, leaves[own.upperBound - 1].high))
                .count
        }
    }

    public var ranks: Int { shards.ranks }

    /// Hosts take ranks one after another, equally many or one more.
    public func ranks(ofHost host: Int) -> Range<Int> { Self.ranks(ofHost: host, ranks: ranks, hosts: hosts) }

    private static func ranks(ofHost host: Int, ranks: Int, hosts: Int) -> Range<Int> {
        (host * ranks / hosts)..<((host + 1) * ranks / hosts)
    }

    public func host(ofRank rank: Int) -> Int { ((rank + 1) * hosts - 1) / ranks }

    /// The subtrees whose sums a rank brings, an arena each.
    public func partials(ofRank rank: Int) -> [SlotRange] { partials[rank] }

    /// Floats of its neighbours' partials that a rank reads where they are: of its own shards.
    public func floatsRead(byRank rank: Int) -> Int {
        let neighbours = ranks(ofHost: host(ofRank: rank)).filter { $0 != rank }
        return neighbours.reduce(0) { $0 + partials[$1].count } * shards.ownedCount(by: rank)
    }

    /// Floats of the buffers for what other hosts send of a rank's shards.
    public func floatsReceived(byRank rank: Int) -> Int {
        let own = host(ofRank: rank)
        let foreign = partialsOfHost.indices.filter { $0 != own }.reduce(0) { $0 + partialsOfHost[$1] }
        return foreign * max(1, shards.ownedCount(by: rank))
    }

    /// Floats that a rank sends to other hosts in a step: gradients to the owners that it speaks to for its host, and
    /// its own parameters to one rank of every other host.
    public func floatsSent(byRank rank: Int) -> Int {
        owners(spokenToBy: rank).reduce(0) { $0 + shards.ownedCount(by: $1) } * partialsOfHost[host(ofRank: rank)]
            + (hosts - 1) * shards.ownedCount(by: rank)
    }

    /// Messages that carry them: one for each bucket's shard, and each partial of a gradient.
    public func messagesSent(byRank rank: Int) -> Int {
        guard hosts > 1 else { return 0 }
        return owners(spokenToBy: rank).reduce(0) { $0 + shards.owned(by: $1).count }
            * partialsOfHost[host(ofRank: rank)]
            + (hosts - 1) * shards.owned(by: rank).count
    }

    /// Owners on other hosts to whom a rank sends what its host has of their shards.
    private func owners(spokenToBy rank: Int) -> [Int] {
        let members = ranks(ofHost: host(ofRank: rank))
        return (0..<ranks).filter {
            let place = $0 - ranks(ofHost: host(ofRank: $0)).lowerBound
            return !members.contains($0) && place % members.count == rank - members.lowerBound
        }
    }
}
