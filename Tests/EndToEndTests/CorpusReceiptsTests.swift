import Crypto
import Experiment
import Foundation
import Testing

/// `apus corpus inspect`, `show` and `find` on a run on 3 ranks that was stopped and went on.
@Suite(.serialized) struct CorpusReceiptsTests {
    private static let config = """
        name: receipts
        model:      {layers: 1, width: 16, heads: 2, context: 24}
        corpus:     {paths: [text], tokenizer: "bpe:320"}
        batch:      {sequences: 12, slot: 2}
        schedule:   {kind: cosine, peak: 1e-2, floor: 1e-3, warmup_steps: 2}
        steps: 20
        evaluate:   {every: 10, tokens: 120}
        checkpoint: {every: 4, keep: 3}
        seed: 9

        """

    @Test("show prints the very sequences that the shards and the ledger's digests say, before and after a resume")
    func show() async throws {
        let line = try await Self.trained()
        let shard = try Self.shard(line)
        let ledger = try Ledger.read(line.folder.appendingPathComponent("run/ledger.csv"))
        #expect(ledger.count == 20)
        for step in [1, 12, 20] {
            let shown = try await Self.json(line, ["corpus", "show", "run", "--step", "\(step)", "--tokens", "--json"])
            let sequences = try #require(shown["sequences"] as? [[String: Any]])
            #expect(sequences.count == 12)
            #expect(shown["taken"] as? Bool == true)
            var slots: [Data] = []
            for (position, sequence) in sequences.enumerated() {
                #expect(sequence["position"] as? Int == position && sequence["slot"] as? Int == position / 2)
                let first = try #require(sequence["first_token"] as? Int)
                #expect(sequence["sequence"] as? Int == first / 24 && first % 24 == 0)
                // 25 tokens: uint16 in the shard, uint32 in the digest.
                var window = Data()
                var ids: [Int] = []
                for token in first...first + 24 {
                    let (low, high) = (shard[2 * token], shard[2 * token + 1])
                    window.append(contentsOf: [low, high, 0, 0])
                    ids.append(Int(low) | Int(high) << 8)
                }
                #expect(sequence["tokens"] as? [Int] == ids)
                if position % 2 == 0 { slots.append(Data()) }
                slots[position / 2].append(window)
                try Self.checkPlaces(sequence)
            }
            var slotDigests = Data()
            for slot in slots { slotDigests.append(contentsOf: SHA256.hash(data: slot)) }
            let digest = SHA256.hash(data: slotDigests).hexadecimal
            #expect(digest == ledger[step - 1].batchDigest)
            #expect(shown["ledger_digest"] as? String == digest && shown["batch_digest"] as? String == digest)
        }
        try await Self.checkText(line)
        try await Self.checkFind(line)
        try await Self.checkInspect(line, shard)
        try await Self.checkDamage(line)
    }

    /// The text at each place is the file's.
    private static func checkPlaces(_ sequence: [String: Any]) throws {
        for place in try #require(sequence["places"] as? [[String: Any]]) {
            let file = try Data(contentsOf: URL(fileURLWithPath: try #require(place["file"] as? String)))
            let start = try #require(place["first_byte"] as? Int)
            let end = try #require(place["end_byte"] as? Int)
            #expect(place["text"] as? String == String(decoding: file[start..<end], as: UTF8.self))
        }
    }

    private static func checkText(_ line: CommandLine) async throws {
        let all = try await line.apus(["corpus", "show", "run", "--step", "3"])
        #expect(all.code == 0 && all.output.contains("the digest equals the ledger's"))
        #expect(all.output.split(separator: "\n").count { $0.hasPrefix("position ") } == 12)
        let one = try await line.apus(["corpus", "show", "run", "--step", "3", "--sequence", "5", "--tokens", "--full"])
        #expect(
            one.code == 0 && one.output.contains("\nposition 5, slot 2: sequence ") && one.output.contains("  ids "))
        for wrong in [["--step", "0"], ["--step", "21"], ["--step", "3", "--sequence", "12"]] {
            #expect(try await line.apus(["corpus", "show", "run"] + wrong).code == 2)
        }
        #expect(try await line.apus(["corpus", "show", "absent", "--step", "1"]).code == 3)
        // The order is known before the steps are taken.
        let rows = try line.read("run/ledger.csv")
        let begun = String(decoding: rows, as: UTF8.self).split(separator: "\n").prefix(11).map { $0 + "\n" }
        try line.write(begun.joined(), to: "run/ledger.csv")
        let coming = try await line.apus(["corpus", "show", "run", "--step", "15"])
        #expect(coming.code == 0 && coming.output.contains("not taken yet"))
        let found = try await line.apus(["corpus", "find", "run", "--text", "tower 7 of"])
        #expect(found.code == 0)
        try line.write(rows, to: "run/ledger.csv")
    }

    private static func checkFind(_ line: CommandLine) async throws {
        var sides: Set<String> = []
        for file in 0..<40 where sides.count < 2 {
            let found = try await json(line, ["corpus", "find", "run", "text/\(file).txt", "--json"])
            let documents = try #require(found["documents"] as? [[String: Any]])
            let stretches = try #require(documents.first?["stretches"] as? [[String: Any]])
            let steps = try #require(documents.first?["steps"] as? [Int])
            let side = try #require(stretches.first?["side"] as? String)
            #expect(documents.count == 1 && stretches.count == 1)
            guard sides.insert(side).inserted else { continue }
            let text = try await line.apus(["corpus", "find", "run", "text/\(file).txt"])
            #expect(text.output.contains(side == "held-out" ? "never trained on" : "training text"), "\(text.output)")
            #expect(side == "train" || steps.isEmpty)
            for step in steps.prefix(2) {
                let shown = try await line.apus(["corpus", "show", "run", "--step", "\(step)"])
                #expect(shown.output.contains("/text/\(file).txt"))
            }
        }
        #expect(sides == ["train", "held-out"])
        let none = try await json(line, ["corpus", "find", "run", "text/absent.txt", "--json"])
        #expect((none["documents"] as? [Any])?.isEmpty == true && none["count"] as? Int == 0)
        let sentence = try await line.apus(["corpus", "find", "run", "text/absent.txt"])
        #expect(sentence.code == 0 && sentence.output.contains("is not in the corpus"))
        #expect(try await line.apus(["corpus", "find", "run"]).code == 2)
    }

    private static func checkInspect(_ line: CommandLine, _ shard: Data) async throws {
        let report = try await json(line, ["corpus", "inspect", "run", "--context", "24", "--json"])
        let source = try #require((report["sources"] as? [[String: Any]])?.first)
        let train = try #require(source["train"] as? [String: Any])
        #expect(train["tokens"] as? Int == shard.count / 2)
        #expect(train["sequences"] as? Int == (shard.count / 2 - 1) / 24)
        #expect((source["overlap"] as? [String: Any])?["share"] as? Double != nil)
        #expect((report["vocabulary"] as? [String: Any])?["ids"] as? Int == 320)
        let text = try await line.apus(["corpus", "inspect", "run", "--sample", "2"])
        #expect(text.code == 0)
        for words in ["overlap", "ids occur", "lengths of the stretches", "per token", "tower "] {
            #expect(text.output.contains(words), "\(words): \(text.output)")
        }
    }

    /// A shard with other ids, then one that is cut, then none.
    private static func checkDamage(_ line: CommandLine) async throws {
        let folder = try corpus(line)
        let file = folder.appendingPathComponent("train-00000.bin")
        let good = try Data(contentsOf: file)
        var bad = good
        for i in stride(from: 0, to: bad.count, by: 2) { bad[i] ^= 1 }
        for (bytes, words) in [(bad, "read another batch"), (good.dropLast(2), "train-00000.bin")] {
            try bytes.write(to: file)
            let shown = try await line.apus(["corpus", "show", "run", "--step", "3"])
            #expect(shown.code == 3 && shown.errors.contains(words), "\(shown.errors)")
            #expect(shown.output.isEmpty)
            let inspected = try await line.apus(["corpus", "inspect", "run"])
            #expect(inspected.code == 3 && inspected.errors.contains("train-00000.bin"))
        }
        try good.write(to: file)
        try FileManager.default.moveItem(at: folder, to: line.folder.appendingPathComponent("moved"))
        let missing = try await line.apus(["corpus", "find", "run", "1.txt"])
        #expect(missing.code == 3 && missing.errors.contains("--corpus"))
        let moved = try await line.apus(["corpus", "show", "run", "--step", "3", "--corpus", "moved"])
        #expect(moved.code == 0, "\(moved.errors)")
    }

    /// 40 files, and a run on 3 ranks that went on from step 12 as after a kill, its ledger ahead of its checkpoint.
    private static func trained() async throws -> CommandLine {
        let line = try CommandLine()
        try line.write(config, to: "receipts.yaml")
        for file in 0..<40 {
            let text = (0..<12).map { "größe of tower \(file * 41 + $0) of the évening.\n" }
            try line.write(text.joined(), to: "text/\(file).txt")
        }
        let train = ["train", "receipts.yaml", "--run", "run", "--ranks", "3", "--quiet"]
        #expect(try await line.apus(train).code == 0)
        for step in [16, 20] {
            for ending in ["h5", "commit"] {
                try FileManager.default.removeItem(
                    at: line.folder.appendingPathComponent("run/checkpoints/step-000000\(step).\(ending)"))
            }
        }
        let resumed = try await line.apus(train)
        #expect(resumed.code == 0, "\(resumed.errors)")
        let provenance = String(decoding: try line.read("run/provenance.json"), as: UTF8.self)
        #expect(provenance.contains("\"from_step\" : 12"))
        return line
    }

    private static func corpus(_ line: CommandLine) throws -> URL {
        let corpora = line.folder.appendingPathComponent("checkpoints/.corpora")
        let inside = try FileManager.default.contentsOfDirectory(at: corpora, includingPropertiesForKeys: nil)
        return try #require(inside.first { FileManager.default.fileExists(atPath: $0.path + "/index.json") })
    }

    private static func shard(_ line: CommandLine) throws -> Data {
        try Data(contentsOf: try corpus(line).appendingPathComponent("train-00000.bin"))
    }

    private static func json(_ line: CommandLine, _ arguments: [String]) async throws -> [String: Any] {
        let result = try await line.apus(arguments)
        #expect(result.code == 0, "\(result.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }
}
