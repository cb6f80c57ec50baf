/// JSON as it stands in a file: keys in their order, doubled ones too, strings as bytes of UTF-8. Foundation's decoder
/// would join keys that Unicode takes for equal, which are different tokens.
enum JSONTree: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string([UInt8])
    case array([JSONTree])
    case object([(key: [UInt8], value: JSONTree)])

    /// Throws `JSONProblem` for anything but one JSON value in UTF-8. Nothing is nested deeper than 64.
    init(parsing bytes: [UInt8]) throws(JSONProblem) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw JSONProblem(offset: error.byteOffsets.lowerBound, reason: "is not UTF-8")
        }
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }

    /// The value of an object's key, the last of doubled ones; nil where there is none, or null.
    subscript(key: String) -> JSONTree? {
        guard case .object(let members) = self,
            let value = members.last(where: { $0.key.elementsEqual(key.utf8) })?.value
        else { return nil }
        if case .null = value { return nil }
        return value
    }

    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var integer: Int? { number.flatMap { Int(exactly: $0) } }
    var bytes: [UInt8]? { if case .string(let value) = self { value } else { nil } }
    var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    var array: [JSONTree]? { if case .array(let value) = self { value } else { nil } }
    var object: [(key: [UInt8], value: JSONTree)]? { if case .object(let value) = self { value } else { nil } }
}

/// Where and why bytes are no JSON.
struct JSONProblem: Error {
    let offset: Int
    let reason: String
}

/// Reads one value, front to back.
private struct JSONParser {
    private static let deepest = 64
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONProblem) -> JSONTree {
        let value = try value()
        skipBlanks()
        guard position == bytes.count else { throw problem("goes on behind its end") }
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func problem(_ reason: String) -> JSONProblem { JSONProblem(offset: position, reason: reason) }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Steps over a byte; false where another is there.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONProblem) -> JSONTree {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONProblem) in .object(try parser.members()) }
        case UInt8(ascii: "["): return try nested { parser throws(JSONProblem) in .array(try parser.elements()) }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONProblem) -> JSONTree
    ) throws(JSONProblem) -> JSONTree {
        guard depth < Self.deepest else { throw problem("is nested too deeply") }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func members() throws(JSONProblem) -> [(key: [UInt8], value: JSONTree)] {
        var members: [(key: [UInt8], value: JSONTree)] = []
        if take(UInt8(ascii: "}")) { return members }
        repeat {
            skipBlanks()
            let key = try string()
            guard take(UInt8(ascii: ":")) else { throw problem("lacks a colon") }
            members.append((key, try value()))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw problem("lacks a closing brace") }
        return members
    }

    private mutating func elements() throws(JSONProblem) -> [JSONTree] {
        var elements: [JSONTree] = []
        if take(UInt8(ascii: "]")) { return elements }
        repeat { elements.append(try value()) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw problem("lacks a closing bracket") }
        return elements
    }

    private mutating func word(_ word: String, _ value: JSONTree) throws(JSONProblem) -> JSONTree {
        guard bytes[position...].starts(with: word.utf8) else { throw problem("holds an unknown word") }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(JSONProblem) -> Double {
        let start = position
        var whole = 0
        while let byte = next, (0x30...0x39).contains(byte), position - start < 15 {
            whole = 10 * whole + Int(byte - 0x30)
            position += 1
        }
        // Most numbers are ids: whole, and with no zero in front.
        if position > start, bytes[start] != 0x30 || position == start + 1, let byte = next, !Self.goesOn(byte) {
            return Double(whole)
        }
        while let byte = next, Self.goesOn(byte) { position += 1 }
        guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            position = start
            throw problem(start < bytes.count ? "holds something that is no value" : "ends early")
        }
        return value
    }

    private static func goesOn(_ byte: UInt8) -> Bool { "+-.eE0123456789".utf8.contains(byte) }

    private mutating func string() throws(JSONProblem) -> [UInt8] {
        guard next == UInt8(ascii: "\"") else { throw problem("lacks a string") }
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw problem("has a control character in a string")
            default: text.append(byte)
            }
        }
        throw problem("ends inside of a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONProblem) {
        guard let byte = next else { throw problem("ends inside of a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += String(Character(try escapedScalar())).utf8
        default: throw problem("has an unknown escape in a string")
        }
    }

    private mutating func escapedScalar() throws(JSONProblem) -> Unicode.Scalar {
        var code = try fourDigits()
        if (0xD800..<0xDC00).contains(code), next == UInt8(ascii: "\\") {
            position += 1
            guard next == UInt8(ascii: "u") else { throw problem("has half a character in a string") }
            position += 1
            let low = try fourDigits()
            guard (0xDC00..<0xE000).contains(low) else { throw problem("has half a character in a string") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw problem("has half a character in a string") }
        return scalar
    }

    private mutating func fourDigits() throws(JSONProblem) -> UInt32 {
        guard position + 4 <= bytes.count,
            bytes[position..<position + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let code = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw problem("has a broken escape in a string") }
        position += 4
        return code
    }
}

/// A string of UTF-8 as JSON writes it: quotes, backslashes and control characters escaped, all else as it is.
func quotedJSON(_ text: [UInt8]) -> [UInt8] {
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
        case 0..<0x20: quoted += Array((byte < 0x10 ? "\\u000" : "\\u00").utf8) + Array(String(byte, radix: 16).utf8)
        default: quoted.append(byte)
        }
    }
    return quoted + [UInt8(ascii: "\"")]
}
