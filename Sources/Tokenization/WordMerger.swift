/// Merges the bytes of one pre-token: again and again the pair of lowest rank, the leftmost of several. Its arrays are
/// used again for the next one.
struct WordMerger: Sendable {
    /// Up to here a plain search for the lowest rank is faster than a heap.
    private static let shortWord = 64

    /// The tokens of the word; after `merge` those that are left.
    fileprivate(set) var symbols: [Int32] = []
    /// Of a symbol with the next one that is left: rank and product as in `MergeTable`.
    private var merges: [UInt64] = []
    // Of long words only: neighbours, and what may be merged, by rank and then position.
    private var previous: [Int32] = []
    private var next: [Int32] = []
    private var heap = MinimumHeap()

    /// Leaves the tokens of `text[range]` in `symbols`. O(n log n).
    mutating func merge(_ text: Span<UInt8>, _ range: Range<Int>, byteIDs: [Int32], table: MergeTable) {
        symbols.removeAll(keepingCapacity: true)
        for position in range { symbols.append(byteIDs[Int(text[position])]) }
        merges.removeAll(keepingCapacity: true)
        for index in 1..<max(symbols.count, 1) { merges.append(table.merge(symbols[index - 1], symbols[index])) }
        merges.append(MergeTable.none)
        if symbols.count <= Self.shortWord { mergeShort(table) } else { mergeLong(table) }
    }

    private mutating func mergeShort(_ table: MergeTable) {
        var count = symbols.count
        while true {
            var best = MergeTable.none
            var place = 0
            for index in 0..<count - 1 where merges[index] < best {
                best = merges[index]
                place = index
            }
            if best == MergeTable.none { break }
            symbols[place] = MergeTable.product(best)
            count -= 1
            for index in place + 1..<max(count, place + 1) {
                symbols[index] = symbols[index + 1]
                merges[index] = merges[index + 1]
            }
            merges[place] =
                place + 1 < count ? table.merge(symbols[place], symbols[place + 1]) : MergeTable.none
            if place > 0 { merges[place - 1] = table.merge(symbols[place - 1], symbols[place]) }
        }
        symbols.removeLast(symbols.count - count)
    }

    /// Positions stay; a merged symbol's right half becomes -1. An entry of the heap is out of date where the pair at
    /// its position has another rank by now.
    private mutating func mergeLong(_ table: MergeTable) {
        let count = symbols.count
        previous = (0..<Int32(count)).map { $0 - 1 }
        next = (1...Int32(count)).map { $0 }
        heap.removeAll()
        for position in 0..<count { push(position) }
        while let entry = heap.popMinimum() {
            let position = Int(entry & 0xFFFF_FFFF)
            guard symbols[position] >= 0, merges[position] != MergeTable.none, merges[position] >> 32 == entry >> 32
            else { continue }
            mergePair(at: position, table)
        }
        symbols.removeAll { $0 < 0 }
    }

    private mutating func mergePair(at position: Int, _ table: MergeTable) {
        let right = Int(next[position])
        let behind = Int(next[right])
        symbols[position] = MergeTable.product(merges[position])
        symbols[right] = -1
        next[position] = Int32(behind)
        merges[position] = MergeTable.none
        if behind < symbols.count {
            previous[behind] = Int32(position)
            merges[position] = table.merge(symbols[position], symbols[behind])
            push(position)
        }
        let before = Int(previous[position])
        if before >= 0 {
            merges[before] = table.merge(symbols[before], symbols[position])
            push(before)
        }
    }

    private mutating func push(_ position: Int) {
        guard merges[position] != MergeTable.none else { return }
        heap.push(merges[position] & ~0xFFFF_FFFF | UInt64(position))
    }
}

/// A binary heap of numbers, smallest first. Push and pop: O(log n).
struct MinimumHeap: Sendable {
    private var entries: [UInt64] = []

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    mutating func push(_ entry: UInt64) {
        var place = entries.count
        entries.append(entry)
        while place > 0 {
            let parent = (place - 1) / 2
            if entries[parent] <= entry { break }
            entries[place] = entries[parent]
            place = parent
        }
        entries[place] = entry
    }

    mutating func popMinimum() -> UInt64? {
        guard let minimum = entries.first, let last = entries.popLast() else { return nil }
        if entries.isEmpty { return minimum }
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            if last <= entries[child] { break }
            entries[place] = entries[child]
            place = child
        }
        entries[place] = last
        return minimum
    }
}

extension WordMerger {
    /// One token and no merging.
    mutating func take(_ id: Int32) { symbols = [id] }
}
