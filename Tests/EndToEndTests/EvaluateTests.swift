import Foundation
import Testing

/// What `apus evaluate` and `apus coordinates` tell.
@Suite(.serialized) struct EvaluateTests {
    @Test("the losses of sequences have the evaluation's mean, and a digest tells which tokens they are of")
    func losses() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let short = ["--set", "steps=4"]
        #expect(try await line.worker(["tiny.yaml", "--run", "a"] + short).code == 0)
        #expect(try await line.worker(["tiny.yaml", "--run", "b", "--set", "seed=9"] + short).code == 0)
        #expect(try await line.worker(["tiny.yaml", "--run", "c", "--set", "evaluate.tokens=360"] + short).code == 0)
        var digests: [String] = []
        for run in ["a", "b", "c"] {
            let result = try await line.apus(["evaluate", run, "--losses", "\(run).csv", "--json"])
            #expect(result.code == 0, "\(result.errors)")
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            digests.append(try #require(object["held_out_digest"] as? String))
            let rows = String(decoding: try line.read("\(run).csv"), as: UTF8.self).split(separator: "\n")
            #expect(rows[0] == "sequence,tokens,loss")
            let cells = rows.dropFirst().map { $0.split(separator: ",") }
            #expect(cells.enumerated().allSatisfy { $0.element[0] == "\($0.offset)" && $0.element[1] == "12" })
            #expect(cells.count * 12 == object["tokens"] as? Int)
            let mean = cells.reduce(0) { $0 + (Double($1[2]) ?? .nan) } / Double(cells.count)
            let loss = try #require(object["loss"] as? Double)
            #expect(abs(mean - loss) < 1e-12)
        }
        #expect(digests[0] == digests[1] && digests[0] != digests[2] && digests[0].count == 64)
        let refused = try await line.apus(["evaluate", "a", "--losses", "x.csv", "--text", "tiny.yaml"])
        #expect(refused.code == 2)
    }

    @Test("a coordinate check tells sizes and slopes by width, as text and as JSON")
    func coordinates() async throws {
        let line = try CommandLine()
        try line.write(CommandLine.tinyConfig, to: "tiny.yaml")
        let arguments = [
            "coordinates", "tiny.yaml", "--widths", "16,32,64", "--steps", "2", "--set", "model.mup={base_width: 16}",
        ]
        let text = try await line.apus(arguments)
        #expect(text.code == 0 && text.output.contains("muP with base width 16"), "\(text.errors)")
        let json = try await line.apus(arguments + ["--json"])
        let object = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let quantities = try #require(object["quantities"] as? [[String: Any]])
        #expect(quantities.count == 5 && object["widths"] as? [Int] == [16, 32, 64])
        #expect((quantities[4]["change"] as? [[Double]])?.map(\.count) == [3, 3, 3])
        let refused = try await line.apus(["coordinates", "tiny.yaml", "--widths", "16,20"])
        #expect(refused.code == 2 && refused.errors.contains("multiples of 8"))
    }
}
