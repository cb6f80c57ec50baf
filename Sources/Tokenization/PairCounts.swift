/// How often each pair of neighbouring tokens is in the words, and in which words it came to be.
struct PairCounts {
    private static let vacant = UInt64.max

    /// Number of a pair by its key.   [a power of two]
    private var keys = [UInt64](repeating: vacant, count: 1 << 12)
    private var numbers = [Int32](repeating: 0, count: 1 << 12)
    /// By number.
    private var pairKeys: [UInt64] = []
    private var counts: [Int] = []
    /// Words in which a pair came to be since it was queued last.   [by number]
    private var newWords: [[Int32]] = []
    /// Pairs with new words.
    private var changed: [Int32] = []
    /// Words of the heap's entries.
    private var queuedWords: [[Int32]] = []

    /// Left id in the upper half, right id in the lower: its order is that of the pairs.
    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// How often the pair of a number is there.
    func count(_ pair: Int32) -> Int { counts[Int(pair)] }

    /// Adds to the count of a pair that came to be in `word`. All of a word's pairs come one after the other.
    mutating func add(_ count: Int, to left: Int32, _ right: Int32, in word: Int32) {
        let pair = number(Self.key(left, right))
        counts[pair] += count
        if newWords[pair].isEmpty { changed.append(Int32(pair)) }
        if newWords[pair].last != word { newWords[pair].append(word) }
    }

    mutating func remove(_ count: Int, from left: Int32, _ right: Int32) {
        counts[number(Self.key(left, right))] -= count
    }

    /// Puts the pairs with new words into the heap.
    mutating func queueChanged(in heap: inout PairHeap) {
        for pair in changed {
            let index = Int(pair)
            if counts[index] > 0 {
                heap.push(
                    PairHeap.Entry(
                        count: counts[index], key: pairKeys[index], pair: pair, words: Int32(queuedWords.count)))
                queuedWords.append(newWords[index])
            }
            newWords[index] = []
        }
        changed.removeAll(keepingCapacity: true)
    }

    /// The words of an entry, which no longer keeps them.
    mutating func takeWords(_ index: Int32) -> [Int32] {
        defer { queuedWords[Int(index)] = [] }
        return queuedWords[Int(index)]
    }

    private mutating func number(_ key: UInt64) -> Int {
        let place = place(of: key)
        if keys[place] == key { return Int(numbers[place]) }
        keys[place] = key
        numbers[place] = Int32(pairKeys.count)
        pairKeys.append(key)
        counts.append(0)
        newWords.append([])
        if 2 * pairKeys.count > keys.count { grow() }
        return pairKeys.count - 1
    }

    @inline(__always)
    private func place(of key: UInt64) -> Int {
        let mask = keys.count - 1
        let mixed = key &* 0x9E37_79B9_7F4A_7C15
        var place = Int(truncatingIfNeeded: mixed ^ mixed >> 29) & mask
        while keys[place] != key, keys[place] != Self.vacant { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let size = 2 * keys.count
        keys = [UInt64](repeating: Self.vacant, count: size)
        numbers = [Int32](repeating: 0, count: size)
        for (number, key) in pairKeys.enumerated() {
            let place = place(of: key)
            keys[place] = key
            numbers[place] = Int32(number)
        }
    }
}

/// A binary heap of pairs: highest count first, of equal ones the smaller pair.
struct PairHeap {
    struct Entry {
        let count: Int
        /// Left id in the upper half, right id in the lower.
        let key: UInt64
        /// Its number in `PairCounts`.
        let pair: Int32
        /// The place of its words there.
        let words: Int32

        func precedes(_ other: Entry) -> Bool { count != other.count ? count > other.count : key < other.key }
    }

    private var entries: [Entry] = []

    mutating func push(_ entry: Entry) {
        var place = entries.count
        entries.append(entry)
        while place > 0 {
            let parent = (place - 1) / 2
            if !entry.precedes(entries[parent]) { break }
            entries[place] = entries[parent]
            place = parent
        }
        entries[place] = entry
    }

    mutating func popMaximum() -> Entry? {
        guard let maximum = entries.first, let last = entries.popLast() else { return nil }
        if entries.isEmpty { return maximum }
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
            if !entries[child].precedes(last) { break }
            entries[place] = entries[child]
            place = child
        }
        entries[place] = last
        return maximum
    }
}
