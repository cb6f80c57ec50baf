/// What the patterns of pre-tokenization ask of a character: letter, number, white space, end of a line, or none.
///
/// A byte that is no part of valid UTF-8 is a character of its own, of class `other`: such text keeps all its bytes.
struct CharacterClasses: Sendable {
    static let other: UInt8 = 0
    static let letter: UInt8 = 1
    static let number: UInt8 = 2
    /// White space but carriage return and line feed. All classes from here on are white space.
    static let blank: UInt8 = 3
    /// Carriage return and line feed.
    static let lineEnd: UInt8 = 4
    /// In `byBytes`: the first byte of a longer character, or none.
    private static let beyondASCII: UInt8 = 0xFF

    /// Made once; about 60 KB.
    static let shared = CharacterClasses()

    /// The class of a character of one byte.   [256]
    private let byBytes: [UInt8]
    /// For each 256 code points, where their classes begin in `blocks`.   [0x1100]
    private let starts: [Int32]
    /// Classes of 256 code points each; equal blocks are kept once.
    private let blocks: [UInt8]

    private init() {
        var all = [UInt8](repeating: Self.other, count: 0x110000)
        let tables = [
            (Self.letterRanges, Self.letter), (Self.numberRanges, Self.number), (Self.whiteSpaceRanges, Self.blank),
        ]
        for (text, kind) in tables {
            for range in Self.ranges(text) {
                for scalar in range { all[scalar] = kind }
            }
        }
        all[0x0A] = Self.lineEnd
        all[0x0D] = Self.lineEnd
        byBytes = (0..<256).map { $0 < 0x80 ? all[$0] : Self.beyondASCII }
        var blocks = ByteStringTable(capacity: 1024)
        starts = stride(from: 0, to: all.count, by: 256).map { first in
            Int32(256 * blocks.insert(all.span, first..<first + 256))
        }
        self.blocks = blocks.arena
    }

    /// The ranges of a table: hexadecimal numbers and pairs of them.
    static func ranges(_ table: String) -> [ClosedRange<Int>] {
        table.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x0A }).map { word in
            let ends = word.split(separator: UInt8(ascii: "-")).map { digits in
                digits.reduce(0) { 16 * $0 + Int($1 < 0x41 ? $1 - 0x30 : $1 - 0x41 + 10) }
            }
            return ends[0]...ends[ends.count - 1]
        }
    }

    /// The class and the length in bytes of the character at `position`, which is inside of `text`.
    @inline(__always)
    func character(in text: Span<UInt8>, at position: Int) -> (kind: UInt8, length: Int) {
        let kind = byBytes[Int(text[position])]
        return kind == Self.beyondASCII ? longCharacter(in: text, at: position) : (kind, 1)
    }

    /// Strict UTF-8, as Unicode's table 3-7 has it: no surrogates, nothing longer than needed, nothing above 10FFFF.
    @inline(never)
    private func longCharacter(in text: Span<UInt8>, at position: Int) -> (kind: UInt8, length: Int) {
        let first = text[position]
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard first >= 0xC2, first <= 0xF4, position + length <= text.count else { return (Self.other, 1) }
        var scalar = Int(first) & (length == 4 ? 0x07 : length == 3 ? 0x0F : 0x1F)
        for offset in 1..<length {
            let byte = text[position + offset]
            guard byte & 0xC0 == 0x80 else { return (Self.other, 1) }
            scalar = scalar << 6 | Int(byte & 0x3F)
        }
        let least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
        guard scalar >= least, scalar < 0x110000, !(0xD800...0xDFFF).contains(scalar) else { return (Self.other, 1) }
        return (blocks[Int(starts[scalar >> 8]) + scalar & 0xFF], length)
    }

    /// The class of the whole character that ends in front of `position`; nil where no valid one does.
    func characterClass(in text: Span<UInt8>, endingAt position: Int) -> UInt8? {
        for length in 1...4 where length <= position {
            let start = position - length
            if text[start] & 0xC0 == 0x80 { continue }
            let found = character(in: text, at: start)
            return found.length == length ? found.kind : nil
        }
        return nil
    }
}
