import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Text sources")
struct TextSourcesTests {
    @Test("a folder's texts come in the order of their bytes, hidden files and other endings left out")
    func folders() throws {
        let folder = try TemporaryFolder()
        for name in ["b.txt", "a/z.md", "B.text", "a.rst", "a/.hidden.txt", ".git/x.txt", "image.png", "a/Y.TXT"] {
            try folder.write("in/" + name, Array("text".utf8))
        }
        let files = try TextSources(paths: [folder.path("in")]).files.map(\.path)
        let inside = files.map { $0.components(separatedBy: "/in/").last ?? "" }
        #expect(inside == ["B.text", "a.rst", "a/Y.TXT", "a/z.md", "b.txt"])
    }

    @Test("a file that is named is taken whatever its ending, and once")
    func namedFiles() throws {
        let folder = try TemporaryFolder()
        let program = try folder.write("in/main.c", Array("int main;".utf8))
        try folder.write("in/a.txt", Array("text".utf8))
        let sources = try TextSources(paths: [program, folder.path("in"), program])
        #expect(sources.files.map { URL(filePath: $0.path).lastPathComponent } == ["main.c", "a.txt"])
        #expect(sources.bytes == 13)
    }

    @Test("a folder that links to itself ends")
    func links() throws {
        let folder = try TemporaryFolder()
        try folder.write("in/a.txt", Array("text".utf8))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("in/again"), withDestinationPath: folder.path("in"))
        #expect(try TextSources(paths: [folder.path("in")]).files.count == 1)
    }

    @Test("what is missing, empty, or holds no text is named")
    func failures() throws {
        let folder = try TemporaryFolder()
        let empty = try folder.write("empty.txt", [])
        try folder.write("pictures/a.png", [1])
        expectFailure(.badData, "no file or folder", "nowhere") { _ = try TextSources(paths: [folder.path("nowhere")]) }
        expectFailure(.badData, "empty", empty) { _ = try TextSources(paths: [empty]) }
        expectFailure(.badData, "no text", "pictures") { _ = try TextSources(paths: [folder.path("pictures")]) }
        expectFailure(.badData, "not a regular file") { _ = try TextSources(paths: ["/dev/null"]) }
    }

    @Test("a byte that is not UTF-8 is named by its offset, in whichever piece it is")
    func invalidText() throws {
        let folder = try TemporaryFolder()
        for offset in [0, 10, 65_535, 65_536, 150_000] {
            var bytes = [UInt8](repeating: 0x61, count: 200_000)
            bytes[offset] = 0xFF
            let path = try folder.write("bad.txt", bytes)
            expectFailure(.badData, "bad.txt", "at byte \(offset);") { _ = try units(path) }
        }
        // The start of a character, and then the end of the file.
        let cut = try folder.write("cut.txt", Array("abc".utf8) + [0xE2, 0x82])
        expectFailure(.badData, "at byte 3;") { _ = try units(cut) }
        let binary = try folder.write("binary.txt", [0x41, 0x00, 0xFF])
        expectFailure(.badData, "binary", "byte 1 ") { _ = try units(binary) }
    }

    @Test("pieces are of 64 KiB, cut before a character, and together are the document")
    func pieces() throws {
        let folder = try TemporaryFolder()
        for shift in 0..<4 {
            // Characters of four bytes, so that three of the four shifts put one across the cut.
            let bytes = [UInt8](repeating: 0x61, count: shift) + Array(String(repeating: "🐦", count: 40_000).utf8)
            let pieces = try units(try folder.write("birds.txt", bytes))
            #expect(Array(pieces.joined()) == bytes)
            #expect(pieces.dropLast().allSatisfy { (65_533...65_536).contains($0.count) })
            #expect(pieces.allSatisfy { String(validating: $0, as: UTF8.self) != nil })
        }
        let exact = try units(try folder.write("exact.txt", [UInt8](repeating: 0x61, count: 131_072)))
        #expect(exact.map(\.count) == [65_536, 65_536])
    }

    private func units(_ path: String) throws -> [[UInt8]] {
        let reader = try #require(try TextSources(paths: [path]).files.first).open(ReadingOptions())
        var all: [[UInt8]] = []
        while let piece = try reader.next() {
            if case .text(let text) = piece.content { all.append(text) }
        }
        return all
    }
}
