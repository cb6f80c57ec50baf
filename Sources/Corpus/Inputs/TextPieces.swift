import Experiment

/// Bytes that are not text, under `InvalidText.error`.
struct InvalidBytes: Error, Equatable {
    /// Of the first of them, from the start of the document.
    let offset: Int
    /// A zero byte: the sign of a binary file.
    let isZero: Bool
}

/// The pieces of one document as its bytes come in: consecutive 64 KiB of its text, each cut backed up to the start of
/// a character. The cuts are made in the text that remains after invalid sequences became U+FFFD, so they depend on
/// the document alone, never on how its bytes were cut on their way here. Holds about one piece and one chunk.
struct TextPieces {
    /// Bytes of a piece. Hashes of pieces decide what is held out: another size is another split.
    static let pieceBytes = 65_536

    struct Piece: Equatable {
        let text: [UInt8]
        let isText: Bool
        let replaced: Int
    }

    private let invalid: InvalidText
    private let zeroIsText: Bool
    /// Text; its first `taken` bytes are in pieces already.
    private var text: [UInt8] = []
    private var taken = 0
    /// Places in `text` of the U+FFFD that stand for invalid sequences, ascending; the first `counted` are in pieces.
    private var replacements: [Int] = []
    private var counted = 0
    /// Bytes of a character whose end has not come.
    private var unfinished: [UInt8] = []
    /// Bytes of the document in front of `unfinished`.
    private var offset = 0
    private var isComplete = false
    private var isText = true

    /// - Parameter zeroIsText: a zero byte in a file is the sign of a binary one; in a JSON string it was written down.
    init(_ invalid: InvalidText, zeroIsText: Bool = false) {
        self.invalid = invalid
        self.zeroIsText = zeroIsText
    }

    /// Takes the document's next bytes, of any number.
    /// - Parameter isLast: they are its end.
    /// - Throws: `InvalidBytes` for the first that is no text, under `.error`.
    mutating func append(_ bytes: [UInt8], isLast: Bool) throws(InvalidBytes) {
        compact()
        let bytes = unfinished.isEmpty ? bytes : unfinished + bytes
        let end = isLast ? bytes.count : Self.endOfCharacters(bytes)
        var zero = zeroIsText ? nil : bytes[..<end].firstIndex(of: 0)
        var start = 0
        while let wrong = Self.firstInvalid(in: bytes, start..<(zero ?? end)) ?? zero.map({ $0..<$0 + 1 }) {
            guard invalid != .error else {
                throw InvalidBytes(offset: offset + wrong.lowerBound, isZero: wrong.lowerBound == zero)
            }
            text += bytes[start..<wrong.lowerBound]
            replacements.append(text.count)
            text += [0xEF, 0xBF, 0xBD]
            start = wrong.upperBound
            if let passed = zero, passed < start { zero = bytes[start..<end].firstIndex(of: 0) }
        }
        text += bytes[start..<end]
        unfinished = Array(bytes[end...])
        offset += end
        isComplete = isLast
    }

    /// The next piece; nil where more bytes are needed, or at the end.
    mutating func next() -> Piece? {
        guard text.count - taken > Self.pieceBytes || (isComplete && text.count > taken) else { return nil }
        let end = cut
        let counted = counted
        while self.counted < replacements.count, replacements[self.counted] < end { self.counted += 1 }
        let replaced = self.counted - counted
        if invalid == .skip, replaced > 0 { isText = false }
        defer { taken = end }
        return Piece(
            text: Array(text[taken..<end]), isText: isText, replaced: invalid == .replace ? replaced : 0)
    }

    /// Where the piece that starts at `taken` ends.
    private var cut: Int {
        guard text.count - taken > Self.pieceBytes else { return text.count }
        var end = taken + Self.pieceBytes
        while text[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }

    /// Forgets what is in pieces.
    private mutating func compact() {
        text.removeSubrange(..<taken)
        let places = replacements[counted...].map { $0 - taken }
        (replacements, taken, counted) = (places, 0, 0)
    }

    /// Where a character starts at the end of `bytes` that may go on behind them; their count for none. An invalid
    /// sequence never reaches across the start of a character, so a cut there changes none.
    private static func endOfCharacters(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            return length > back ? bytes.count - back : bytes.count
        }
        return bytes.count
    }

    /// The first maximal invalid sequence in a range; nil for none. O(its place).
    private static func firstInvalid(in bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span.extracting(range))
            return nil
        } catch {
            let wrong = error.byteOffsets
            return range.lowerBound + wrong.lowerBound..<range.lowerBound + wrong.upperBound
        }
    }
}
