import Experiment
import SimulatedRanks
import Tensors
import Testing

@testable import Communication

/// What a plan says of a reduction is what the reduction then is.
@Suite struct ReductionPlanTests {
    @Test(
        "partials, buffers and traffic of every rank are the reduction's own",
        arguments: [
            (slots: 1, ranks: 1, hosts: 1), (8, 2, 1), (8, 3, 1), (8, 4, 2), (8, 8, 3), (12, 5, 2), (7, 7, 7),
            (16, 6, 4),
        ])
    func agrees(slots: Int, ranks: Int, hosts: Int) throws {
        let shards = Shards(blocks: 11, blockSize: 4, bucketBlocks: 4, ranks: ranks)
        let tree = SlotTree(slots: slots)
        let plan = ReductionPlan(tree: tree, shards: shards, hosts: hosts)
        let marks = (0..<ranks).map(plan.host(ofRank:))
        #expect((0..<hosts).allSatisfy { host in plan.ranks(ofHost: host).allSatisfy { marks[$0] == host } })
        #expect((0..<hosts).reduce(0) { $0 + plan.ranks(ofHost: $1).count } == ranks)

        let found = try SimulatedRanks.run(ranks, hosts: marks) { link in
            let reduction = try TreeReduction(link: link, tree: tree, shards: shards, kernels: Kernels(.baseline))
            return (
                partials: reduction.partials.count, received: reduction.received.reduce(0) { $0 + $1.count },
                sent: reduction.bytesSent, messages: reduction.messagesSent,
                sharing: reduction.ranksSharingMemory
            )
        }
        for rank in 0..<ranks {
            #expect(shards.ownedCount(by: rank) == shards.owned(by: rank).reduce(0) { $0 + $1.count })
            #expect(plan.partials(ofRank: rank).count == found[rank].partials)
            #expect(plan.floatsReceived(byRank: rank) == found[rank].received)
            #expect(plan.messagesSent(byRank: rank) == found[rank].messages)
            #expect(4 * plan.floatsSent(byRank: rank) == found[rank].sent)
            #expect(plan.ranks(ofHost: marks[rank]).count == found[rank].sharing)
        }
    }
}
