import Experiment
import Foundation
import Testing

@Suite("The table of evaluations")
struct EvaluationTableTests {
    private static let sources = ["books", "peps", "all"]
    private static let steps = [0, 2, 4, 6]

    private static func rows(_ step: Int) -> [EvaluationRow] {
        sources.enumerated().map { number, source in
            EvaluationRow(
                run: "mixed", step: step, tokens: step * 768, source: source, loss: 5.1 / Double(step + number + 1),
                lossStandardError: 1e-300, bitsPerByte: source == "peps" ? nil : 0.1 + 0.2,
                bitsPerCharacter: source == "peps" ? nil : 1.0.nextUp, sequences: 12 + number)
        }
    }

    private static func withTable(_ steps: [Int], _ body: (URL) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("evaluations.csv")
            let table = try EvaluationTable(at: url, keeping: [])
            for step in steps { table.append(rows(step)) }
            try table.synchronize()
            try body(url)
        }
    }

    /// As a resume from `step` does it, of a run that is evaluated every two steps.
    private static func resume(_ url: URL, _ step: Int, evaluated: [Int]? = nil) throws -> EvaluationTable {
        let evaluated = evaluated ?? steps.filter { (1...max(step, 1)).contains($0) }
        return try EvaluationTable(
            at: url, keeping: EvaluationTable.rows(at: url, upTo: step, evaluated: evaluated, sources: sources))
    }

    @Test("the columns are those that are promised, and rows read back to the same bits")
    func roundTrip() throws {
        try Self.withTable(Self.steps) { url in
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(
                text.hasPrefix(
                    "run,step,tokens,source,loss,loss_se,bits_per_byte,bits_per_character,sequences\nmixed,0,0,books,"))
            #expect(text.contains("mixed,2,1536,peps,1.275,1e-300,,,13\n"))
            #expect(try EvaluationTable.read(url) == Self.steps.flatMap(Self.rows))
        }
    }

    @Test("a resume cuts the table back to its checkpoint, and the same rows follow", arguments: 0...6)
    func resume(step: Int) throws {
        try Self.withTable(Self.steps) { url in
            let whole = try Data(contentsOf: url)
            for torn in [0, 1, 20, 300] {
                // The rows behind the checkpoint may be damaged in any way.
                let kept = step == 0 ? [] : Self.steps.filter { $0 <= step }
                var text = "\(EvaluationRow.columns.joined(separator: ","))\n"
                text += kept.flatMap(Self.rows).map { $0.csv + "\n" }.joined()
                try (Data(text.utf8) + whole.dropFirst(text.utf8.count).dropLast(torn) + Data("\0\0mixed,9".utf8))
                    .write(to: url)
                let table = try Self.resume(url, step)
                #expect(try EvaluationTable.read(url) == kept.flatMap(Self.rows))
                for next in Self.steps where !kept.contains(next) { table.append(Self.rows(next)) }
                #expect(try Data(contentsOf: url) == whole)
            }
        }
    }

    @Test("a table that lacks rows which the checkpoint covers is refused, and stays as it is")
    func missing() throws {
        for (first, dropped) in [(0, 1), (4, 1), (7, 2), (9, 3), (3, 3)] {
            try Self.withTable(Self.steps) { url in
                var lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
                lines.removeSubrange(first + 1..<first + 1 + dropped)
                let damaged = Data((lines.joined(separator: "\n") + "\n").utf8)
                try damaged.write(to: url)
                let failure = #expect(throws: Failure.self) { try Self.resume(url, 6) }
                #expect(failure?.code == .badData)
                #expect(try Data(contentsOf: url) == damaged)
            }
        }
    }

    @Test("a run of an earlier version goes on with a table that begins at the resume")
    func earlierVersion() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("evaluations.csv")
            #expect(try EvaluationTable.read(url).isEmpty)
            try Self.resume(url, 4).append(Self.rows(6))
            #expect(try EvaluationTable.read(url) == Self.rows(6))
            // Killed, and gone on with from step 5, and then from step 6.
            try Self.resume(url, 5).append(Self.rows(6))
            _ = try Self.resume(url, 6)
            #expect(try EvaluationTable.read(url) == Self.rows(6))
        }
    }

    @Test("what is no row is named by its line")
    func damaged() throws {
        try Self.withTable(Self.steps) { url in
            let text = try String(contentsOf: url, encoding: .utf8)
            let row = "mixed,2,1536,peps"
            for (damaged, line) in [("mixed,x,1536,peps", "line 6"), ("mixed,9,1536,peps", "line 7")] {
                try Data(text.replacing(row, with: damaged).utf8).write(to: url)
                let failure = #expect(throws: Failure.self) { try EvaluationTable.read(url) }
                #expect(failure?.message.contains(line) == true)
            }
            try Data(("a,b\n" + text).utf8).write(to: url)
            let failure = #expect(throws: Failure.self) { try EvaluationTable.read(url) }
            #expect(failure?.message.contains("not a table of evaluations") == true)
        }
    }
}
