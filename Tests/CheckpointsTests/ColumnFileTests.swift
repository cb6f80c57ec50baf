import Checkpoints
import Foundation
import Testing

@Suite("Tables in HDF5") struct ColumnFileTests {
    private static let columns = [
        ColumnFile.Column(name: "run", unit: "text", values: .texts(["a", "größer", ""])),
        ColumnFile.Column(name: "step", unit: "steps", values: .integers([1, -2, .max])),
        ColumnFile.Column(name: "loss", unit: "nats/token", values: .numbers([0.1, .nan, -1e300])),
    ]

    @Test("a table is written whole over an older one, the same bytes each time, and is an HDF5 file")
    func writing() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("runs.h5")
        try Data("old".utf8).write(to: file)
        try ColumnFile(Self.columns, attributes: [("table", "runs")]).write(to: file)
        let first = try Data(contentsOf: file)
        #expect(first.starts(with: [0x89] + Array("HDF\r\n\u{1A}\n".utf8)))
        for value in [0.1, -1e300] {
            #expect(first.range(of: withUnsafeBytes(of: value.bitPattern.littleEndian) { Data($0) }) != nil)
        }
        #expect(first.range(of: Data("größer".utf8)) != nil)
        try ColumnFile(Self.columns, attributes: [("table", "runs")]).write(to: file)
        #expect(try Data(contentsOf: file) == first)
        #expect(try folder.names() == ["runs.h5"])
    }

    @Test("h5dump reads names, types, units and values", .enabled(if: H5Dump.isThere))
    func reading() throws {
        let folder = try TemporaryFolder()
        try ColumnFile(Self.columns).write(to: folder.file("runs.h5"))
        let text = try H5Dump.text(folder.file("runs.h5"))
        for told in [
            "DATASET \"run\"", "H5T_CSET_UTF8", "DATASET \"step\"", "H5T_STD_I64LE", "9223372036854775807",
            "DATASET \"loss\"", "H5T_IEEE_F64LE", "0.1, nan, -1e+300", "\"nats/token\"", "SIMPLE { ( 3 ) / ( 3 ) }",
        ] {
            #expect(text.contains(told), "\(told)\n\(text)")
        }
    }

    @Test("a table without rows is a file too")
    func empty() throws {
        let folder = try TemporaryFolder()
        let columns = [
            ColumnFile.Column(name: "x", unit: "1", values: .numbers([])),
            ColumnFile.Column(name: "name", unit: "text", values: .texts([])),
        ]
        try ColumnFile(columns).write(to: folder.file("empty.h5"))
        #expect(try folder.names() == ["empty.h5"])
    }

    @Test("names that would be paths, or stand twice, are refused", arguments: ["", ".", "a/b", "a\0", "step"])
    func names(name: String) {
        #expect {
            _ = try ColumnFile([
                ColumnFile.Column(name: "step", unit: "1", values: .integers([1])),
                ColumnFile.Column(name: name, unit: "1", values: .integers([1])),
            ])
        } throws: {
            ($0 as? CheckpointError)?.kind == .unsuitable
        }
    }

    @Test("a folder that is not there is an error in a sentence")
    func noFolder() throws {
        let folder = try TemporaryFolder()
        #expect {
            try ColumnFile(Self.columns).write(to: folder.file("nowhere").appendingPathComponent("runs.h5"))
        } throws: {
            ($0 as? CheckpointError)?.kind == .cannotWrite
        }
    }
}

/// The HDF5 library's own reader, where it is installed.
private enum H5Dump {
    static let path = "/usr/bin/h5dump"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

    static func text(_ file: URL) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = [file.path]
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
