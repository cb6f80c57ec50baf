import Experiment
import Foundation
import Testing

@Suite("The ledger")
struct LedgerTests {
    func row(_ step: Int) -> LedgerRow {
        LedgerRow(
            run: "small", step: step, tokens: step * 768, flops6ND: 1e12 / 3 * Double(step), flopsExact: 1.1e12,
            nonEmbeddingParameters: 100_096, totalParameters: 132_928, trainLoss: 5.5 - 0.1 * Double(step),
            evalLoss: step % 2 == 0 ? 0.1 + 0.2 : nil, evalLossStandardError: step % 2 == 0 ? 1e-300 : nil,
            learningRate: 1e-3 / 7, gradientNorm: 1.0.nextUp, batchTokens: 768, uniqueTokens: step * 768, epoch: 0,
            batchDigest: "abc\(step)", gradientSquare: step % 4 == 0 ? nil : -1e-3 / Double(step),
            gradientNoise: step % 4 == 0 ? nil : 1.0 / 3)
    }

    /// A ledger of `count` rows in a new folder.
    func withLedger(_ count: Int, _ body: (URL) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("ledger.csv")
            let ledger = try Ledger(at: url, resumingAfter: 0)
            for step in 0..<count { ledger.append(row(step + 1)) }
            try ledger.synchronize()
            try body(url)
        }
    }

    func edit(_ url: URL, _ change: (inout String) -> Void) throws {
        var text = try String(contentsOf: url, encoding: .utf8)
        change(&text)
        try Data(text.utf8).write(to: url)
    }

    @Test("the columns are those of the design, in its order")
    func columns() throws {
        try withLedger(0) { url in
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(
                text
                    == "run,step,tokens,flops_6nd,flops_exact,n_non_embedding,n_total,loss_train,loss_eval,"
                    + "loss_eval_se,learning_rate,gradient_norm,batch_tokens,unique_tokens,epoch,batch_digest,gradient_square,"
                    + "gradient_noise\n")
        }
    }

    @Test("rows read back to the same bits, empty where nothing was measured")
    func roundTrip() throws {
        try withLedger(6) { url in
            #expect(try Ledger.read(url) == (1...6).map(row))
            let third = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")[3]
            #expect(third.contains(",,"))
        }
    }

    /// The file as versions before 0.2 wrote it: sixteen columns.
    private func makeEarlier(_ url: URL) throws {
        try edit(url) { text in
            text = text.split(separator: "\n").map { line in
                line.split(separator: ",", omittingEmptySubsequences: false).prefix(16).joined(separator: ",") + "\n"
            }.joined()
        }
    }

    @Test("a ledger of an earlier version reads, without what it did not measure, and a resume goes on with it")
    func earlierColumns() throws {
        try withLedger(4) { url in
            try makeEarlier(url)
            let expected = (1...4).map { step in
                var row = row(step)
                (row.gradientSquare, row.gradientNoise) = (nil, nil)
                return row
            }
            #expect(try Ledger.read(url) == expected)
            let ledger = try Ledger(at: url, resumingAfter: 2)
            let next = row(3)
            ledger.append(next)
            #expect(try Ledger.read(url) == expected.prefix(2) + [next])
        }
    }

    @Test("a damaged row of an earlier version's ledger is named too")
    func damagedEarlier() throws {
        try withLedger(4) { url in
            try makeEarlier(url)
            try edit(url) { $0 = $0.replacing(",abc2", with: "") }
            #expect(throws: Failure.self) { try Ledger.read(url) }
        }
    }

    @Test("no file is no rows")
    func missing() throws {
        #expect(try Ledger.read(URL(fileURLWithPath: "/no/such/ledger.csv")).isEmpty)
    }

    @Test("a torn last line is left out, wherever it was torn")
    func tornLine() throws {
        try withLedger(3) { url in
            let whole = try Data(contentsOf: url)
            let lastLine = row(3).csv.utf8.count + 1
            for torn in 1...lastLine {
                try whole.prefix(whole.count - torn).write(to: url)
                #expect(try Ledger.read(url) == [row(1), row(2)])
            }
        }
    }

    @Test("a resume cuts the ledger back to its checkpoint, and the same rows follow", arguments: 0...5)
    func resume(step: Int) throws {
        try withLedger(5) { url in
            let uninterrupted = try Data(contentsOf: url)
            try edit(url) { $0 += "small,6,46" }
            let ledger = try Ledger(at: url, resumingAfter: step)
            #expect(try Ledger.read(url) == (0..<step).map { row($0 + 1) })
            for next in step..<5 { ledger.append(row(next + 1)) }
            #expect(try Data(contentsOf: url) == uninterrupted)
        }
    }

    @Test("a resume behind the last whole row is refused")
    func tooFewRows() throws {
        try withLedger(3) { url in
            let error = #expect(throws: Failure.self) { try Ledger(at: url, resumingAfter: 4) }
            #expect(error?.code == .badData)
            #expect(error?.message.contains("3 whole rows") == true)
            let rows = try Ledger.read(url)
            #expect(rows.count == 3, "a refused resume must not touch the file")
        }
    }

    static let damages: [(String, @Sendable (inout String) -> Void)] = [
        ("a digit became a letter", { $0 = $0.replacing("small,2,", with: "small,x,") }),
        (
            "a row is missing",
            { $0 = $0.split(separator: "\n").filter { !$0.hasPrefix("small,2,") }.joined(separator: "\n") + "\n" }
        ),
        ("a row is there twice", { $0 = $0.replacing("small,3,", with: "small,2,") }),
        ("a column is missing", { $0 = $0.replacing(",abc2", with: "") }),
        ("an empty line", { $0 = $0.replacing("small,2,", with: "\nsmall,2,") }),
        ("zeros", { $0 = $0.replacing("small,2,", with: "\0\0\0\0\0") }),
    ]

    @Test("a damaged middle line is named", arguments: damages.indices)
    func damaged(index: Int) throws {
        try withLedger(4) { url in
            try edit(url, Self.damages[index].1)
            let error = #expect(throws: Failure.self, "\(Self.damages[index].0)") { try Ledger.read(url) }
            #expect(error?.code == .badData)
            #expect(error?.message.contains("line 3") == true || error?.message.contains("line 4") == true)
        }
    }

    @Test("bytes that are no text are damage, not a crash")
    func notText() throws {
        try withLedger(4) { url in
            var bytes = try Data(contentsOf: url)
            bytes[bytes.count / 2] = 0xFF
            try bytes.write(to: url)
            #expect(throws: Failure.self) { try Ledger.read(url) }
        }
    }

    @Test("damage behind the checkpoint does not hinder a resume: those rows are cut off")
    func damageBehindCheckpoint() throws {
        try withLedger(6) { url in
            try edit(url) { $0 = $0.replacing("small,5,", with: "\0\0\0") }
            let ledger = try Ledger(at: url, resumingAfter: 3)
            ledger.append(row(4))
            #expect(try Ledger.read(url) == (1...4).map(row))
        }
    }

    @Test("another file is not taken for a ledger")
    func otherFile() throws {
        try withLedger(1) { url in
            try edit(url) { $0 = "a,b\n" + $0 }
            let error = #expect(throws: Failure.self) { try Ledger(at: url, resumingAfter: 0) }
            #expect(error?.message.contains("not a ledger") == true)
        }
    }
}
