/// A set of well-mixed 64-bit hashes with a mark on each, in open addressing with linear probing. A hash is in one
/// place of 9 bytes, and between 3/8 and 3/4 of the places are taken: 12 to 24 bytes a hash, 36 while it grows.
struct HashSet64 {
    /// The hash in each place; 0 for none.
    private var places: [UInt64]
    private var marks: [Bool]
    private(set) var count = 0
    private(set) var markedCount = 0

    init() {
        places = Array(repeating: 0, count: Self.smallest)
        marks = Array(repeating: false, count: Self.smallest)
    }

    private static let smallest = 64

    /// Bytes of the tables.
    var stateBytes: Int { places.count * (MemoryLayout<UInt64>.stride + MemoryLayout<Bool>.stride) }

    /// Adds a hash. False when it is there already.
    @discardableResult
    mutating func insert(_ hash: UInt64) -> Bool {
        let key = Self.key(hash)
        var place = find(key)
        if places[place] != 0 { return false }
        if (count + 1) * 4 > places.count * 3 {
            rebuild(places: places.count * 2) { _ in true }
            place = find(key)
        }
        places[place] = key
        count += 1
        return true
    }

    /// Marks a hash if it is there.
    mutating func mark(_ hash: UInt64) {
        let place = find(Self.key(hash))
        guard places[place] != 0, !marks[place] else { return }
        marks[place] = true
        markedCount += 1
    }

    /// Drops the hashes that are not wanted.
    mutating func keep(where isWanted: (UInt64) -> Bool) { rebuild(places: places.count, keeping: isWanted) }

    /// Empties the set; a large one gives its memory back, so that a small document does not pay for a large one.
    mutating func removeAll() {
        guard count > 0 else { return }
        self = HashSet64()
    }

    /// In no order that means anything.
    var hashes: some Sequence<UInt64> { places.lazy.filter { $0 != 0 } }

    /// 0 says "no hash", so it lends another's name; one in 2^64.
    private static func key(_ hash: UInt64) -> UInt64 { hash == 0 ? 1 << 63 : hash }

    /// Where the key is, or where it would go. From the high bits, since the low ones may have been selected for.
    private func find(_ key: UInt64) -> Int {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: key >> UInt64(key.bitWidth - places.count.trailingZeroBitCount))
        while places[place] != 0, places[place] != key { place = (place + 1) & mask }
        return place
    }

    private mutating func rebuild(places newCount: Int, keeping isWanted: (UInt64) -> Bool) {
        let (old, oldMarks) = (places, marks)
        places = Array(repeating: 0, count: newCount)
        marks = Array(repeating: false, count: newCount)
        (count, markedCount) = (0, 0)
        for (key, isMarked) in zip(old, oldMarks) where key != 0 && isWanted(key) {
            let place = find(key)
            places[place] = key
            marks[place] = isMarked
            count += 1
            markedCount += isMarked ? 1 : 0
        }
    }
}
