/// Text for a terminal, on one line, with nothing in it that the terminal would obey.
public enum VisibleText {
    /// Control characters as `\n`, `\t`, `\u{1B}`; bytes that are no UTF-8, as where a sequence cuts a character, as
    /// `\xE9`; a backslash as two.
    public static func escaped(_ bytes: some Collection<UInt8>) -> String {
        var text = ""
        var decoder = UTF8Scanner(Array(bytes))
        while let item = decoder.next() {
            switch item {
            case .byte(let byte): text += "\\x" + hexadecimal(UInt32(byte))
            case .scalar(let scalar): append(scalar, to: &text)
            }
        }
        return text
    }

    /// The first `characters` Unicode scalars, escaped, with … where there is more.
    public static func shortened(_ bytes: [UInt8], characters: Int) -> String {
        var seen = 0
        let end = bytes.firstIndex { byte in
            seen += byte & 0xC0 == 0x80 ? 0 : 1
            return seen > characters
        }
        return end.map { escaped(bytes[..<$0]) + "…" } ?? escaped(bytes)
    }

    private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case "\\": text += "\\\\"
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                text += "\\u{" + hexadecimal(scalar.value) + "}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func hexadecimal(_ number: UInt32) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return digits.count < 2 ? "0" + digits : digits
    }
}

/// The characters of bytes, and the bytes that are none.
private struct UTF8Scanner {
    enum Item {
        case scalar(Unicode.Scalar)
        case byte(UInt8)
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> Item? {
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        let length = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        if length > 0, position + length <= bytes.count,
            let text = String(validating: bytes[position..<position + length], as: UTF8.self),
            let scalar = text.unicodeScalars.first
        {
            position += length
            return .scalar(scalar)
        }
        position += 1
        return .byte(first)
    }
}
