import Foundation
import Testing

@testable import Coordinator

/// `apus table` over a run of seconds.
@Suite struct TableCommandTests {
    @Test("tables are CSV, JSONL and HDF5, with the same columns")
    func formats() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        #expect(try await line.apus(["train", "tiny.yaml", "--ranks", "1"]).code == 0)
        for format in ["csv", "jsonl", "hdf5"] {
            let result = try await line.apus(["table", "checkpoints/tiny", "--format", format, "--out", "tables"])
            #expect(result.code == 0, "\(result.errors)")
        }
        let header = String(decoding: try line.read("tables/runs.csv").prefix { $0 != 10 }, as: UTF8.self)
        #expect(header.split(separator: ",").map(String.init) == RunColumn.all.map(\.name))
        for name in ["runs", "curves", "evaluations"] {
            let file = try line.read("tables/\(name).h5")
            #expect(file.starts(with: [0x89] + Array("HDF\r\n\u{1A}\n".utf8)))
            #expect(file.range(of: Data("nats/token".utf8)) != nil)
        }
        let runs = try line.read("tables/runs.h5")
        for column in RunColumn.all { #expect(runs.range(of: Data(column.name.utf8)) != nil, "\(column.name)") }
        #expect(try await line.apus(["table", "checkpoints/tiny", "--format", "hdf5"]).code == 2)
    }
}
