import Experiment
import Foundation
import Testing

@testable import Corpus

/// Serial: one test counts the descriptors of this process.
@Suite("Inputs: compressed files", .serialized)
struct InputsCompressionTests {
    private static let text = Array((0..<30_000).map { "line \($0 &* 7919) — of a tale 🐦\n" }.joined().utf8)

    @Test("a file has the same pieces when it is compressed with gzip", arguments: ["a.txt", "a.jsonl"])
    func gzip(name: String) throws { try same(name, .gzip) }

    @Test(
        "a file has the same pieces when it is compressed with zstd",
        .enabled(if: hasProgram(.zstd), "zstd is not installed"), arguments: ["a.txt", "a.jsonl"])
    func zstd(name: String) throws { try same(name, .zstd) }

    private func same(_ name: String, _ compression: Compression) throws {
        let folder = try TemporaryFolder()
        let line = "{\"text\": \"a b\\n c\", \"id\": 3}\n"
        let content = name == "a.txt" ? Self.text : Array(String(repeating: line, count: 3_000).utf8)
        let plain = try folder.write("in/" + name, content)
        let compressed = try folder.compress(plain, with: compression)
        let expected = try folder.pieces(plain)
        #expect(try folder.pieces(compressed) == expected)
        #expect(expected.reduce(0) { $0 + $1.text.count } == (name == "a.txt" ? content.count : 6 * 3_000))
        let files = try TextSources(paths: [folder.path("in")]).files
        #expect(files.map(\.compression) == [.none, compression])
        #expect(files.map(\.format) == [files[0].format, files[0].format])
    }

    @Test("a broken or cut off gzip file is refused with the program's words")
    func brokenGzip() throws { try broken(.gzip) }

    @Test(
        "a broken or cut off zstd file is refused with the program's words",
        .enabled(if: hasProgram(.zstd), "zstd is not installed"))
    func brokenZstd() throws { try broken(.zstd) }

    private func broken(_ compression: Compression) throws {
        let folder = try TemporaryFolder()
        let whole = try folder.compress(try folder.write("a.txt", Self.text), with: compression)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: whole)))
        let ending = whole.hasSuffix(".gz") ? ".gz" : ".zst"
        let cut = try folder.write("cut.txt" + ending, bytes.dropLast(5))
        expectFailure(.badData, "cut.txt", "\(compression.name) cannot", "(", "end") { _ = try folder.pieces(cut) }
        var flipped = bytes
        flipped[bytes.count / 2] ^= 0x55
        let bad = try folder.write("bad.txt" + ending, flipped)
        expectFailure(.badData, "bad.txt", compression.name) { _ = try folder.pieces(bad) }
        let other = try folder.write("other.txt" + ending, Array("no such format".utf8))
        expectFailure(.badData, "other.txt", "format") { _ = try folder.pieces(other) }
    }

    @Test("a program that is missing is named with its package")
    func missingProgram() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("a.txt.zst", [1])
        expectFailure(.badData, "a.txt.zst", "apt-get install zstd") {
            _ = try DecompressedBytes(.zstd, path: file, shown: file, searchPath: folder.path("nothing"))
        }
    }

    @Test("a program that says more than a pipe holds, or is killed, is a failure and no standstill")
    func oddPrograms() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("a.txt.gz", [1])
        let chatty = "#!/bin/sh\nyes 'oh no' | head -c 500000 >&2\necho text\nexit 7\n"
        for (name, script, told) in [("chatty", chatty, "oh no"), ("killed", "#!/bin/sh\nkill -9 $$\n", "signal 9")] {
            let program = try folder.write("\(name)/gzip", Array(script.utf8))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
            let bytes = try DecompressedBytes(.gzip, path: file, shown: file, searchPath: folder.path(name))
            expectFailure(.badData, "a.txt.gz", told) { _ = try bytes.read(1_000) }
        }
    }

    @Test("a reader that is dropped early leaves no process and no descriptors behind")
    func dropped() throws {
        let folder = try TemporaryFolder()
        let file = try folder.compress(try folder.write("a.txt", Self.text), with: .gzip)
        var identifiers: [Int32] = []
        let before = try descriptors()
        for i in 0..<40 {
            let bytes = try DecompressedBytes(.gzip, path: file, shown: file)
            identifiers.append(bytes.processIdentifier)
            // Some are dropped before anything was read, some in the middle, some at the end.
            if i % 3 > 0 { #expect(try bytes.read(i % 3 == 1 ? 10_000 : .max).count >= 10_000) }
        }
        for identifier in identifiers {
            #expect(kill(identifier, 0) == -1 && errno == ESRCH, "process \(identifier) is still there")
        }
        // Other suites open files meanwhile, but not one for each of ours.
        #expect(try descriptors() < before + 30)
    }

    private func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}

extension DocumentPiece: Equatable {
    public static func == (a: DocumentPiece, b: DocumentPiece) -> Bool {
        a.document == b.document && a.line == b.line && a.content == b.content && a.isText == b.isText
            && a.replaced == b.replaced
    }
}
