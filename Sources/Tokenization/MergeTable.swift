/// What two neighbouring tokens become, and how early: open addressing, one probe for most pairs.
struct MergeTable: Sendable {
    /// Stands for no merge; above every rank.
    static let none = UInt64.max

    /// Left id in the upper half, right id in the lower; `vacant` for a free place.   [a power of two]
    private var keys: [UInt64]
    /// Rank in the upper half, id of the product in the lower; the order of these is the order of merging.
    private var values: [UInt64]
    private static let vacant = UInt64.max

    /// - Parameter merges: by rank. A pair has its last rank where it comes more than once.
    init(_ merges: [Merge]) {
        var size = 16
        while size < 3 * merges.count { size *= 2 }
        keys = [UInt64](repeating: Self.vacant, count: size)
        values = [UInt64](repeating: Self.none, count: size)
        for (rank, merge) in merges.enumerated() {
            let key = Self.key(merge.left, merge.right)
            let place = place(of: key)
            keys[place] = key
            values[place] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merge.product))
        }
    }

    /// Rank and product of a pair, as in `values`; `none` where it is not merged.
    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> UInt64 { values[place(of: Self.key(left, right))] }

    /// The product in a value of `merge`.
    @inline(__always)
    static func product(_ value: UInt64) -> Int32 { Int32(truncatingIfNeeded: value) }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private func place(of key: UInt64) -> Int {
        let mask = keys.count - 1
        let mixed = key &* 0x9E37_79B9_7F4A_7C15
        var place = Int(truncatingIfNeeded: mixed ^ mixed >> 29) & mask
        while keys[place] != key, keys[place] != Self.vacant { place = (place + 1) & mask }
        return place
    }
}

/// Two tokens that become one. Its rank is its place in the list.
struct Merge: Hashable, Sendable {
    let left: Int32
    let right: Int32
    let product: Int32
}
