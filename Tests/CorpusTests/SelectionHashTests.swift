import Testing

@testable import Corpus

@Suite("Hashes and sets of them")
struct SelectionHashTests {
    @Test("hashes are those of their authors")
    func known() {
        // The first two of SplitMix64 from seed 0, and FNV-1a of "a" and "foobar".
        #expect(MixedHash.mix(0x9E37_79B9_7F4A_7C15) == 0xE220_A839_7B1D_CDAF)
        #expect(MixedHash.mix(0x3C6E_F372_FE94_F82A) == 0x6E78_9E6A_A1B9_65F4)
        func fnv(_ text: String) -> UInt64 { text.utf8.reduce(MixedHash.start, MixedHash.step) }
        #expect(fnv("a") == 0xAF63_DC4C_8601_EC8C && fnv("foobar") == 0x8594_4171_F739_67E8)
    }

    @Test("a rolling hash is that of its window alone")
    func rolling() {
        let words = (1...40).map { MixedHash.mix($0) }
        var rolling = RollingHash(window: 5)
        for at in 0..<40 {
            rolling.roll(entering: words[at], leaving: at < 5 ? 0 : words[at - 5])
            let window = words[max(0, at - 4)...at]
            #expect(rolling.value == window.reduce(0) { $0 &* RollingHash.multiplier &+ $1 })
        }
    }

    @Test("a set of hashes holds what was put in, with its marks, however it grows and is thinned")
    func set() {
        var set = HashSet64()
        // 0 too, and many that want the same place.
        let hashes = (0..<3_000).map { $0 % 3 == 0 ? UInt64($0) : MixedHash.mix(UInt64($0)) }
        let isNew = (hashes + hashes).map { set.insert($0) }
        #expect(isNew.prefix(3_000).allSatisfy { $0 } && !isNew.suffix(3_000).contains(true))
        for hash in hashes.prefix(1_000) { set.mark(hash) }
        set.mark(hashes[0])
        set.mark(12_345_678)
        #expect(set.count == 3_000 && set.markedCount == 1_000)
        set.keep { $0 % 2 == 0 }
        #expect(set.count == hashes.count { $0 % 2 == 0 })
        #expect(set.markedCount == hashes.prefix(1_000).count { $0 % 2 == 0 })
        set.removeAll()
        #expect(set.count == 0 && set.markedCount == 0)
        set.insert(hashes[1])
        #expect(set.count == 1)
    }

    @Test("a filter never denies a hash that it holds, and nearly always one that it does not")
    func filter() {
        for count in [0, 1, 1_000, 10_000] {
            var filter = HashFilter(capacity: count)
            for i in 0..<count { filter.insert(MixedHash.mix(UInt64(i))) }
            #expect((0..<count).allSatisfy { filter.mayHold(MixedHash.mix(UInt64($0))) })
            let wrong = (20_000..<30_000).count { filter.mayHold(MixedHash.mix($0)) }
            #expect(wrong < 300, "\(wrong) of 10,000, with \(count) held")
        }
    }

    @Test("a table of bands names the newest document with a tag")
    func bands() {
        var table = BandTable()
        var newest: [UInt32: UInt32] = [:]
        for document: UInt32 in 1...5_000 {
            // Tag 0 too, and many that want the same place.
            let tag = (document * document % 997) << 16
            #expect(table.document(tag) == newest[tag] ?? 0)
            let before = table.replace(tag, by: document)
            #expect(before == newest.updateValue(document, forKey: tag) ?? 0)
        }
        #expect(newest.allSatisfy { table.document($0.key) == $0.value } && table.document(1) == 0)
    }
}
