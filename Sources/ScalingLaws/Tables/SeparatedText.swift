import Foundation

/// RFC 4180 over bytes: fields may stand in double quotes, a doubled quote inside is one, line ends inside are text. Lines
/// end in \n, \r\n or \r.
struct SeparatedText {
    struct Record {
        var line: Int
        var fields: [String]
    }

    private let bytes: [UInt8]
    private let separator: UInt8
    private let source: String

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// - Parameter separator: "," or a tab.
    init(_ text: String, separator: UInt8, source: String) {
        bytes = Array(text.utf8)
        self.separator = separator
        self.source = source
    }

    /// Every record that is not an empty line.
    func records() throws -> [Record] {
        var records: [Record] = []
        var (at, line) = (0, 1)
        while at < bytes.count {
            var record = Record(line: line, fields: [])
            repeat { record.fields.append(try field(&at, &line)) } while take(separator, &at)
            takeLineEnd(&at, &line)
            if record.fields != [""] { records.append(record) }
        }
        return records
    }

    private func take(_ byte: UInt8, _ at: inout Int) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private func takeLineEnd(_ at: inout Int, _ line: inout Int) {
        guard at < bytes.count else { return }
        if take(Self.carriageReturn, &at) { _ = take(Self.lineFeed, &at) } else { _ = take(Self.lineFeed, &at) }
        line += 1
    }

    private func isLineEnd(_ byte: UInt8) -> Bool { byte == Self.lineFeed || byte == Self.carriageReturn }

    /// One field; leaves `at` on the separator, the line end or the end of the text.
    private func field(_ at: inout Int, _ line: inout Int) throws -> String {
        guard take(Self.quote, &at) else {
            let start = at
            while at < bytes.count, bytes[at] != separator, !isLineEnd(bytes[at]) { at += 1 }
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }
        let opened = line
        var text: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == Self.quote {
                guard take(Self.quote, &at) else { return try closed(text, at, line) }
            }
            if byte == Self.lineFeed
                || (byte == Self.carriageReturn && (at == bytes.count || bytes[at] != Self.lineFeed))
            {
                line += 1
            }
            text.append(byte)
        }
        throw TableError("\(source), line \(opened) opens a quoted field that never ends: add the closing quote")
    }

    private func closed(_ text: [UInt8], _ at: Int, _ line: Int) throws -> String {
        guard at == bytes.count || bytes[at] == separator || isLineEnd(bytes[at]) else {
            throw TableError(
                "\(source), line \(line) has text after a closing quote: double the quotes inside the field")
        }
        return String(decoding: text, as: UTF8.self)
    }
}
