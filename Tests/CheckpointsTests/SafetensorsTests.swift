import Checkpoints
import Foundation
import Testing

@Suite struct SafetensorsTests {
    /// A file from a header and the data after it.
    private func write(_ header: String, _ data: [UInt8], to url: URL) throws {
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        try Data(length + Array(header.utf8) + data).write(to: url)
    }

    private func bytes<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

    @Test("what is written is read back, and data begin at a multiple of 8 bytes")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let tensors = SmallState.tensors + [TensorSpecification(name: "quoted \"name\" \\ ü", shape: [2, 1, 3])]
        let values = tensors.map { tensor in (0..<tensor.count).map { Float($0) * 0.1 - 1 } }
        var writer = try SafetensorsWriter(folder.file("a.safetensors"), tensors: tensors)
        for floats in values { try writer.write(floats.span) }
        try writer.commit()
        #expect(try folder.names() == ["a.safetensors"])
        let file = try SafetensorsFile(folder.file("a.safetensors"))
        #expect(file.names == tensors.map(\.name))
        for (tensor, floats) in zip(tensors, values) {
            #expect(file.shape(tensor.name) == tensor.shape)
            #expect(try file.floats(tensor.name) == floats)
        }
        let raw = try Data(contentsOf: folder.file("a.safetensors"))
        #expect(raw.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) } % 8 == 0)
        #expect(String(decoding: raw.dropFirst(8).prefix(40), as: UTF8.self).contains("{\"format\":\"pt\"}"))
    }

    @Test("integers, doubles, half floats, scalars and empty tensors are read")
    func types() throws {
        let folder = try TemporaryFolder()
        let header = """
            {"i":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},"d":{"dtype":"F64","shape":[],"data_offsets":[16,24]},
            "none":{"dtype":"F32","shape":[0,3],"data_offsets":[24,24]},
            "b":{"dtype":"BF16","shape":[2],"data_offsets":[24,28]},"h":{"dtype":"F16","shape":[2],"data_offsets":[28,32]}}
            """
        let data =
            bytes([Int64(-5), 1 << 40]) + bytes([0.1]) + bytes([UInt16(0x3F80), 0xC040])
            + bytes([UInt16(0x3C00), 0x7BFF])
        try write(header, data, to: folder.file("t"))
        let file = try SafetensorsFile(folder.file("t"))
        #expect(try file.integers("i") == [-5, 1 << 40])
        #expect(try file.doubles("d") == [0.1])
        #expect(file.shape("d") == [])
        #expect(try file.floats("none") == [])
        #expect(try file.floats("b") == [1, -3])
        #expect(try file.doubles("h") == [1, 65504])
        #expect(checkpointError { _ = try file.floats("i") }?.kind == .unsuitable)
        #expect(checkpointError { _ = try file.integers("d") }?.kind == .unsuitable)
        #expect(checkpointError { _ = try file.floats("other") }?.kind == .unsuitable)
        #expect(file.shape("other") == nil)
    }

    @Test(
        "headers that do not describe the file are refused",
        arguments: [
            "", "[]", "{", "{\"a\":1}", "{\"__metadata__\":{\"a\":1}}",
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#,
            #"{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#,
            #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[1],"data_offsets":[5,8]}}"#,
        ])
    func malformed(_ header: String) throws {
        let folder = try TemporaryFolder()
        try write(header, [UInt8](repeating: 0, count: 8), to: folder.file("bad"))
        #expect(checkpointError { _ = try SafetensorsFile(folder.file("bad")) }?.kind == .damaged)
    }

    @Test("files that are too short for their header, or not there, are refused")
    func short() throws {
        let folder = try TemporaryFolder()
        for bytes in [[], [1, 2, 3], [255, 255, 255, 255, 255, 255, 255, 255], [9, 0, 0, 0, 0, 0, 0, 0, 123]]
            as [[UInt8]]
        {
            try Data(bytes).write(to: folder.file("bad"))
            #expect(checkpointError { _ = try SafetensorsFile(folder.file("bad")) }?.kind == .damaged)
        }
        #expect(checkpointError { _ = try SafetensorsFile(folder.file("none")) }?.kind == .cannotRead)
    }

    @Test("a thousand damaged headers give errors or tensors, never a crash")
    func fuzz() throws {
        let folder = try TemporaryFolder()
        var writer = try SafetensorsWriter(folder.file("good"), tensors: SmallState.tensors)
        for tensor in SmallState.tensors {
            let zeros = [Float](repeating: 0, count: tensor.count)
            try writer.write(zeros.span)
        }
        try writer.commit()
        let good = try Data(contentsOf: folder.file("good"))
        let headerSize = good.count - SmallState.tensors.reduce(0) { $0 + $1.count * 4 }
        let alphabet = Array("0123456789-.,:[]{}\"\\eEF3 \0".utf8)
        let seed: UInt64 = 4711
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let offset = Int.random(in: 0..<headerSize, using: &generator)
                bytes[offset] = alphabet.randomElement(using: &generator) ?? 0
            }
            try bytes.write(to: folder.file("bad"))
            do {
                let file = try SafetensorsFile(folder.file("bad"))
                for name in file.names { _ = try? file.floats(name) }
            } catch is CheckpointError {}
        }
    }
}
