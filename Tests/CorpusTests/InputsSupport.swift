import Experiment
import Foundation

@testable import Corpus

/// Numbers that a seed decides (SplitMix64).
struct InputsRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension DocumentPiece {
    /// Its bytes; empty for ids.
    var text: [UInt8] {
        guard case .text(let text) = content else { return [] }
        return text
    }

    /// Its ids; empty for text.
    var tokens: [Int32] {
        guard case .tokens(let tokens) = content else { return [] }
        return tokens
    }
}

extension TemporaryFolder {
    /// All pieces of the one file at a path.
    func pieces(_ path: String, _ options: ReadingOptions = ReadingOptions()) throws -> [DocumentPiece] {
        let sources = try TextSources(paths: [path])
        return try sources.files.flatMap { try $0.open(options).pieces() }
    }

    /// Runs a program of the system on a file beside it, as `gzip FILE` leaves `FILE.gz`.
    func compress(_ path: String, with compression: Compression) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [compression.rawValue, "-kqf", path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return path + (compression == .gzip ? ".gz" : ".zst")
    }
}

extension DocumentReader {
    /// All that is left.
    func pieces() throws -> [DocumentPiece] {
        var all: [DocumentPiece] = []
        while let piece = try next() { all.append(piece) }
        return all
    }
}

/// Bytes in memory.
final class MemoryBytes: ByteStream {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    func read(_ count: Int) -> [UInt8] {
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }
}

/// Whether this machine has the program.
func hasProgram(_ compression: Compression) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return (try? compression.executable(toRead: "", searchPath: path)) != nil
}
