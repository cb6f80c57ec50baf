import Foundation

/// A JSON object of strings, numbers, booleans and nulls, in the order and with the digits of its text: a general parser
/// would lose both.
struct FlatJSON {
    private let characters: [Character]
    private let place: String

    init(_ line: Substring, place: String) { self.init(Array(line), place: place) }

    private init(_ characters: [Character], place: String) {
        self.characters = characters
        self.place = place
    }

    /// Keys with the text of their values; null is empty.
    func fields() throws -> [(key: String, value: String)] {
        var at = 0
        let result = try object(&at)
        if let rest = next(&at) { throw bad("\"\(rest)\" after the object") }
        return result
    }

    /// The objects of an array, with the lines where they begin.
    static func objects(ofArray text: String, source: String) throws -> [(
        line: Int, fields: [(key: String, value: String)]
    )] {
        var result: [(line: Int, fields: [(key: String, value: String)])] = []
        let characters = Array(text)
        var (at, line, counted) = (0, 1, 0)
        func parser() -> FlatJSON { FlatJSON(characters, place: "\(source), line \(line)") }
        guard parser().accept("[", &at) else {
            throw TableError("\(source) is no JSON array: a table is an array of flat objects, or a .jsonl file")
        }
        if parser().accept("]", &at) { return [] }
        repeat {
            _ = parser().next(&at)
            line += characters[counted..<at].count(where: \.isNewline)
            counted = at
            result.append((line, try parser().object(&at)))
        } while parser().accept(",", &at)
        try parser().expect("]", &at)
        return result
    }

    private func object(_ at: inout Int) throws -> [(key: String, value: String)] {
        var result: [(key: String, value: String)] = []
        try expect("{", &at)
        if accept("}", &at) { return [] }
        repeat {
            let key = try string(&at)
            try expect(":", &at)
            guard !result.contains(where: { $0.key == key }) else { throw bad("the key \"\(key)\" twice") }
            result.append((key, try value(&at)))
        } while accept(",", &at)
        try expect("}", &at)
        return result
    }

    private func bad(_ what: String) -> TableError {
        TableError("\(place) has \(what): each row must be one flat JSON object of numbers and strings")
    }

    private func next(_ at: inout Int) -> Character? {
        while at < characters.count, characters[at].isWhitespace { at += 1 }
        return at < characters.count ? characters[at] : nil
    }

    private func accept(_ character: Character, _ at: inout Int) -> Bool {
        guard next(&at) == character else { return false }
        at += 1
        return true
    }

    private func expect(_ character: Character, _ at: inout Int) throws {
        guard accept(character, &at) else {
            throw bad(next(&at).map { "\"\($0)\" where \"\(character)\" is due" } ?? "an early end")
        }
    }

    private func value(_ at: inout Int) throws -> String {
        guard let first = next(&at) else { throw bad("an early end") }
        if first == "\"" { return try string(&at) }
        let start = at
        while at < characters.count, !",}".contains(characters[at]), !characters[at].isWhitespace { at += 1 }
        let text = String(characters[start..<at])
        if text == "null" { return "" }
        guard text == "true" || text == "false" || Double(text) != nil else { throw bad("the value \(text)") }
        return text
    }

    /// A quoted string, found by its end and unescaped by Foundation.
    private func string(_ at: inout Int) throws -> String {
        guard next(&at) == "\"" else { throw bad("no quoted key or value where one is due") }
        let start = at
        at += 1
        while at < characters.count, characters[at] != "\"" { at += characters[at] == "\\" ? 2 : 1 }
        guard at < characters.count else { throw bad("a string without an end") }
        at += 1
        let quoted = String(characters[start..<at])
        guard let text = try? JSONDecoder().decode(String.self, from: Data(quoted.utf8)) else {
            throw bad("the malformed string \(quoted)")
        }
        return text
    }
}
