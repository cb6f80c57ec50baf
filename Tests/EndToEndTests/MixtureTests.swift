import Corpus
import Crypto
import Experiment
import Foundation
import Testing

/// Runs on two sources, 70:30, with an evaluation of each.
@Suite(.serialized) struct MixtureTests {
    /// 4 slots a step; the pass over the mixture ends inside of a step.
    private static let config = """
        name: mixed
        model:      {layers: 1, width: 16, heads: 1, context: 16}
        corpus:     {sources: [{name: books, paths: [books], weight: 70}, {name: peps, paths: [peps], weight: 30}]}
        batch:      {sequences: 12, slot: 3}
        schedule:   {kind: cosine, peak: 1e-2, floor: 1e-3, warmup_steps: 2}
        steps: 32
        evaluate:   {every: 8, tokens: 160}
        checkpoint: {every: 8, keep: 4}
        seed: 3

        """

    @Test(
        "a pass reads each source's share exactly, as the shards and the receipts say, and what a resume does is equal")
    func wholePass() async throws {
        let line = try Self.prepared()
        let one = try await Self.train(line, ranks: 1)
        for ranks in 2...3 { #expect(try await Self.train(line, ranks: ranks) == one, "\(ranks) ranks") }
        try Self.checkReceipts(line)
        try Self.checkEvaluations(one)

        try Self.cutBack(line, "ranks-2")
        #expect(try await Self.train(line, ranks: 3, folder: "ranks-2") == one)
        try await lookAt(line)
    }

    @Test("a prepared corpus's sources may be named in any order, and others are refused before anything is written")
    func names() async throws {
        let line = try Self.prepared()
        let one = try await Self.train(line, ranks: 1)
        let corpus = try Self.corpus(line)
        func mixed(_ sources: String) throws {
            let start = try #require(Self.config.range(of: "{sources:"))
            let end = try #require(Self.config.range(of: "batch:"))
            let named = "{prepared: \(corpus.path), sources: [\(sources)]}\n"
            try line.write(
                Self.config.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: named), to: "mixed.yaml")
        }
        try mixed("{name: peps, weight: 0.3}, {name: books, weight: 0.7}")
        #expect(try await Self.train(line, ranks: 2, folder: "prepared") == one)
        let plan = try await line.apus(["plan", "mixed.yaml", "--no-probe"])
        #expect(plan.output.contains("reads           books: ") && plan.output.contains(" % = "))
        try mixed("{name: books, weight: 1}, {name: pep, weight: 1}")
        let refused = try await line.apus(["train", "mixed.yaml", "--run", "refused", "--ranks", "2"])
        #expect(refused.code == 2)
        #expect(refused.errors.contains("names pep") && refused.errors.contains("are books, peps"))
        #expect(!line.exists("refused"))
    }

    /// What the promise covers.
    private struct Outcome: Equatable {
        let ledger: String
        let evaluations: String
        let digest: String
    }

    /// Two folders of text in which no sequence comes twice; one has characters of two bytes.
    private static func prepared() throws -> CommandLine {
        let line = try CommandLine()
        try line.write(config, to: "mixed.yaml")
        for file in 0..<40 {
            try line.write(
                (0..<8).map { "tower \(file * 97 + $0) in the evening, " }.joined(), to: "books/\(file).txt")
        }
        for file in 0..<12 {
            try line.write((0..<6).map { "größe_\(file * 31 + $0)(été=\($0))\n" }.joined(), to: "peps/\(file).txt")
        }
        return line
    }

    private static func train(_ line: CommandLine, ranks: Int, folder: String? = nil) async throws -> Outcome {
        let run = folder ?? "ranks-\(ranks)"
        let result = try await line.apus(["train", "mixed.yaml", "--run", run, "--ranks", "\(ranks)"])
        #expect(result.code == 0, "\(result.errors)")
        for source in ["books", "peps"] {
            let told = result.errors.split(separator: "\n").first { $0.hasPrefix("apus: \(source): ") }
            #expect(told?.contains(" sequences of 16, ") == true && told?.contains("this run reads") == true)
        }
        let inspected = try await line.apus(["inspect", run, "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any]
        return Outcome(
            ledger: String(decoding: try line.read("\(run)/ledger.csv"), as: UTF8.self),
            evaluations: String(decoding: try line.read("\(run)/evaluations.csv"), as: UTF8.self),
            digest: try #require(object?["digest"] as? String))
    }

    private static func corpus(_ line: CommandLine) throws -> URL {
        let corpora = line.folder.appendingPathComponent("checkpoints/.corpora")
        let inside = try FileManager.default.contentsOfDirectory(at: corpora, includingPropertiesForKeys: nil)
        return try #require(inside.first { FileManager.default.fileExists(atPath: $0.path + "/index.json") })
    }

    /// The ledger's digests are of the windows that the order tells, read from the shards by other means; over the
    /// first pass they are the shares to the sequence.
    private static func checkReceipts(_ line: CommandLine) throws {
        let folder = try corpus(line)
        let config = try RunConfig(file: line.folder.appendingPathComponent("mixed.yaml"))
        let data = try TrainingData(try PreparedCorpus(opening: folder, verifying: true), config: config)
        let shards = try ["books", "peps"].map { name in
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { $0.hasPrefix("\(name)-train") && $0.hasSuffix(".bin") && !$0.contains("places") }.sorted()
            return try files.reduce(into: Data()) { $0 += try Data(contentsOf: folder.appendingPathComponent($1)) }
        }
        let ledger = try Ledger.read(line.folder.appendingPathComponent("ranks-1/ledger.csv"))
        var counts = [0, 0]
        for row in ledger {
            let sequences = data.sequences(ofStep: row.step - 1)
            var slotDigests = Data()
            for slot in 0..<4 {
                var windows = Data()
                for (source, sequence) in sequences[slot * 3..<slot * 3 + 3] {
                    windows += window(sequence, of: shards[source])
                }
                slotDigests += Data(SHA256.hash(data: windows))
            }
            #expect(SHA256.hash(data: slotDigests).hexadecimal == row.batchDigest)
            for (j, (source, _)) in sequences.enumerated()
            where (row.step - 1) * 12 + j < data.sequences { counts[source] += 1 }
        }
        let pass = data.sequences
        #expect(pass % 12 != 0 && pass > 8 * 12 && pass < 31 * 12, "\(pass)")
        #expect(counts == data.mixture.counts && counts.reduce(0, +) == pass)
        #expect(abs(Double(counts[0]) / Double(pass) - 0.7) < 1 / Double(pass))
        #expect(data.mixture.available[1] == counts[1], "the scarcer source is read once")
        let unique = try #require(ledger.last?.uniqueTokens)
        #expect(unique > pass * 16 && unique < 32 * 12 * 16)
        #expect(ledger[7].uniqueTokens == 8 * 12 * 16 && ledger[31].epoch == 1)
    }

    /// The 17 tokens of a sequence: uint16 in a shard, uint32 in a digest.
    private static func window(_ sequence: Int, of shard: Data) -> Data {
        var window = Data()
        for token in sequence * 16...sequence * 16 + 16 {
            window += [shard[2 * token], shard[2 * token + 1], 0, 0]
        }
        return window
    }

    /// A row of each source and of all, at steps 0, 8, 16, 24 and 32; the row of all is the ledger's, and the sources' mean.
    private static func checkEvaluations(_ outcome: Outcome) throws {
        let lines = outcome.evaluations.split(separator: "\n")
        let rows = try lines.dropFirst().map { try #require(EvaluationRow(csv: $0)) }
        #expect(rows.map(\.source) == (0..<5).flatMap { _ in ["books", "peps", "all"] })
        #expect(rows.map(\.step) == [0, 8, 16, 24, 32].flatMap { [$0, $0, $0] })
        #expect(rows.allSatisfy { $0.tokens == $0.step * 192 && $0.lossStandardError > 0 })
        #expect(rows.prefix(3).map(\.sequences) == [7, 3, 10])
        let ledger = outcome.ledger.split(separator: "\n").dropFirst().compactMap { LedgerRow(csv: $0) }
        for group in stride(from: 0, to: rows.count, by: 3) {
            let (books, peps, all) = (rows[group], rows[group + 1], rows[group + 2])
            #expect(abs((7 * books.loss + 3 * peps.loss) / 10 - all.loss) < 1e-12)
            // One byte a token and end-of-text; characters of two bytes in one source only.
            let ratios = try [books, peps].map { row in
                try #require(row.bitsPerCharacter) / (try #require(row.bitsPerByte))
            }
            #expect(ratios[0] == 1 && ratios[1] > 1.05)
            guard group > 0 else { continue }
            #expect(ledger[all.step - 1].evalLoss == all.loss)
            #expect(ledger[all.step - 1].evalLossStandardError == all.lossStandardError)
        }
    }

    /// As a kill leaves a run after the checkpoint of step 8: a ledger and a table of evaluations ahead of the checkpoint, torn.
    private static func cutBack(_ line: CommandLine, _ run: String) throws {
        for later in [16, 24, 32] {
            for ending in ["h5", "commit"] {
                try FileManager.default.removeItem(
                    at: line.folder.appendingPathComponent("\(run)/checkpoints/step-000000\(later).\(ending)"))
            }
        }
        for file in ["ledger.csv", "evaluations.csv"] {
            let whole = try line.read("\(run)/\(file)")
            try line.write(whole.prefix(whole.count - 70), to: "\(run)/\(file)")
        }
    }

    /// The commands that show losses by source.
    private func lookAt(_ line: CommandLine) async throws {
        let table = try await line.apus(["table", "ranks-1", "ranks-3", "--out", "tables"])
        #expect(table.code == 0 && table.output.contains("30 losses  tables/evaluations.csv"))
        let rows = try line.read("ranks-1/evaluations.csv").split(separator: UInt8(ascii: "\n"))
        let both = try line.read("tables/evaluations.csv").split(separator: UInt8(ascii: "\n"))
        #expect(both.elementsEqual(rows + rows.dropFirst()))
        let report = try await line.apus(["report", "ranks-1"])
        #expect(report.code == 0)
        let page = String(decoding: try line.read("ranks-1/report.html"), as: UTF8.self)
        #expect(page.contains("Held-out loss by source") && page.contains("<td>peps</td>"))

        let last = try #require(
            rows.last.flatMap { EvaluationRow(csv: Substring(String(decoding: $0, as: UTF8.self))) })
        let text = try await line.worker(["evaluate", "ranks-1"])
        #expect(text.code == 0 && text.output.contains("\nbooks: loss ") && text.output.contains("\npeps: loss "))
        let json = try await line.worker(["evaluate", "ranks-1", "--json"])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(object["loss"] as? Double == last.loss)
        let sources = try #require(object["sources"] as? [[String: Any]])
        #expect(sources.map { $0["name"] as? String } == ["books", "peps"])
        #expect(sources.map { $0["tokens"] as? Int } == [112, 48])
    }
}
