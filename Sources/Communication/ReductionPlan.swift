import Experiment

/// What a reduction will hold and send, rank by rank, before there is one: a function of ranks, hosts, slots and shards
/// alone. A host has consecutive ranks, which share memory; a rank that is alone on its host has the same to itself.
public struct ReductionPlan: Sendable {
    public let tree: SlotTree
    public let shards: Shards
    /// The ranks of each host.
    private let groups: RankGroups
    /// The subtrees that each rank adds up by itself.
    private let partials: [[SlotRange]]
    /// How many subtrees the ranks of each host add up together: what it sends of a shard.
    private let partialsOfHost: [Int]

    /// - Precondition: at most one host per rank, and one rank per slot.
    public init(tree: SlotTree, shards: Shards, hosts: Int) {
        let ranks = shards.ranks
        precondition(hosts > 0 && hosts <= ranks && ranks <= tree.slots, "hosts <= ranks <= slots")
        self.tree = tree
        self.shards = shards
        // Hosts take ranks one after another, equally many or one more.
        groups = RankGroups(marks: (0..<ranks).map { (($0 + 1) * hosts - 1) / ranks })
        partials = (0..<ranks).map { tree.maximalSubtrees(in: tree.leaves(rank: $0, ranks: ranks)) }
        partialsOfHost = groups.partials(of: tree).map(\.count)
    }

    public var ranks: Int { shards.ranks }
    public var hosts: Int { groups.members.count }
    public func ranks(ofHost host: Int) -> [Int] { groups.members[host] }
    public func host(ofRank rank: Int) -> Int { groups.groupOfRank[rank] }

    /// The subtrees whose sums a rank brings, an arena each.
    public func partials(ofRank rank: Int) -> [SlotRange] { partials[rank] }

    /// Floats of its neighbours' partials that a rank reads where they are: of its own shards.
    public func floatsRead(byRank rank: Int) -> Int {
        let neighbours = ranks(ofHost: host(ofRank: rank)).filter { $0 != rank }
        return neighbours.reduce(0) { $0 + partials[$1].count } * shards.ownedCount(by: rank)
    }

    /// Floats of the buffers for what other hosts send of a rank's shards.
    public func floatsReceived(byRank rank: Int) -> Int {
        let foreign = partialsOfHost.reduce(0, +) - partialsOfHost[host(ofRank: rank)]
        return foreign * max(1, shards.ownedCount(by: rank))
    }

    /// Floats that a rank sends to other hosts in a step: gradients to the owners with whom it leads its host's traffic,
    /// and its own parameters to one rank of every other host.
    public func floatsSent(byRank rank: Int) -> Int { sent(byRank: rank) { shards.ownedCount(by: $0) } }

    /// Messages that carry them: one for each bucket's shard, and each partial of a gradient.
    public func messagesSent(byRank rank: Int) -> Int { sent(byRank: rank) { shards.owned(by: $0).count } }

    /// - Parameter size: of one arena's worth of a rank's shards.
    private func sent(byRank rank: Int, _ size: (Int) -> Int) -> Int {
        groups.owners(ledBy: rank).reduce(0) { $0 + size($1) } * partialsOfHost[host(ofRank: rank)]
            + (hosts - 1) * size(rank)
    }
}
