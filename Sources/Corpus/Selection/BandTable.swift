/// For the tag of a band's values, the newest document that has it, in open addressing with linear probing. 8 bytes a
/// place, and between 3/8 and 3/4 of the places are taken: 11 to 21 bytes a tag, 32 while it grows.
struct BandTable {
    /// Tag in the high half and document in the low one; 0 for none.
    private var places = [UInt64](repeating: 0, count: 64)
    private var count = 0

    /// The document with this tag; 0 for none. Documents are numbered from 1.
    func document(_ tag: UInt32) -> UInt32 { UInt32(truncatingIfNeeded: places[find(tag)]) }

    /// Makes `document` the newest one with this tag; returns the one that was, 0 for none.
    mutating func replace(_ tag: UInt32, by document: UInt32) -> UInt32 {
        if (count + 1) * 4 > places.count * 3 { grow() }
        let place = find(tag)
        let before = UInt32(truncatingIfNeeded: places[place])
        places[place] = UInt64(tag) << 32 | UInt64(document)
        count += before == 0 ? 1 : 0
        return before
    }

    /// Where the tag is, or where it would go.
    private func find(_ tag: UInt32) -> Int {
        let mask = places.count - 1
        var place = Int(tag) & mask
        while places[place] != 0, places[place] >> 32 != UInt64(tag) { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let old = places
        places = Array(repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 { places[find(UInt32(truncatingIfNeeded: entry >> 32))] = entry }
    }
}
