/// Says of a hash that it is surely not in a set: two bits of one word per hash of the set (a Bloom filter; Bloom
/// 1970), in 16 to 32 bits for each, so that one or two in a hundred of the others must still be looked up. Small
/// enough for a core's cache where the set is not.
struct HashFilter {
    private var words: [UInt64]
    private let mask: Int

    /// - Parameter capacity: hashes that the set has.
    init(capacity: Int) {
        var count = 1
        while count * 64 < capacity * 16 { count *= 2 }
        words = Array(repeating: 0, count: count)
        mask = count - 1
    }

    var stateBytes: Int { words.count * MemoryLayout<UInt64>.stride }

    mutating func insert(_ hash: UInt64) { words[word(hash)] |= bits(hash) }

    func mayHold(_ hash: UInt64) -> Bool { words[word(hash)] & bits(hash) == bits(hash) }

    /// The bits come from the top of the hash, the word from the middle: the low ones may have been selected for.
    private func word(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 20) & mask }

    private func bits(_ hash: UInt64) -> UInt64 { 1 << (hash >> 58) | 1 << (hash >> 52 & 63) }
}
