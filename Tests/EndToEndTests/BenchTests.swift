import Foundation
import Testing

@testable import Coordinator

/// Every bench on a shape of a moment: not how fast, but what is told and that nothing is left behind.
@Suite(.serialized) struct BenchTests {
    private static let tiny = [
        "--layers", "1", "--width", "16", "--heads", "2", "--context", "16", "--vocabulary", "32", "--sequences", "4",
        "--slot", "1",
    ]

    @Test("a step is told with the keys that others rely on, on one rank and on two", arguments: [1, 2])
    func step(ranks: Int) async throws {
        let result = try await bench(["step", "--steps", "3", "--ranks", "\(ranks)"] + Self.tiny)
        let numbers = [
            "tokens_per_second", "gflops", "sgemm_gflops", "sgemm_gflops_all_busy", "share_of_sgemm", "peak_rss_bytes",
            "seconds_per_step", "fastest_seconds_per_step",
        ]
        expectPositive(numbers, in: result)
        let shares = try #require(result["shares"] as? [String: Double])
        #expect(abs(shares.values.reduce(0, +) - 1) < 1e-6)
        #expect(result["ranks"] as? Int == ranks)
    }

    @Test("the library's reduction, and activations that are computed again, can be measured instead")
    func otherWays() async throws {
        let result = try await bench(
            ["step", "--steps", "1", "--reduction", "mpi", "--recompute", "--ranks", "2"] + Self.tiny)
        #expect(result["reduction"] as? String == "mpi" && result["recompute"] as? Bool == true)
    }

    @Test("every product of a step has its rate, alone and with all ranks busy")
    func products() async throws {
        let result = try await bench(["gemm", "--ranks", "2"] + Self.tiny)
        let products = try #require(result["products"] as? [[String: Any]])
        // Three of each of the four linear layers and of the head, and attention's six.
        #expect(products.count == 21)
        for row in products + [try #require(result["reference"] as? [String: Any])] {
            expectPositive(["rows", "columns", "inner", "gflops", "gflops_all_busy"], in: row)
        }
        #expect(result["ranks"] as? Int == 2)
    }

    @Test("a checkpoint of all ranks is written and read, and nothing is left where it was")
    func checkpoint() async throws {
        let line = try CommandLine()
        let arguments = ["checkpoint", "--dir", line.folder.path, "--repeats", "2", "--ranks", "2"]
        let result = try await bench(arguments + Self.tiny, line)
        expectPositive(
            ["bytes", "write_seconds", "read_seconds", "write_megabytes_per_second", "read_megabytes_per_second"],
            in: result)
        let parameters = try #require(result["parameters"] as? Int)
        #expect(try #require(result["bytes"] as? Int) > 12 * parameters)
        #expect(try FileManager.default.contentsOfDirectory(atPath: line.folder.path).isEmpty)
    }

    @Test("a corpus is prepared and its batches are filled, from a generated text and from a file")
    func corpus() async throws {
        let keys = ["bytes", "tokens", "prepare_seconds", "prepare_megabytes_per_second", "fill_tokens_per_second"]
        let generated = try await bench(["corpus", "--megabytes", "1"])
        expectPositive(keys, in: generated)
        #expect(generated["bytes"] as? Int == 1_000_000)
        let line = try CommandLine()
        try line.write(String(repeating: "the quick brown fox jumps\n", count: 20_000), to: "text.txt")
        let own = try await bench(["corpus", "text.txt", "--ranks", "2"], line)
        expectPositive(keys, in: own)
        #expect(own["bytes"] as? Int == 520_000)
    }

    @Test("gradients are reduced in both orders and parameters gathered, on one rank and on three", arguments: [1, 3])
    func reduction(ranks: Int) async throws {
        let result = try await bench(["reduce", "--repeats", "3", "--ranks", "\(ranks)"] + Self.tiny)
        expectPositive(
            [
                "bytes", "partials", "reduce_seconds", "library_reduce_seconds", "gather_seconds",
                "reduce_gigabytes_per_second",
            ], in: result)
        #expect(try #require(result["bytes_sent"] as? Int) >= 0)
    }

    @Test("what cannot be measured is told in a sentence, with exit code 2")
    func wrongUsage() async throws {
        let line = try CommandLine()
        let wrong: [([String], String)] = [
            (["step", "--ranks", "5"] + Self.tiny, "5 ranks are more than the 4 slots"),
            (["reduce", "--ranks", "5"] + Self.tiny, "5 ranks are more than the 4 slots"),
            (["step", "--ranks", "0"], "at least 1 is needed"),
            (["step", "--ranks", "many"], "'many' is invalid"),
            (["gemm", "--heads", "5"], "--width 384 is not divisible by --heads 5"),
            (["checkpoint", "--dir", "nowhere"] + Self.tiny, "Cannot make a folder in"),
        ]
        for (arguments, sentence) in wrong {
            let result = try await line.apus(["bench"] + arguments)
            #expect(result.code == 2 && result.errors.contains(sentence), "\(arguments): \(result.errors)")
            #expect(result.output.isEmpty)
        }
    }

    @Test("every bench has help with examples", arguments: ["step", "gemm", "checkpoint", "corpus", "reduce"])
    func help(bench: String) async throws {
        let result = try await CommandLine().apus(["bench", bench, "--help"])
        #expect(result.code == 0 && result.output.contains("Examples:\n  apus bench \(bench)"))
    }

    @Test("options of the launch are taken from wherever they stand; all other words go on as they are")
    func split() {
        let words = ["--ranks", "2", "gemm", "--json", "--mpi-arg=--mca", "--mpi-arg", "--ranks", "--width", "32"]
        let parts = Bench.split(words)
        #expect(parts.launch == ["--ranks", "2", "--mpi-arg=--mca", "--mpi-arg", "--ranks"])
        #expect(parts.bench == ["gemm", "--json", "--width", "32"])
    }

    private func bench(_ arguments: [String], _ line: CommandLine? = nil) async throws -> [String: Any] {
        let line = try line ?? CommandLine()
        let result = try await line.apus(["bench"] + arguments + ["--json"])
        #expect(result.code == 0, "\(result.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    private func expectPositive(_ keys: [String], in object: [String: Any]) {
        for key in keys {
            let value = object[key] as? Double ?? 0
            #expect(value > 0, "\(key)")
        }
    }
}
