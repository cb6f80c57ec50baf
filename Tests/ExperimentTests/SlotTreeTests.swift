import Experiment
import Testing

@Suite("The slot tree")
struct SlotTreeTests {
    static let largest = 64

    /// Every node of the tree.
    func nodes(_ tree: SlotTree) -> Set<SlotRange> {
        var found: Set<SlotRange> = []
        func visit(_ node: SlotRange) {
            found.insert(node)
            if node.count > 1 {
                visit(node.left)
                visit(node.right)
            }
        }
        visit(tree.root)
        return found
    }

    @Test("a node's children share it out, the left one being equal or one larger", arguments: 2...largest)
    func children(slots: Int) {
        for node in nodes(SlotTree(slots: slots)) where node.count > 1 {
            #expect(node.left.low == node.low && node.left.high == node.right.low && node.right.high == node.high)
            #expect((0...1).contains(node.left.count - node.right.count))
        }
    }

    @Test("ranks own every slot once, and their shares differ by one at most", arguments: 1...largest)
    func leaves(slots: Int) {
        let tree = SlotTree(slots: slots)
        for ranks in 1...slots {
            let shares = (0..<ranks).map { tree.leaves(rank: $0, ranks: ranks) }
            #expect(shares.flatMap { $0.low..<$0.high } == Array(0..<slots))
            #expect(shares.allSatisfy { ($0.count - slots / ranks) == 0 || ($0.count - slots / ranks) == 1 })
        }
    }

    @Test(
        "a rank's maximal subtrees are nodes of the tree, tile its slots, and none could be larger",
        arguments: 1...largest)
    func maximalSubtrees(slots: Int) {
        let tree = SlotTree(slots: slots)
        let all = nodes(tree)
        for ranks in 1...slots {
            for rank in 0..<ranks {
                let share = tree.leaves(rank: rank, ranks: ranks)
                let parts = tree.maximalSubtrees(in: share)
                #expect(parts.allSatisfy(all.contains))
                #expect(parts.flatMap { $0.low..<$0.high } == Array(share.low..<share.high))
                let larger = all.filter { node in
                    share.contains(node) && parts.contains { node.contains($0) && node != $0 }
                }
                #expect(larger.isEmpty, "V \(slots), rank \(rank) of \(ranks)")
            }
        }
        #expect(tree.maximalSubtrees(in: SlotRange(0, 0)).isEmpty)
        #expect(tree.maximalSubtrees(in: tree.root) == [tree.root])
    }

    @Test("the sum has the same bits on every number of ranks", arguments: 1...largest)
    func sums(slots: Int) {
        let tree = SlotTree(slots: slots)
        let values = RandomStream(seed: 5, purpose: "slot tree test").values(slots)
        let whole = tree.sum(values)
        for ranks in 1...slots {
            var partial: [SlotRange: Double] = [:]
            for rank in 0..<ranks {
                for node in tree.maximalSubtrees(in: tree.leaves(rank: rank, ranks: ranks)) {
                    partial[node] = sumDepthFirst(node, values)
                }
            }
            func combine(_ node: SlotRange) -> Double { partial[node] ?? combine(node.left) + combine(node.right) }
            #expect(combine(tree.root).bitPattern == whole.bitPattern, "V \(slots), P \(ranks)")
        }
    }

    private func sumDepthFirst(_ node: SlotRange, _ values: [Double]) -> Double {
        node.count == 1 ? values[node.low] : sumDepthFirst(node.left, values) + sumDepthFirst(node.right, values)
    }

    @Test("eight values are added as the tree says, not from left to right")
    func orderOfAdditions() {
        let v = [0x1p53, 1, 1, 1, -0x1p53, 1, 1]
        let expected = ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + v[6])
        #expect(SlotTree(slots: 7).sum(v) == expected)
        #expect(expected != v.reduce(0, +), "the example must tell the orders apart")
    }

    @Test(
        "depth-first addition holds as many arenas as `depth` says, and at most log2 of the slots, rounded up, and one")
    func depth() {
        for leaves in 1...1024 {
            let depth = SlotTree.depth(leaves: leaves)
            #expect(depth == arenasHeld(SlotRange(0, leaves)))
            #expect(depth <= 1 + (Int.bitWidth - (leaves - 1).leadingZeroBitCount), "\(leaves) leaves")
        }
    }

    /// Arenas in use at once: the left sum is held while the right one is made.
    private func arenasHeld(_ node: SlotRange) -> Int {
        node.count == 1 ? 1 : max(arenasHeld(node.left), 1 + arenasHeld(node.right))
    }
}

extension RandomStream {
    /// The first values, spread over many magnitudes so that the order of their addition shows.
    fileprivate func values(_ count: Int) -> [Double] {
        (0..<UInt64(count)).map { normal($0) * PortableMath.exp(normal($0 + 1_000_000) * 5) }
    }
}
