import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Inputs: JSON lines")
struct InputsJSONLinesTests {
    @Test("random objects give the string that Foundation's parser finds", arguments: 1...4)
    func random(seed: UInt64) throws {
        var random = InputsRandom(seed: seed)
        for _ in 0..<400 {
            let line = RandomJSON.object(&random)
            let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            // A later member may have the same name and be no string.
            let expected = (parsed?["text"] as? String).map { Array($0.utf8) }
            let found = try? read(Array(line.utf8)).flatMap(\.text)
            #expect(parsed != nil && found == expected, "seed \(seed): \(line)")
        }
    }

    @Test("lines with a wrong byte are refused where Foundation refuses them", arguments: 1...4)
    func mutated(seed: UInt64) throws {
        var random = InputsRandom(seed: seed)
        for _ in 0..<600 {
            var line = Array(RandomJSON.object(&random).utf8)
            let wrong = Array("{}[]\",:\\0e-+.tfn xu\u{1}".utf8).randomElement(using: &random) ?? 0
            line[Int.random(in: 0..<line.count, using: &random)] = wrong
            guard let text = String(validating: line, as: UTF8.self) else { continue }
            // Two things on which we differ on purpose: Foundation refuses lines for half surrogate pairs in strings
            // that nobody asked for, and takes a comma before an end.
            if text.contains(#"\uD"#) || text.contains(/,[ \t\r]*[}\]]/) { continue }
            let parsed = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
            let found = try? read(line).flatMap(\.text)
            #expect(
                found == (parsed?["text"] as? String).map { Array($0.utf8) },
                "seed \(seed): \(String(decoding: line, as: UTF8.self))")
        }
    }

    @Test("documents are numbered, lines are told, blank lines and empty texts are passed over")
    func lines() throws {
        let text =
            "\u{FEFF}{\"text\":\"a\"}\r\n\n  \r\n{\"id\":[1,{\"text\":\"no\"}],\"text\":\"b\"}\n{\"text\":\"\"}\n{\"text\":\"c\"}"
        let pieces = try read(Array(text.utf8))
        #expect(pieces.map(\.text) == ["a", "b", "c"].map { Array($0.utf8) })
        #expect(pieces.map(\.document) == [0, 1, 2])
        #expect(pieces.map(\.line) == [1, 4, 6])
    }

    @Test("another field is taken by its name, written with escapes or not; the last of a name counts")
    func fields() throws {
        let options = ReadingOptions(field: "böдy")
        let text = #"{"text":"no","böдy":3,"b\u00f6\u0434y":"yes"}"#
        #expect(try read(Array(text.utf8), options).map(\.text) == [Array("yes".utf8)])
        #expect(try read(Array(#"{"text":"a","text":"b"}"#.utf8)).map(\.text) == [Array("b".utf8)])
    }

    @Test("long lines are cut into pieces as text is")
    func longLines() throws {
        let text = String(repeating: "🐦 sings \n", count: 60_000)
        let object = try JSONSerialization.data(withJSONObject: ["text": text, "other": text])
        let pieces = try read([UInt8](object) + [0x0A] + Array(#"{"text":"end"}"#.utf8))
        let plain = try TextReader(MemoryBytes(Array(text.utf8)), path: "x", invalid: .error).pieces()
        #expect(pieces.dropLast().map(\.text) == plain.map(\.text))
        #expect(pieces.last?.text == Array("end".utf8))
        #expect(pieces.last?.line == 2)
    }

    @Test(
        "a line that cannot be used is named with what is wrong",
        arguments: [
            (#"{"body":"x","id":1}"#, [#"no field "text""#, #""body", "id""#]), ("{}", ["the object is empty"]),
            (#"{"text":3}"#, ["a number, not a string"]), (#"{"text":null}"#, ["null, not a string"]),
            (#"{"text":["x"]}"#, ["an array, not"]), (#"{"text":{}}"#, ["an object, not"]),
            (#""text""#, ["expected a JSON object", "byte 14 "]), (#"[{"text":"x"}]"#, ["expected a JSON object"]),
            (#"{"text":"x"#, ["the line ends"]), (#"{"text":"x"} {}"#, ["line's end", "byte 27 "]),
            (#"{"text":"x",}"#, ["a key in quotes", "byte 26 "]), (#"{"text":"\q"}"#, ["escape"]),
            (#"{"text":"\u12g4"}"#, ["hexadecimal"]), ("{\"text\":\"a\tb\"}", ["control character 9"]),
            (#"{"a":01,"text":"x"}"#, ["expected a comma or }"]), (#"{"text":"x","a":-}"#, ["expected a value"]),
            (#"{"a":"# + String(repeating: "[", count: 600) + "}", ["deeper than 512"]),
        ])
    func failures(line: String, told: [String]) throws {
        do {
            _ = try read(Array((#"{"text":"ok"}"# + "\n" + line + "\n").utf8))
            Issue.record("nothing was thrown")
        } catch let failure as Failure {
            #expect(failure.code == .badData)
            for words in ["a.jsonl, line 2: "] + told { #expect(failure.message.contains(words), "\(failure)") }
        }
    }

    @Test("half surrogate pairs and bytes that are no UTF-8 are treated as invalid text")
    func invalid() throws {
        let first = Array("{\"text\":\"ok\"}\n".utf8)
        let raw = first + Array(#"{"text":"\n\u00e9a"#.utf8) + [0xFF, 0xE2, 0x82] + Array(#"b"}"#.utf8)
        expectFailure(.badData, "line 2", "byte \(first.count + 18) ", "not UTF-8") { _ = try read(raw) }
        let escaped = first + Array(#"{"text":"\ud83d\ude00\ud83d \ude00\ud83d\ud83d\ude00"}"#.utf8)
        expectFailure(.badData, "line 2", "byte \(first.count + 21) ", "half a surrogate pair") {
            _ = try read(escaped)
        }
        let replaced = try read(raw, ReadingOptions(invalid: .replace))
        #expect(replaced.map(\.text) == [Array("ok".utf8), Array("\né".utf8) + Array("a\u{FFFD}\u{FFFD}b".utf8)])
        #expect(replaced.map(\.replaced) == [0, 2])
        let pairs = try read(escaped, ReadingOptions(invalid: .replace))
        #expect(pairs.last?.text == Array("😀\u{FFFD} \u{FFFD}\u{FFFD}😀".utf8))
        #expect(pairs.last?.replaced == 3)
        let skipped = try read(raw + Array("\n{\"text\":\"too\"}".utf8), ReadingOptions(invalid: .skip))
        #expect(skipped.map(\.isText) == [true, false, true])
    }

    @Test("a written zero is text: it was meant")
    func zero() throws {
        #expect(try read(Array(#"{"text":"a\u0000b"}"#.utf8)).map(\.text) == [[0x61, 0, 0x62]])
    }

    private func read(_ bytes: [UInt8], _ options: ReadingOptions = ReadingOptions()) throws -> [DocumentPiece] {
        try JSONLinesReader(MemoryBytes(bytes), path: "a.jsonl", options: options).pieces()
    }
}

/// Objects as other programs may write them: blanks anywhere, escapes where none is needed, nesting.
private enum RandomJSON {
    static func object(_ random: inout InputsRandom) -> String {
        var members = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            "\(blank(&random))\(string(&random))\(blank(&random)):\(value(&random, depth: 2))"
        }
        let place = Int.random(in: 0...members.count, using: &random)
        members.insert("\(blank(&random))\"text\"\(blank(&random)):\(blank(&random))\(string(&random)) ", at: place)
        return "\(blank(&random)){\(members.joined(separator: ","))}\(blank(&random))"
    }

    private static func value(_ random: inout InputsRandom, depth: Int) -> String {
        let count = Int.random(in: 0...3, using: &random)
        let text =
            switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
            case 0: "true"
            case 1: "false"
            case 2: "null"
            case 3: ["0", "-0", "12", "-3.25", "1e5", "2.5E-3", "7e+2"].randomElement(using: &random) ?? ""
            case 4, 5: string(&random)
            case 6:
                "[\(count == 0 ? blank(&random) : (0..<count).map { _ in value(&random, depth: depth - 1) }.joined(separator: ","))]"
            default:
                "{\((0..<count).map { _ in "\(blank(&random))\(string(&random)):\(value(&random, depth: depth - 1))" }.joined(separator: ","))}"
            }
        return blank(&random) + text + blank(&random)
    }

    private static func blank(_ random: inout InputsRandom) -> String {
        ["", "", "", " ", "\t", " \r "].randomElement(using: &random) ?? ""
    }

    private static func string(_ random: inout InputsRandom) -> String {
        let parts = (0..<Int.random(in: 0...8, using: &random)).map { _ in
            [
                "a", "text", "é", "漢", "🐦", "e\u{301}", #"\""#, #"\\"#, #"\/"#, #"\n\r\t\b\f"#, #"\u0041"#, #"\u00E9"#,
                #"\u6f22"#, #"\uD83D\uDC26"#, #"\u0000"#, "{[,:]}", " ",
            ].randomElement(using: &random) ?? ""
        }
        return "\"\(parts.joined())\""
    }
}
