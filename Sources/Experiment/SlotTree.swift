/// A node of the fixed tree: the slots [low, high).
public struct SlotRange: Sendable, Hashable {
    public let low: Int
    public let high: Int

    public init(_ low: Int, _ high: Int) {
        self.low = low
        self.high = high
    }

    public var count: Int { high - low }
    /// Where the node splits (DESIGN §2): the left child is never smaller than the right one.
    public var middle: Int { (low + high + 1) / 2 }
    public var left: SlotRange { SlotRange(low, middle) }
    public var right: SlotRange { SlotRange(middle, high) }

    public func contains(_ other: SlotRange) -> Bool { low <= other.low && other.high <= high }
}

/// The one order of additions: a binary tree over the slots, whoever carries them out.
public struct SlotTree: Sendable, Equatable {
    public let slots: Int

    /// - Precondition: `slots` > 0.
    public init(slots: Int) {
        precondition(slots > 0, "a tree needs at least one slot")
        self.slots = slots
    }

    public var root: SlotRange { SlotRange(0, slots) }

    /// The slots of rank `rank` of `ranks`.
    public func leaves(rank: Int, ranks: Int) -> SlotRange {
        SlotRange(rank * slots / ranks, (rank + 1) * slots / ranks)
    }

    /// The maximal subtrees inside a range, left to right: what a rank can add up by itself.
    public func maximalSubtrees(in range: SlotRange) -> [SlotRange] { maximalSubtrees(in: [range]) }

    /// The maximal subtrees whose slots are all in some of the ranges, left to right: what several ranks can add up
    /// together.
    /// - Precondition: the ranges do not overlap.
    public func maximalSubtrees(in ranges: [SlotRange]) -> [SlotRange] {
        // Neighbours become one.
        var areas: [SlotRange] = []
        for range in ranges.sorted(by: { $0.low < $1.low }) where range.count > 0 {
            if let last = areas.last, last.high == range.low {
                areas[areas.count - 1] = SlotRange(last.low, range.high)
            } else {
                areas.append(range)
            }
        }
        func cover(_ node: SlotRange) -> [SlotRange] {
            if areas.contains(where: { $0.contains(node) }) { return [node] }
            if !areas.contains(where: { node.low < $0.high && $0.low < node.high }) { return [] }
            return cover(node.left) + cover(node.right)
        }
        return cover(root)
    }

    /// The arenas that depth-first addition of a subtree of `leaves` slots needs at once.
    public static func depth(leaves: Int) -> Int {
        leaves <= 1 ? 1 : max(depth(leaves: (leaves + 1) / 2), 1 + depth(leaves: leaves / 2))
    }

    /// The sum of one value per slot, added in the tree's order.
    public func sum(_ values: [Double]) -> Double {
        precondition(values.count == slots, "one value per slot")
        func total(_ node: SlotRange) -> Double {
            node.count == 1 ? values[node.low] : total(node.left) + total(node.right)
        }
        return total(root)
    }
}
