/// The tokens of short words that came lately: of up to 15 bytes and 4 tokens. Each word has one place, which it loses
/// to the next word of that place. 2 MiB.
struct WordCache: Sendable {
    /// Bytes of the longest word that has a place.
    static let longestWord = 15
    private static let placeBits: UInt64 = 16
    /// Stands for no token.
    static let noToken: Int32 = -1

    /// A word of up to 15 bytes: the bytes, and the length in the last.
    struct Key: Sendable {
        var low: UInt64 = 0
        var high: UInt64 = 0
    }

    /// Its tokens; `noToken` behind the last.
    struct Tokens: Sendable {
        var first: Int32 = noToken
        var second: Int32 = noToken
        var third: Int32 = noToken
        var fourth: Int32 = noToken
    }

    private struct Entry: Sendable {
        var key = Key()
        var tokens = Tokens()
    }

    private var entries = [Entry](repeating: Entry(), count: 1 << Int(placeBits))

    /// `text[range]` as a key. The word has 1 to 15 bytes, so its key is not the one of an empty place.
    @inline(__always)
    static func key(_ text: Span<UInt8>, _ range: Range<Int>) -> Key {
        var key = Key(low: 0, high: UInt64(truncatingIfNeeded: range.count) << 56)
        var shift: UInt64 = 0
        for position in range {
            let byte = UInt64(text[position])
            if shift < 64 { key.low |= byte &<< shift } else { key.high |= byte &<< (shift &- 64) }
            shift &+= 8
        }
        return key
    }

    /// The tokens of a word, nil where they are not here.
    @inline(__always)
    func tokens(of key: Key) -> Tokens? {
        let entry = entries[Self.place(of: key)]
        return entry.key.low == key.low && entry.key.high == key.high ? entry.tokens : nil
    }

    /// Keeps the tokens of a word where there are four or less.
    mutating func keep(_ symbols: [Int32], for key: Key) {
        guard symbols.count <= 4 else { return }
        func token(_ index: Int) -> Int32 { index < symbols.count ? symbols[index] : Self.noToken }
        entries[Self.place(of: key)] = Entry(
            key: key, tokens: Tokens(first: token(0), second: token(1), third: token(2), fourth: token(3)))
    }

    @inline(__always)
    private static func place(of key: Key) -> Int {
        let mixed = (key.low ^ (key.high &* 0xA076_1D64_78BD_642F)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: (mixed ^ mixed << 17) >> (64 - placeBits))
    }
}
