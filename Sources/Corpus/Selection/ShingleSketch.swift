/// The signature of a document from its shingles, the five-word stretches that start at every word, added in pieces.
/// 2 KiB, however long the document is.
///
/// A word of a text is a stretch of ASCII letters and digits and other characters, without regard to ASCII case.
/// ASCII punctuation, controls and white space, and U+2000 to U+2FFF (dashes, quotes, symbols), part words. From
/// U+3000 on, where scripts are written without spaces (and emoji), every character is a word. So a copy with other
/// line breaks, punctuation or case has the same signature.
struct ShingleSketch {
    /// Words of a shingle.
    static let shingleWords = 5

    /// Smallest shingle hash in each bin; `UInt64.max` in an empty one.
    private var smallest = [UInt64](repeating: .max, count: MinHash.count)
    /// Hashes of the last five words, in a ring.
    private var recent = [UInt64](repeating: 0, count: shingleWords)
    private var rolling = RollingHash(window: shingleWords)
    private var words = 0
    /// Of the word so far; meaningful inside one.
    private var hash = MixedHash.start
    private var scan = Scan.between

    /// Where in a text the last byte was.
    private enum Scan { case between, inWord, inOwnWord }

    var stateBytes: Int { (smallest.capacity + recent.capacity) * MemoryLayout<UInt64>.stride }

    mutating func add(text: [UInt8]) {
        // In local variables, which stay in registers.
        var (hash, scan) = (self.hash, self.scan)
        let kinds = Self.kinds
        for byte in text {
            switch kinds[Int(byte)] {
            case .part:
                if scan == .inOwnWord { addWord(hash) }
                hash = MixedHash.step(scan == .inWord ? hash : MixedHash.start, Self.lowercase(byte))
                scan = .inWord
            case .separator:
                if scan != .between { addWord(hash) }
                scan = .between
            case .continuation:
                // Belongs to what its character is.
                if scan != .between { hash = MixedHash.step(hash, byte) }
            case .ownWord:
                if scan != .between { addWord(hash) }
                hash = MixedHash.step(MixedHash.start, byte)
                scan = .inOwnWord
            }
        }
        (self.hash, self.scan) = (hash, scan)
    }

    /// A token is a word.
    mutating func add(tokens: [Int32]) {
        for id in tokens { addWord(UInt64(UInt32(bitPattern: id))) }
    }

    /// The signature; nil for fewer than five words. Starts anew.
    mutating func finish() -> MinHash? {
        if scan != .between { addWord(hash) }
        scan = .between
        let signature = MinHash(smallest: smallest)
        if words > 0 {
            for bin in smallest.indices { smallest[bin] = .max }
            for at in recent.indices { recent[at] = 0 }
            rolling = RollingHash(window: Self.shingleWords)
            words = 0
        }
        return signature
    }

    private mutating func addWord(_ hash: UInt64) {
        let word = MixedHash.mix(hash)
        let at = words % Self.shingleWords
        rolling.roll(entering: word, leaving: recent[at])
        recent[at] = word
        words += 1
        guard words >= Self.shingleWords else { return }
        let shingle = MixedHash.mix(rolling.value)
        let bin = Int(truncatingIfNeeded: shingle >> 57)
        if shingle < smallest[bin] { smallest[bin] = shingle }
    }
}

extension ShingleSketch {
    private enum Kind { case separator, part, continuation, ownWord }

    /// What a byte of UTF-8 is to words.
    private static let kinds: [Kind] = (0...255).map { (byte: UInt8) in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            .part
        case 0x80...0xBF: .continuation
        // Leads of U+0080 to U+1FFF.
        case 0xC0...0xE1: .part
        // Leads of U+3000 and above.
        case 0xE3...: .ownWord
        default: .separator
        }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
