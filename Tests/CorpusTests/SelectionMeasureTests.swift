import Experiment
import Testing

@testable import Corpus

/// A filter that asks for everything.
func askingFilter(nearDuplicates: Double? = 0.8, maxRepetition: Double? = 1) -> FilterConfig {
    var filter = FilterConfig()
    filter.nearDuplicates = nearDuplicates
    filter.maxRepetition = maxRepetition
    return filter
}

/// The facts of a text that is added in pieces of `pieceBytes`.
func facts(of text: [UInt8], filter: FilterConfig = askingFilter(), pieceBytes: Int = 65_536) -> DocumentFacts {
    var measure = DocumentMeasure(filter)
    return measure.facts(of: text, pieceBytes: pieceBytes)
}

func facts(of text: String, filter: FilterConfig = askingFilter()) -> DocumentFacts {
    facts(of: Array(text.utf8), filter: filter)
}

extension DocumentMeasure {
    mutating func facts(of text: [UInt8], pieceBytes: Int = 65_536) -> DocumentFacts {
        for start in stride(from: 0, to: text.count, by: pieceBytes) {
            add(text: Array(text[start..<min(text.count, start + pieceBytes)]))
        }
        return finish()
    }
}

@Suite("Measures of a document")
struct SelectionMeasureTests {
    private static let mixed =
        "The swift — l’été à 東京、 Ωmega ruſſ 🦅🦅\r\n\r\nIt flies, it flies.\nIt flies, it flies.\n    }\n    }\nlast"

    @Test("the facts do not depend on how a text is cut into pieces", arguments: [1, 2, 3, 5, 7, 64])
    func pieces(pieceBytes: Int) {
        #expect(facts(of: Array(Self.mixed.utf8), pieceBytes: pieceBytes) == facts(of: Self.mixed))
    }

    @Test("bytes are counted, whatever they are grouped to on a screen")
    func lengths() {
        let text = Self.mixed + "e\u{301} 👩‍👩‍👧"
        #expect(facts(of: text).bytes == text.utf8.count)
        #expect(facts(of: "").bytes == 0)
    }

    @Test("the digest is the first half of the content's SHA-256")
    func digest() {
        #expect(facts(of: "apus").digest.hexadecimal == String("apus".sha256.prefix(32)))
        #expect(facts(of: "").digest.hexadecimal == "e3b0c44298fc1c149afbf4c8996fb924")
        var measure = DocumentMeasure(askingFilter())
        measure.add(tokens: [0x6101, -1, 0x7073_7561])
        let bytes: [UInt8] = [1, 0x61, 0, 0, 255, 255, 255, 255, 0x61, 0x75, 0x73, 0x70]
        #expect(measure.finish().digest == facts(of: bytes).digest)
    }

    @Test("a document of tokens has four bytes a token, no characters, and a signature that cuts do not change")
    func tokens() {
        let ids = (0..<1_000).map { Int32($0 * $0 % 771) }
        var measure = DocumentMeasure(askingFilter())
        measure.add(tokens: ids)
        let whole = measure.finish()
        for start in stride(from: 0, to: 1_000, by: 8) { measure.add(tokens: Array(ids[start..<start + 8])) }
        #expect(measure.finish() == whole)
        #expect(whole.bytes == 4_000 && whole.repetition == 0 && whole.signature != nil)
        measure.add(tokens: [1, 2, 3, 4])
        #expect(measure.finish().signature == nil)
    }

    @Test("nothing of a document is left when the next one is measured")
    func reset() {
        var measure = DocumentMeasure(askingFilter())
        let documents = [Self.mixed, "", "one two three four five", "one two three", "\n\n", "東京", Self.mixed]
        for document in documents { #expect(measure.facts(of: Array(document.utf8)) == facts(of: document)) }
    }

    @Test("what the filter does not ask for is not measured")
    func unasked() {
        let facts = facts(of: Self.mixed, filter: FilterConfig())
        #expect(facts.repetition == 0 && facts.signature == nil)
    }

    @Test("repetition is the share of the bytes in lines that came before")
    func repetition() {
        #expect(facts(of: "a line\nb line\na line\nc line\n").repetition == 0.25)
        #expect(facts(of: "abc\nabc\nabc\nabc\n").repetition == 0.75)
        // Without the last end of line: 3 of 15 bytes less one.
        #expect(facts(of: "abc\nabc\nabc\nabc").repetition == 11.0 / 15)
        #expect(facts(of: "abc\r\nabc\r\n").repetition == 0.5)
        #expect(facts(of: "abc\n abc\nabc \nABC\n").repetition == 0)
        #expect(facts(of: "one long line without an end").repetition == 0)
        #expect(facts(of: "").repetition == 0)
    }

    @Test("blank lines repeat nothing, but are bytes of the document")
    func blankLines() {
        #expect(facts(of: "\n\n \n\t\r\n\n").repetition == 0)
        #expect(facts(of: "abc\n\n\n\nabc\n\n\n\n").repetition == 4.0 / 14)
    }

    @Test("repetition looks at the whole lines of the first 4 MiB")
    func scope() {
        let lines = (0..<1 << 18).map { "line \(1_000_000 + $0).7\n" }.joined()
        #expect(lines.utf8.count == 15 << 18)
        let tail = String(repeating: "the same again\n", count: 1 << 18)
        // 2^18 bytes are left for the tail: 17,476 lines and a part of one.
        let expected = Double(17_475 * 15) / Double((15 << 18) + 17_476 * 15)
        #expect(facts(of: lines + tail).repetition == expected)
        #expect(facts(of: lines + tail + tail).repetition == expected)
    }

    @Test("a document of 64 MiB is measured in bounded memory")
    func boundedMemory() {
        var measure = DocumentMeasure(askingFilter())
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8) + Array(0x3A...0x40)
        var largest = 0
        var number = 0
        // As many different lines as can be: three bytes each.
        for _ in 0..<1 << 10 {
            var piece: [UInt8] = []
            while piece.count < 65_536 {
                let digits = [number / 4_761 % 69, number / 69 % 69, number % 69]
                piece += digits.map { alphabet[$0] } + [UInt8(ascii: "\n")]
                number += 1
            }
            measure.add(text: piece)
            largest = max(largest, measure.stateBytes)
        }
        let facts = measure.finish()
        #expect(facts.bytes == 64 << 20)
        #expect(largest > 1 << 20 && largest <= LineRepetition.largestStateBytes + 4_096)
        #expect(measure.stateBytes < 8_192, "a large document leaves nothing behind")
    }
}
