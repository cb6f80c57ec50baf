/// The messages of a step between groups, as one rank sees them: a function of ranks, groups, slots and shards alone.
struct Traffic {
    /// Part of an arena, to or from a peer.
    struct Item: Equatable {
        let peer: Int
        /// Which of the sender's partials, or one more for parameters. Between two ranks, messages of one tag keep the
        /// order of buckets.
        let tag: Int
        /// What is sent: a range of the arena. Gradients are received into a range of the own shards, bucket after
        /// bucket.
        let place: Range<Int>
        /// Of gradients that are received: which of all that other groups send for a shard.
        var received = 0
    }

    /// For every bucket, what goes to the owners of its shards in other groups.
    let gradientsSent: [[Item]]
    let gradientsReceived: [Item]
    let parametersSent: [Item]
    let parametersReceived: [Item]

    /// - Parameter partialsOfGroup: how many subtrees each group sends of a shard.
    init(rank: Int, groups: RankGroups, shards: Shards, partialsOfGroup: [Int]) {
        let own = groups.groupOfRank[rank]
        let others = groups.members.indices.filter { $0 != own }
        let most = partialsOfGroup.max() ?? 1
        let buckets = shards.buckets.indices
        let owners = groups.owners(ledBy: rank)

        gradientsSent = buckets.map { bucket in
            owners.flatMap { owner -> [Item] in
                let shard = shards.shard(ofBucket: bucket, rank: owner)
                guard !shard.isEmpty else { return [] }
                return (0..<partialsOfGroup[own]).map {
                    Item(peer: owner, tag: $0, place: shard)
                }
            }
        }
        var received: [Item] = []
        var place = 0
        for bucket in buckets {
            let count = shards.shard(ofBucket: bucket, rank: rank).count
            guard count > 0 else { continue }
            var index = 0
            for other in others {
                for partial in 0..<partialsOfGroup[other] {
                    received.append(
                        Item(
                            peer: groups.leader(ofGroup: other, to: rank), tag: partial,
                            place: place..<(place + count), received: index))
                    index += 1
                }
            }
            place += count
        }
        gradientsReceived = received

        func parameters(of owner: Int, peer: Int) -> [Item] {
            buckets.compactMap { bucket in
                let shard = shards.shard(ofBucket: bucket, rank: owner)
                return shard.isEmpty ? nil : Item(peer: peer, tag: most, place: shard)
            }
        }
        parametersSent = others.flatMap { parameters(of: rank, peer: groups.leader(ofGroup: $0, to: rank)) }
        parametersReceived = owners.flatMap { parameters(of: $0, peer: $0) }
    }

    var floatsSent: Int {
        gradientsSent.joined().reduce(0) { $0 + $1.place.count } + parametersSent.reduce(0) { $0 + $1.place.count }
    }

    var messagesSent: Int { gradientsSent.reduce(0) { $0 + $1.count } + parametersSent.count }
}
