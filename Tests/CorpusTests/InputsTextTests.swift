import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Inputs: text")
struct InputsTextTests {
    @Test("text is the same wherever its bytes are cut on their way")
    func everyCut() throws {
        let text = Array("aé—🐦ß漢字\r\n\u{301}z".utf8)
        for first in 0...text.count {
            for second in first...text.count {
                let chunks = [text[..<first], text[first..<second], text[second...]].map(Array.init)
                #expect(try pieces(chunks, .error).flatMap(\.text) == text)
            }
        }
    }

    @Test("random bytes become what the standard library makes of them, under random cuts", arguments: 1...4)
    func random(seed: UInt64) throws {
        var random = InputsRandom(seed: seed)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in Self.byte(&random) }
            var (chunks, rest): ([[UInt8]], [UInt8]) = ([], bytes)
            while !rest.isEmpty {
                let count = Int.random(in: 1...rest.count, using: &random)
                chunks.append(Array(rest.prefix(count)))
                rest.removeFirst(count)
            }
            // A zero byte is treated as an invalid one is.
            let expected = Array(String(decoding: bytes.map { $0 == 0 ? 0xFF : $0 }, as: UTF8.self).utf8)
            let marks = String(decoding: expected, as: UTF8.self).unicodeScalars.count { $0 == "\u{FFFD}" }
            let replaced = try pieces(chunks + [[]], .replace)
            #expect(replaced.flatMap(\.text) == expected, "seed \(seed), bytes \(bytes)")
            #expect(replaced.map(\.replaced).reduce(0, +) == marks, "seed \(seed), bytes \(bytes)")
            #expect(replaced.allSatisfy { $0.isText })
            let skipped = try pieces(chunks + [[]], .skip)
            #expect(skipped.flatMap(\.text) == expected)
            #expect(skipped.allSatisfy { $0.isText == (marks == 0) && $0.replaced == 0 })
            if marks > 0 {
                #expect(throws: InvalidBytes.self) { try pieces(chunks + [[]], .error) }
            }
        }
    }

    /// Mostly bytes that start and continue characters, so that sequences are broken in all ways.
    private static func byte(_ random: inout InputsRandom) -> UInt8 {
        let usual: [UInt8] = [
            0x00, 0x41, 0x80, 0x9F, 0xA0, 0xBD, 0xBF, 0xC1, 0xC3, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xF5,
        ]
        let byte = usual.randomElement(using: &random) ?? 0
        // U+FFFD itself would be counted by the test.
        return byte == 0xBD || Bool.random(using: &random) ? .random(in: 0x20...0xFF, using: &random) & 0xFE : byte
    }

    @Test("sequences broken at the ends of pieces and chunks are treated as everywhere else")
    func boundaries() throws {
        let broken: [[UInt8]] = [
            [0xFF], [0xE2, 0x82], [0xF0, 0x9F, 0x90], [0x80, 0x80, 0x80, 0x80, 0x80], [0xED, 0xA0, 0x80], [0],
        ]
        for sequence in broken {
            for place in [65_529, 65_532, 65_533, 65_534, 65_535, 65_536, 65_537, 131_070, 131_072] {
                let bytes =
                    [UInt8](repeating: 0x61, count: place) + sequence + Array("🐦".utf8)
                    + [UInt8](repeating: 0x62, count: 70_000)
                let expected = Array(String(decoding: bytes.map { $0 == 0 ? 0xFF : $0 }, as: UTF8.self).utf8)
                let replaced = try TextReader(MemoryBytes(bytes), path: "x", invalid: .replace).pieces()
                #expect(replaced.map(\.text) == Self.cut(expected), "\(sequence) at \(place)")
                let marks = (expected.count - bytes.count + sequence.count) / 3
                #expect(replaced.map(\.replaced).reduce(0, +) == marks)
                let skipped = try TextReader(MemoryBytes(bytes), path: "x", invalid: .skip).pieces()
                let first = skipped.firstIndex { !$0.isText } ?? skipped.count
                #expect(skipped[first...].allSatisfy { !$0.isText })
                #expect(first == replaced.firstIndex { $0.replaced > 0 })
                expectFailure(.badData, "byte \(place)") {
                    _ = try TextReader(MemoryBytes(bytes), path: "x", invalid: .error).pieces()
                }
            }
        }
    }

    /// The rule of pieces on text that is held whole.
    private static func cut(_ text: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < text.count {
            var end = min(start + 65_536, text.count)
            while end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
            pieces.append(Array(text[start..<end]))
            start = end
        }
        return pieces
    }

    @Test("a mark of UTF-8 is dropped, offsets count it; marks of other encodings are named")
    func byteOrderMarks() throws {
        let folder = try TemporaryFolder()
        let marked = try folder.write("marked.txt", [0xEF, 0xBB, 0xBF] + Array("text".utf8))
        #expect(try folder.pieces(marked).map(\.text) == [Array("text".utf8)])
        let nothing = try folder.write("nothing.txt", [0xEF, 0xBB, 0xBF])
        #expect(try folder.pieces(nothing).isEmpty)
        // Only in front: further on it is a character, as Unicode says.
        let twice = try folder.write("twice.txt", [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF, 0x41])
        #expect(try folder.pieces(twice).map(\.text) == [[0xEF, 0xBB, 0xBF, 0x41]])
        let bad = try folder.write("bad.txt", [0xEF, 0xBB, 0xBF, 0x41, 0xFF])
        expectFailure(.badData, "bad.txt", "at byte 4;") { _ = try folder.pieces(bad) }
        let marks: [([UInt8], String)] = [
            ([0xFF, 0xFE, 0x41, 0], "UTF-16"), ([0xFE, 0xFF, 0, 0x41], "UTF-16"),
            ([0xFF, 0xFE, 0, 0, 0x41, 0, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF, 0, 0, 0, 0x41], "UTF-32"),
        ]
        for (bytes, name) in marks {
            let path = try folder.write("wide.txt", bytes)
            expectFailure(.badData, "wide.txt", name + " ", "iconv") { _ = try folder.pieces(path) }
            let skipped = try folder.pieces(path, ReadingOptions(invalid: .skip))
            #expect(skipped.map(\.isText) == [false])
        }
    }

    private func pieces(_ chunks: [[UInt8]], _ invalid: InvalidText) throws -> [TextPieces.Piece] {
        var pieces = TextPieces(invalid)
        var all: [TextPieces.Piece] = []
        for (i, chunk) in chunks.enumerated() {
            try pieces.append(chunk, isLast: i == chunks.count - 1)
            while let piece = pieces.next() { all.append(piece) }
        }
        return all
    }
}
