/// What is wrong with a line of JSON.
struct JSONProblem: Error {
    /// In the line's bytes.
    let offset: Int
    /// "expected a comma or the object's end".
    let words: String
}

/// Goes once over a JSON object (RFC 8259) and tells its members, without making values of them: a corpus needs one
/// string of each line, and a parser that builds the rest is many times slower. The whole grammar is checked, but not
/// that strings which nobody asks for are UTF-8.
struct JSONObjectScanner {
    /// A member's value: where a string's content is between its quotes, or what else it is.
    enum Value: Equatable {
        case string(Range<Int>)
        /// "a number".
        case other(String)
    }

    /// Deeper nesting is refused, as Foundation does.
    static let deepest = 512

    let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Calls `body` with where each member's key is, and its value; O(bytes).
    mutating func members(_ body: (Range<Int>, Value) -> Void) throws(JSONProblem) {
        position = 0
        skipSpace()
        guard next == .openBrace else { throw problem("expected a JSON object") }
        try object(depth: 1, body)
        skipSpace()
        guard position == bytes.count else { throw problem("expected the line's end behind the object") }
    }

    /// The byte at hand; 0, which no grammar has, at the end.
    private var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private func problem(_ words: String) -> JSONProblem {
        JSONProblem(offset: position, words: position < bytes.count ? words : words + ", but the line ends")
    }

    private mutating func skipSpace() {
        while next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { position += 1 }
    }

    private mutating func object(depth: Int, _ body: (Range<Int>, Value) -> Void) throws(JSONProblem) {
        position += 1
        skipSpace()
        if next == .closeBrace {
            position += 1
            return
        }
        while true {
            guard next == .quote else { throw problem("expected a key in quotes") }
            let key = try string()
            skipSpace()
            guard next == .colon else { throw problem("expected a colon") }
            position += 1
            body(key, try value(depth: depth))
            if try !goesOn(to: .closeBrace) { return }
        }
    }

    private mutating func array(depth: Int) throws(JSONProblem) {
        position += 1
        skipSpace()
        if next == .closeBracket {
            position += 1
            return
        }
        repeat { _ = try value(depth: depth) } while try goesOn(to: .closeBracket)
    }

    /// Passes a comma, or the end of an object or array.
    private mutating func goesOn(to end: UInt8) throws(JSONProblem) -> Bool {
        skipSpace()
        guard next == .comma || next == end else {
            throw problem("expected a comma or \(end == .closeBrace ? "}" : "]")")
        }
        defer { skipSpace() }
        defer { position += 1 }
        return next == .comma
    }

    private mutating func value(depth: Int) throws(JSONProblem) -> Value {
        skipSpace()
        guard depth < Self.deepest else { throw problem("nested deeper than \(Self.deepest)") }
        switch next {
        case .quote: return .string(try string())
        case .openBrace:
            try object(depth: depth + 1) { _, _ in }
            return .other("an object")
        case .openBracket:
            try array(depth: depth + 1)
            return .other("an array")
        case UInt8(ascii: "t"): return try word("true")
        case UInt8(ascii: "f"): return try word("false")
        case UInt8(ascii: "n"): return try word("null")
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString) throws(JSONProblem) -> Value {
        let word = "\(word)"
        guard bytes[position...].starts(with: word.utf8) else { throw problem("expected a value") }
        position += word.utf8.count
        return .other(word)
    }

    private mutating func number() throws(JSONProblem) -> Value {
        if next == .minus { position += 1 }
        if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if next | 0x20 == UInt8(ascii: "e") {
            position += 1
            if next == .minus || next == UInt8(ascii: "+") { position += 1 }
            try digits()
        }
        return .other("a number")
    }

    private mutating func digits() throws(JSONProblem) {
        guard next.isDigit else { throw problem("expected a value") }
        while next.isDigit { position += 1 }
    }

    /// Passes a string; returns where its content is, between the quotes.
    private mutating func string() throws(JSONProblem) -> Range<Int> {
        let start = position + 1
        var place = start
        while place < bytes.count {
            let byte = bytes[place]
            if byte == .quote {
                position = place + 1
                return start..<place
            }
            if byte == .backslash {
                position = place
                place = try passEscape(at: place)
                continue
            }
            if byte < 0x20 {
                position = place
                throw problem("a string holds the control character \(byte), which must be written as an escape")
            }
            place += 1
        }
        position = bytes.count
        throw problem("expected the end of a string")
    }

    private func passEscape(at place: Int) throws(JSONProblem) -> Int {
        let kind = place + 1 < bytes.count ? bytes[place + 1] : 0
        if kind != UInt8(ascii: "u") {
            guard JSONString.simpleEscape(kind) != nil else { throw problem("a string holds an escape that is none") }
            return place + 2
        }
        guard place + 6 <= bytes.count, bytes[place + 2..<place + 6].allSatisfy({ $0.hexadecimalValue != nil }) else {
            throw problem("expected four hexadecimal digits behind \\u")
        }
        return place + 6
    }
}

extension UInt8 {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")
    static let minus = UInt8(ascii: "-")

    var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    /// Of a hexadecimal digit; nil for another character.
    var hexadecimalValue: UInt32? {
        switch self {
        case 0x30...0x39: UInt32(self) - 0x30
        case 0x41...0x46: UInt32(self) - 0x37
        case 0x61...0x66: UInt32(self) - 0x57
        default: nil
        }
    }
}
