/// Byte strings, numbered from 0 in the order in which they first came. Open addressing over one arena: no allocation
/// for a string, O(length) for looking it up.
struct ByteStringTable: Sendable {
    /// All strings, one after the other.
    private(set) var arena: [UInt8] = []
    /// Where each begins, and where the last ends.   [count + 1]
    private var starts: [Int] = [0]
    /// Of each string.   [count]
    private var hashes: [UInt64] = []
    /// Number of a string + 1; 0 for a free place.   [a power of two]
    private var places: [Int32]

    init(capacity: Int = 16) {
        var size = 32
        while size < 2 * capacity { size *= 2 }
        places = [Int32](repeating: 0, count: size)
    }

    /// How many there are.
    var count: Int { hashes.count }

    /// Where a string lies in `arena`.
    func range(_ index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }

    /// A string's bytes.
    subscript(index: Int) -> ArraySlice<UInt8> { arena[range(index)] }

    /// The number of `text[range]`, nil where it has none.
    func find(_ text: Span<UInt8>, _ range: Range<Int>) -> Int? {
        let place = place(of: text, range, Self.hash(text, range))
        return places[place] == 0 ? nil : Int(places[place]) - 1
    }

    /// The number of a string, nil where it has none.
    func find(_ text: [UInt8]) -> Int? { find(text.span, 0..<text.count) }

    /// The number of `text[range]`, which gets the next one where it has none.
    mutating func insert(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
        insert(text, range, hash: Self.hash(text, range))
    }

    /// The number of a string, which gets the next one where it has none.
    mutating func insert(_ text: [UInt8]) -> Int { insert(text.span, 0..<text.count) }

    /// The number of another table's string here.
    mutating func insert(_ index: Int, of other: ByteStringTable) -> Int {
        insert(other.arena.span, other.range(index), hash: other.hashes[index])
    }

    private mutating func insert(_ text: Span<UInt8>, _ range: Range<Int>, hash: UInt64) -> Int {
        let place = place(of: text, range, hash)
        if places[place] != 0 { return Int(places[place]) - 1 }
        for position in range { arena.append(text[position]) }
        starts.append(arena.count)
        hashes.append(hash)
        places[place] = Int32(hashes.count)
        if 2 * hashes.count > places.count { grow() }
        return hashes.count - 1
    }

    /// Where the string is, or would be.
    @inline(__always)
    private func place(of text: Span<UInt8>, _ range: Range<Int>, _ hash: UInt64) -> Int {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != 0, !holds(Int(places[place]) - 1, text, range, hash) { place = (place + 1) & mask }
        return place
    }

    @inline(__always)
    private func holds(_ index: Int, _ text: Span<UInt8>, _ range: Range<Int>, _ hash: UInt64) -> Bool {
        guard hashes[index] == hash else { return false }
        let start = starts[index]
        guard starts[index + 1] - start == range.count else { return false }
        for offset in 0..<range.count where arena[start + offset] != text[range.lowerBound + offset] { return false }
        return true
    }

    private mutating func grow() {
        var larger = [Int32](repeating: 0, count: 2 * places.count)
        let mask = larger.count - 1
        for (index, hash) in hashes.enumerated() {
            var place = Int(truncatingIfNeeded: hash) & mask
            while larger[place] != 0 { place = (place + 1) & mask }
            larger[place] = Int32(index + 1)
        }
        places = larger
    }

    /// Every bit of the string reaches every bit of the hash: eight bytes at a time, multiplied and folded.
    @inline(__always)
    private static func hash(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: range.count) &* 0x9E37_79B9_7F4A_7C15
        var word: UInt64 = 0
        var shift: UInt64 = 0
        for position in range {
            word |= UInt64(text[position]) << shift
            shift += 8
            if shift == 64 {
                hash = mixed(hash ^ word)
                (word, shift) = (0, 0)
            }
        }
        return shift == 0 ? hash : mixed(hash ^ word)
    }

    @inline(__always)
    private static func mixed(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.high ^ product.low
    }
}
