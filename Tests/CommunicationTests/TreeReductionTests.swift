import Communication
import Experiment
import Tensors
import Testing

/// The fixed tree over simulated ranks (seed: `SlotGradients.seed`).
@Suite("Tree reduction")
struct TreeReductionTests {
    private static let smallCounts = 1...13
    private static let largeCounts = [(16, [2, 4, 8, 16]), (24, [5, 8, 23]), (33, [2, 7, 32, 33])]

    @Test("sums have the same bits on every number of ranks that slots allow", arguments: smallCounts)
    func sameBits(slots: Int) throws {
        let expected = try Reduced(slots: slots, ranks: 1).sums
        for ranks in 1...slots {
            let reduced = try Reduced(slots: slots, ranks: ranks)
            #expect(reduced.sums.map(\.bitPattern) == expected.map(\.bitPattern), "\(slots) slots on \(ranks) ranks")
        }
    }

    @Test("sums have the same bits with many slots", arguments: largeCounts)
    func sameBitsWithManySlots(slots: Int, rankCounts: [Int]) throws {
        let expected = try Reduced(slots: slots, ranks: 1).sums
        for ranks in rankCounts {
            let reduced = try Reduced(slots: slots, ranks: ranks)
            #expect(reduced.sums.map(\.bitPattern) == expected.map(\.bitPattern), "\(slots) slots on \(ranks) ranks")
        }
    }

    @Test("the sum of one rank is the plain addition along the tree, whatever the kernel set")
    func oneRankIsTheTree() throws {
        for slots in [1, 2, 3, 5, 8, 13] {
            let tree = SlotTree(slots: slots)
            func total(_ node: SlotRange, _ index: Int) -> Float {
                node.count == 1
                    ? SlotGradients.value(slot: node.low, index: index)
                    : total(node.left, index) + total(node.right, index)
            }
            let expected = (0..<SlotGradients.count).map { total(tree.root, $0) }
            for set in KernelSet.allCases where set.isSupported {
                #expect(try Reduced(slots: slots, ranks: 1, kernels: Kernels(set)).sums == expected)
                #expect(try Reduced(slots: slots, ranks: slots, kernels: Kernels(set)).sums == expected)
            }
        }
    }

    @Test("sharing gives every rank every shard", arguments: [(4, 2), (5, 3), (7, 7), (13, 8), (12, 12)])
    func shareParameters(slots: Int, ranks: Int) throws {
        for hosts in Self.placements(ranks: ranks) {
            let reduced = try Reduced(slots: slots, ranks: ranks, hosts: hosts)
            for shared in reduced.shared { #expect(shared == reduced.sums) }
        }
    }

    /// One host, two, uneven ones, and ranks dealt round.
    private static func placements(ranks: Int) -> [[Int]] {
        let all = 0..<ranks
        return [
            all.map { _ in 0 }, all.map { $0 * 2 / ranks }, all.map { $0 == 0 ? 0 : 1 }, all.map { $0 % 2 },
            all.map { $0 % 3 }, all.map { $0 / 3 }, all.map { $0 < ranks - 1 ? 0 : 1 },
        ]
    }

    @Test("hosts that share memory give the same bits, wherever the ranks are", arguments: smallCounts)
    func hosts(slots: Int) throws {
        let expected = try Reduced(slots: slots, ranks: 1).sums.map(\.bitPattern)
        for ranks in 2...max(2, slots) where ranks <= slots {
            for hosts in Self.placements(ranks: ranks) {
                let reduced = try Reduced(slots: slots, ranks: ranks, hosts: hosts, repeats: 2)
                #expect(reduced.sums.map(\.bitPattern) == expected, "\(slots) slots on hosts \(hosts)")
                #expect(reduced.bytesSent.map { 2 * $0 } == reduced.floatsSent.map { $0 * 4 }, "hosts \(hosts)")
                #expect(reduced.messagesCounted.map { 2 * $0 } == reduced.messagesSent, "hosts \(hosts)")
                #expect(reduced.messagesLeft == 0 && reduced.notices.isEmpty)
            }
        }
    }

    @Test("ranks of one host send no messages at all")
    func oneHost() throws {
        let reduced = try Reduced(slots: 12, ranks: 5, hosts: [0, 0, 0, 0, 0])
        #expect(reduced.messagesSent == [0, 0, 0, 0, 0] && reduced.bytesSent == [0, 0, 0, 0, 0])
        #expect(reduced.ranksSharingMemory == [5, 5, 5, 5, 5])
    }

    @Test("two hosts send one sum of each shard each way, however many ranks they have")
    func hostsAddUpFirst() throws {
        let bytes = SlotGradients.count * 4
        for ranks in [2, 4, 8] {
            let reduced = try Reduced(slots: 8, ranks: ranks, hosts: (0..<ranks).map { $0 * 2 / ranks })
            // Gradients: each host the other's half; parameters: each host its own half.
            #expect(reduced.bytesSent.reduce(0, +) == 2 * bytes, "\(ranks) ranks")
        }
    }

    @Test("wherever the ranks are, all of them send")
    func balance() throws {
        for hosts in [[0, 1, 0, 1], [0, 0, 1, 1], [0, 1, 2, 3, 0, 1, 2, 3]] {
            let reduced = try Reduced(slots: 16, ranks: hosts.count, hosts: hosts)
            let messages = reduced.messagesSent
            #expect(messages.min() ?? 0 > 0, "\(messages) on \(hosts)")
        }
    }

    @Test("without room for shared memory messages give the same bits, and a sentence says so")
    func noRoom() throws {
        let expected = try Reduced(slots: 10, ranks: 4).sums
        let reduced = try Reduced(slots: 10, ranks: 4, hosts: [0, 0, 1, 1], shares: false)
        #expect(reduced.sums.map(\.bitPattern) == expected.map(\.bitPattern))
        #expect(reduced.ranksSharingMemory == [1, 1, 1, 1])
        #expect(reduced.notices.count == 4)
        #expect(
            reduced.notices.allSatisfy {
                $0.contains("cannot share memory with others of their host: there is no room")
            })
    }

    @Test("a second reduction with the same buffers gives the same sums")
    func again() throws {
        let once = try Reduced(slots: 7, ranks: 3)
        let twice = try Reduced(slots: 7, ranks: 3, repeats: 2)
        #expect(once.sums == twice.sums)
        #expect(twice.floatsSent == once.floatsSent.map { 2 * $0 })
    }

    @Test("bytesSent is what a communicator counts, and no message is left over", arguments: smallCounts)
    func bytesSent(slots: Int) throws {
        for ranks in 1...slots {
            let reduced = try Reduced(slots: slots, ranks: ranks)
            #expect(reduced.bytesSent == reduced.floatsSent.map { $0 * 4 }, "\(slots) slots on \(ranks) ranks")
            #expect(reduced.messagesLeft == 0)
        }
    }

    @Test("a power of two that divides the slots sends (P - 1) / P of two arenas from every rank")
    func bytesOfPowersOfTwo() throws {
        for (slots, ranks) in [(2, 2), (4, 2), (8, 4), (8, 8), (12, 4), (16, 8)] {
            let reduced = try Reduced(slots: slots, ranks: ranks)
            // The arena has 21 blocks in 3 buckets: a shard is off an even one by less than a block in each.
            let even = 2 * (ranks - 1) * SlotGradients.count * 4 / ranks
            let rounding = 3 * 2 * (ranks - 1) * SlotGradients.blockSize * 4
            for bytes in reduced.bytesSent { #expect(abs(bytes - even) <= rounding, "\(slots) slots, \(ranks) ranks") }
            let all = reduced.bytesSent.reduce(0, +)
            #expect(all == 2 * (ranks - 1) * SlotGradients.count * 4, "all ranks together have no rounding")
        }
    }

    @Test("counts of messages are a function of slots and ranks alone")
    func deterministicMessages() throws {
        for (slots, ranks) in [(5, 3), (8, 4), (13, 6)] {
            let first = try Reduced(slots: slots, ranks: ranks)
            #expect(try Reduced(slots: slots, ranks: ranks).messagesSent == first.messagesSent)
            let tree = SlotTree(slots: slots)
            let shards = SlotGradients.shards(ranks: ranks)
            for rank in 0..<ranks {
                let partials = tree.maximalSubtrees(in: tree.leaves(rank: rank, ranks: ranks)).count
                let theirs = (0..<ranks).filter { $0 != rank }.reduce(0) { $0 + shards.owned(by: $1).count }
                let own = shards.owned(by: rank).count * (ranks - 1)
                #expect(first.messagesSent[rank] == partials * theirs + own, "a message per partial and foreign shard")
            }
        }
    }

    @Test("the library's order sums as well, up to rounding")
    func libraryOrder() throws {
        let expected = try Reduced(slots: 9, ranks: 1).sums
        for ranks in [1, 2, 4, 9] {
            let sums = try Reduced(slots: 9, ranks: ranks, order: .library).sums
            // Nine terms of size 1, added in another order: a few roundings of a sum below 32.
            let tolerance: Float = 9 * 0x1p-24 * 32
            #expect(zip(sums, expected).allSatisfy { abs($0 - $1) <= tolerance })
        }
    }
}

@Suite("Communicators")
struct CommunicatorTests {
    @Test("an error names the operation, the rank and the reason")
    func errorText() {
        let error = CommunicationError(
            operation: "MPI_Isend to rank 2", rank: 5, reason: "MPI_ERR_COUNT: invalid count")
        #expect(String(describing: error) == "MPI_Isend to rank 2 failed on rank 5: MPI_ERR_COUNT: invalid count")
    }

    @Test("one process by itself is rank 0 of 1, and everything that it gathers is its own")
    func oneProcess() throws {
        let link = OneProcess()
        link.barrier()
        #expect(link.rank == 0 && link.ranks == 1)
        #expect(try link.allGather([3, 4]) == [[3, 4]])
        #expect(link.broadcast([1, 2, 3], from: 0) == [1, 2, 3])
    }
}
