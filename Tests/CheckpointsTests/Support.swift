import Checkpoints
import Crypto
import Foundation
import Testing

/// A folder of its own for a test, removed with the value.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("apus checkpoints \(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name, isDirectory: false) }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, seeded, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
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

/// A small state of a run: odd shapes, one tensor longer than a block of the digest.
struct SmallState {
    static let tensors = [
        TensorSpecification(name: "zeta.weight", shape: [3, 5]),
        TensorSpecification(name: "alpha.bias", shape: [1]),
        TensorSpecification(name: "middle", shape: [1, 1]),
        TensorSpecification(name: "long", shape: [4097]),
    ]

    let header: CheckpointHeader
    /// All parameters, all first moments, all second moments.
    let values: [[Float]]

    init(step: Int, seed: UInt64 = 7) {
        header = CheckpointHeader(
            step: step, tokens: step * 512, config: "name: tiny\nseed: 1\n",
            attributes: ["kernel_set": "avx2", "note": ""])
        var generator = SeededGenerator(seed: seed &+ UInt64(step))
        values = (Self.tensors + Self.tensors + Self.tensors).map { tensor in
            (0..<tensor.count).map { _ in Float.random(in: -1...1, using: &generator) }
        }
    }

    @discardableResult
    func write(to folder: URL) throws -> CommitRecord {
        var writer = try CheckpointWriter(folder: folder, header: header, tensors: Self.tensors)
        for floats in values { try writer.write(floats.span) }
        return try writer.commit()
    }

    func expectEqual(_ checkpoint: Checkpoint) throws {
        #expect(checkpoint.header == header)
        #expect(checkpoint.tensors == Self.tensors)
        for (group, values) in zip(TensorGroup.allCases, values.chunks(of: Self.tensors.count)) {
            for (tensor, floats) in zip(Self.tensors, values) {
                #expect(try checkpoint.read(tensor.name, group: group) == floats)
            }
        }
    }
}

extension Array {
    func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}

/// Runs a program that may be missing; nil then.
func output(of program: String, _ arguments: [String]) throws -> String? {
    guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
}

/// The error that `body` throws, when it is of this module.
func checkpointError(_ body: () throws -> Void) -> CheckpointError? {
    do {
        try body()
        return nil
    } catch {
        return error as? CheckpointError
    }
}

/// A commit record with valid hashes around whatever `contents` are.
func forgedRecord(file: String, contents: Data, step: Int, tokens: Int, digest: String) -> Data {
    let fields = """
        {
          "schema": 1,
          "file": "\(file)",
          "bytes": \(contents.count),
          "sha256": "\(hexadecimal(SHA256.hash(data: contents)))",
          "step": \(step),
          "tokens": \(tokens),
          "digest": "\(digest)",

        """
    let hash = hexadecimal(SHA256.hash(data: Data(fields.utf8)))
    return Data("\(fields)  \"record\": \"\(hash)\"\n}\n".utf8)
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
