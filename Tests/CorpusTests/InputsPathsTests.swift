import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Inputs: paths")
struct InputsPathsTests {
    @Test(
        "names match patterns as in shells",
        arguments: [
            ("a.txt", "*.txt", true), ("a.txt", "?.txt", true), ("ab.txt", "?.txt", false), ("é.txt", "?.txt", true),
            ("abcabd", "*abd", true), ("abcabd", "a*b*d", true), ("abc", "a*d", false), ("", "*", true),
            ("part-07", "part-[0-9][0-9]", true), ("part-0x", "part-[0-9][0-9]", false), ("b", "[!a]", true),
            ("a", "[^a]", false), ("]", "[]]", true), ("-", "[a-]", true), ("[", "[", true), ("a", "[a", false),
            ("[a", "[a", true), ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*c", false),
        ])
    func names(name: String, pattern: String, isMatch: Bool) {
        #expect(PathPattern.matches(name, pattern) == isMatch)
    }

    @Test("patterns match files of any name and folders' texts, in the order of bytes")
    func patterns() throws {
        let folder = try TemporaryFolder()
        let names = [
            "b/2.txt", "b/1.txt", "b/x.png", "a/deep/er/3.txt", "a/.hidden/4.txt", "a/main.c", "top.txt", "c/none.png",
            "odd[1].txt",
        ]
        for name in names { try folder.write("in/" + name, Array("text".utf8)) }
        func found(_ pattern: String) throws -> [String] {
            try TextSources(paths: [folder.path("in") + "/" + pattern]).files.map {
                $0.path.components(separatedBy: "/in/").last ?? ""
            }
        }
        #expect(try found("b/*.txt") == ["b/1.txt", "b/2.txt"])
        #expect(try found("b/*") == ["b/1.txt", "b/2.txt", "b/x.png"])
        #expect(try found("[ab]") == ["a/deep/er/3.txt", "b/1.txt", "b/2.txt"])
        #expect(try found("**/*.txt") == ["a/deep/er/3.txt", "b/1.txt", "b/2.txt", "odd[1].txt", "top.txt"])
        #expect(try found("**") == ["a/deep/er/3.txt", "b/1.txt", "b/2.txt", "odd[1].txt", "top.txt"])
        #expect(try found("a/**/3.txt") == ["a/deep/er/3.txt"])
        #expect(try found("*/**/er/?.*") == ["a/deep/er/3.txt"])
        #expect(try found("a/.hid*/*") == ["a/.hidden/4.txt"])
        #expect(try found("a/../b/1.*") == ["b/1.txt"])
        #expect(try found("odd[1].txt") == ["odd[1].txt"])
        for pattern in ["*.md", "c*", "nowhere/*.txt", "top.txt/*"] {
            expectFailure(.badData, "No file matches", pattern) { _ = try found(pattern) }
        }
    }

    @Test("`**` ends where folders link to themselves")
    func links() throws {
        let folder = try TemporaryFolder()
        try folder.write("in/a/1.txt", Array("text".utf8))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("in/a/again"), withDestinationPath: folder.path("in"))
        #expect(try TextSources(paths: [folder.path("in/**/*.txt")]).files.count == 1)
    }

    @Test("names tell format and compression; folders take known endings, and token files where nothing else is")
    func kinds() throws {
        let kinds: [(String, Format, Compression)] = [
            ("a.txt", .text, .none), ("a.MD.GZ", .text, .gzip), ("a.jsonl.zst", .jsonLines, .zstd),
            ("a.ndjson", .jsonLines, .none), ("a.bin", .tokens, .none), ("a.bin.gz", .tokens, .gzip),
            ("a.c", .text, .none), ("a", .text, .none), ("gz", .text, .none), (".gz", .text, .gzip),
        ]
        for (name, format, compression) in kinds {
            let kind = FileKind(name: name)
            #expect(kind.format == format && kind.compression == compression, "\(name)")
        }
        let folder = try TemporaryFolder()
        for name in ["1.bin", "0.bin", "x.npy", "deep/2.bin"] { try folder.write("in/" + name, [1, 0]) }
        let shards = try TextSources(paths: [folder.path("in")]).files
        #expect(shards.map { URL(filePath: $0.path).lastPathComponent } == ["0.bin", "1.bin", "2.bin"])
        for name in ["a.txt", "b.jsonl", "c.md.gz", "d.c.gz"] { try folder.write("in/" + name, [0x41]) }
        let texts = try TextSources(paths: [folder.path("in")]).files
        #expect(texts.map { URL(filePath: $0.path).lastPathComponent } == ["a.txt", "b.jsonl", "c.md.gz"])
    }

    @Test("standard input is copied, whole before it has its name, and told as such")
    func standardInput() throws {
        let folder = try TemporaryFolder()
        let spool = folder.url.appending(component: "spool")
        let text = [UInt8](repeating: 0x61, count: 3_000_000)
        let plain = try folder.write("a.txt", text)
        let input = try FileHandle(forReadingFrom: URL(filePath: plain))
        let sources = try TextSources(paths: ["-", "-"], spool: spool, standardInput: input)
        #expect(sources.files.map(\.path) == ["standard input"])
        #expect(sources.bytes == text.count)
        #expect(try sources.files[0].open(ReadingOptions()).pieces().flatMap(\.text) == text)
        #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path) == ["standard-input"])
        let packed = try FileHandle(forReadingFrom: URL(filePath: try folder.compress(plain, with: .gzip)))
        let again = try TextSources(paths: ["-"], spool: spool, standardInput: packed)
        #expect(again.files[0].compression == .gzip)
        #expect(try again.files[0].open(ReadingOptions()).pieces().flatMap(\.text) == text)
        let bad = try folder.write("bad", [0x41, 0xFF])
        let wrong = try TextSources(
            paths: ["-"], spool: spool, standardInput: try FileHandle(forReadingFrom: URL(filePath: bad)))
        expectFailure(.badData, "standard input is not UTF-8 text at byte 1;") {
            _ = try wrong.files[0].open(ReadingOptions()).pieces()
        }
    }

    @Test("standard input is refused where it cannot be kept, or is empty")
    func noStandardInput() throws {
        expectFailure(.badData, "Standard input", "write it to a file") { _ = try TextSources(paths: ["-"]) }
        let folder = try TemporaryFolder()
        let empty = try FileHandle(forReadingFrom: URL(filePath: try folder.write("empty", [])))
        expectFailure(.badData, "empty") {
            _ = try TextSources(paths: ["-"], spool: folder.url.appending(component: "s"), standardInput: empty)
        }
        let file = URL(filePath: try folder.write("file", []))
        let input = try FileHandle(forReadingFrom: URL(filePath: try folder.write("a", [0x41])))
        expectFailure(.worker, "Cannot copy standard input") {
            _ = try TextSources(paths: ["-"], spool: file, standardInput: input)
        }
    }

    @Test("a link is read as its own name says, and a pipe is refused")
    func oddFiles() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("blob", Array("{\"text\":\"x\"}".utf8))
        try FileManager.default.createSymbolicLink(atPath: folder.path("a.jsonl"), withDestinationPath: file)
        #expect(try folder.pieces(folder.path("a.jsonl")).map(\.text) == [[0x78]])
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        expectFailure(.badData, "pipe is not a regular file") { _ = try TextSources(paths: [folder.path("pipe")]) }
    }
}
