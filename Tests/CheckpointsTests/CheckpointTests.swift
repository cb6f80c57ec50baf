import Checkpoints
import Crypto
import Foundation
import Testing

@Suite struct CheckpointTests {
    @Test("a checkpoint gives back every float, counter and text")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let state = SmallState(step: 1000)
        let record = try state.write(to: folder.url)
        #expect(try folder.names() == ["step-00001000.commit", "step-00001000.h5"])
        let checkpoint = try Checkpoint(folder.file("step-00001000.h5"))
        try state.expectEqual(checkpoint)
        #expect(checkpoint.record == record)
        #expect(checkpoint.digest == record.digest)
        try checkpoint.verifyDigest()
    }

    @Test("the digest is the SHA-256 of the SHA-256s of blocks of 4,096 floats, groups and tensors in order")
    func digest() throws {
        let folder = try TemporaryFolder()
        let state = SmallState(step: 3)
        var hashes = Data()
        for floats in state.values {
            for block in floats.chunks(of: 4096) {
                let bytes = block.flatMap { value in
                    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
                }
                hashes.append(contentsOf: SHA256.hash(data: Data(bytes)))
            }
        }
        let expected = hexadecimal(SHA256.hash(data: hashes))
        #expect(try state.write(to: folder.url).digest == expected)
    }

    @Test("pieces of a tensor give the same file as whole tensors, and equal states give equal bytes")
    func pieces() throws {
        let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
        let state = SmallState(step: 5)
        try state.write(to: first.url)
        var writer = try CheckpointWriter(folder: second.url, header: state.header, tensors: SmallState.tensors)
        for floats in state.values {
            for piece in floats.chunks(of: 1000) { try writer.write(Array(piece).span) }
        }
        #expect(writer.floatsRemaining == 0)
        _ = try writer.commit()
        for name in try first.names() {
            #expect(try Data(contentsOf: first.file(name)) == Data(contentsOf: second.file(name)))
        }
    }

    @Test("any part of a tensor can be read alone")
    func parts() throws {
        let folder = try TemporaryFolder()
        let state = SmallState(step: 5)
        try state.write(to: folder.url)
        let checkpoint = try CheckpointFolder(folder.url).checkpoint(step: 5)
        var floats = [Float](repeating: 0, count: 97)
        var span = floats.mutableSpan
        try checkpoint.read("long", group: .firstMoment, from: 4000, into: &span)
        #expect(floats[...] == state.values[7][4000...])
    }

    @Test("moments that nobody gives are zero")
    func zeroMoments() throws {
        let folder = try TemporaryFolder()
        let state = SmallState(step: 0)
        var writer = try CheckpointWriter(
            file: folder.file("imported.h5"), header: state.header, tensors: SmallState.tensors)
        for floats in state.values.prefix(4) { try writer.write(floats.span) }
        try writer.writeZeros()
        _ = try writer.commit()
        let checkpoint = try Checkpoint(folder.file("imported.h5"))
        #expect(try checkpoint.read("zeta.weight") == state.values[0])
        #expect(try checkpoint.read("long", group: .secondMoment).allSatisfy { $0 == 0 })
        try checkpoint.verifyDigest()
    }

    @Test("h5dump reads attributes, names and values")
    func plainHDF5() throws {
        let folder = try TemporaryFolder()
        try SmallState(step: 12).write(to: folder.url)
        let path = folder.file("step-00000012.h5").path
        guard let text = try output(of: "/usr/bin/h5dump", ["-d", "/optimizer/first_moment/zeta.weight", path]) else {
            print("h5dump is not installed; its reading is not checked")
            return
        }
        #expect(text.contains("H5T_IEEE_F32LE") && text.contains("( 3, 5 )"))
        let first = try #require(SmallState(step: 12).values[4].first)
        #expect(text.contains(String(format: "%g", first)))
        let attributes = try output(of: "/usr/bin/h5dump", ["-A", path]) ?? ""
        for word in ["\"schema\"", "\"step\"", "\"tokens\"", "\"config\"", "\"digest\"", "\"kernel_set\"", "\"avx2\""] {
            #expect(attributes.contains(word))
        }
    }

    @Test("hundreds of tensors and a long configuration keep their order and length")
    func manyTensors() throws {
        let folder = try TemporaryFolder()
        let tensors = (0..<300).map { TensorSpecification(name: "t\(($0 * 7919) % 1000)", shape: [1 + $0 % 9, 11]) }
        let header = CheckpointHeader(step: 1, tokens: 1, config: String(repeating: "x", count: 60_000))
        var writer = try CheckpointWriter(folder: folder.url, header: header, tensors: tensors)
        try writer.writeZeros()
        _ = try writer.commit()
        let checkpoint = try CheckpointFolder(folder.url).checkpoint(step: 1)
        #expect(checkpoint.tensors == tensors)
        #expect(checkpoint.config == header.config)
    }

    @Test(
        "tensors that no file can hold are refused",
        arguments: [
            [], [TensorSpecification(name: "a", shape: [0])], [TensorSpecification(name: "a", shape: [])],
            [TensorSpecification(name: "a/b", shape: [1])], [TensorSpecification(name: "", shape: [1])],
            [TensorSpecification(name: "a", shape: [-1, -1])],
            [TensorSpecification(name: "a", shape: [1 << 40, 1 << 40])],
            [TensorSpecification(name: "a", shape: [1]), TensorSpecification(name: "a", shape: [2])],
        ])
    func unsuitableTensors(_ tensors: [TensorSpecification]) throws {
        let folder = try TemporaryFolder()
        let error = checkpointError {
            _ = try CheckpointWriter(folder: folder.url, header: SmallState(step: 1).header, tensors: tensors)
        }
        #expect(error?.kind == .unsuitable)
        #expect(try folder.names().isEmpty)
    }

    @Test("a text that is too long, a reserved name and a negative step are refused")
    func unsuitableHeaders() throws {
        let folder = try TemporaryFolder()
        for header in [
            CheckpointHeader(step: 1, tokens: 1, config: String(repeating: "x", count: 70_000)),
            CheckpointHeader(step: 1, tokens: 1, config: "", attributes: ["digest": "0"]),
            CheckpointHeader(step: -1, tokens: 1, config: ""),
        ] {
            let error = checkpointError {
                _ = try CheckpointWriter(folder: folder.url, header: header, tensors: SmallState.tensors)
            }
            #expect(error?.kind == .unsuitable)
        }
    }
}
