/// The content of a JSON string, whose escapes have been checked, as bytes.
enum JSONString {
    /// The content at `range`, escapes undone. Half a surrogate pair is no character: it becomes the byte 0xFF, which
    /// is never part of UTF-8, so that it is treated as all invalid text is.
    static func decoded(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
        var decoder = Decoder(bytes: bytes, range: range)
        decoder.run(until: .max)
        return decoder.text
    }

    /// Where in `bytes` the byte comes from that is at `offset` in the decoded content. O(offset).
    static func position(of offset: Int, in bytes: [UInt8], _ range: Range<Int>) -> Int {
        var decoder = Decoder(bytes: bytes, range: range)
        return decoder.run(until: offset)
    }

    /// What a character behind a backslash stands for; nil for those that stand for nothing.
    static func simpleEscape(_ kind: UInt8) -> UInt8? {
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): kind
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        default: nil
        }
    }

    private struct Decoder {
        let bytes: [UInt8]
        let range: Range<Int>
        var text: [UInt8] = []

        /// Decodes until `text` has more than `limit` bytes; returns where the byte at `limit` came from.
        @discardableResult
        mutating func run(until limit: Int) -> Int {
            text.reserveCapacity(min(range.count, limit))
            var place = range.lowerBound
            while place < range.upperBound {
                let end = bytes[place..<range.upperBound].firstIndex(of: .backslash) ?? range.upperBound
                if limit - text.count < end - place { return place + limit - text.count }
                text += bytes[place..<end]
                guard end < range.upperBound else { break }
                place = end + escape(at: end)
                if text.count > limit { return end }
            }
            return range.upperBound
        }

        /// Appends what the escape at `place` stands for; returns its length.
        private mutating func escape(at place: Int) -> Int {
            if let byte = JSONString.simpleEscape(bytes[place + 1]) {
                text.append(byte)
                return 2
            }
            let unit = codeUnit(at: place)
            if let scalar = Unicode.Scalar(unit) {
                text += UTF8.encode(scalar).map(Array.init) ?? [0xFF]
                return 6
            }
            guard unit < 0xDC00, let low = lowSurrogate(at: place + 6),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)),
                let encoded = UTF8.encode(scalar)
            else {
                text.append(0xFF)
                return 6
            }
            text += encoded
            return 12
        }

        private func lowSurrogate(at place: Int) -> UInt32? {
            guard place + 6 <= range.upperBound, bytes[place] == .backslash, bytes[place + 1] == UInt8(ascii: "u")
            else { return nil }
            let unit = codeUnit(at: place)
            return (0xDC00...0xDFFF).contains(unit) ? unit : nil
        }

        /// Of the escape \uXXXX at `place`.
        private func codeUnit(at place: Int) -> UInt32 {
            bytes[place + 2..<place + 6].reduce(0) { $0 << 4 | ($1.hexadecimalValue ?? 0) }
        }
    }
}
