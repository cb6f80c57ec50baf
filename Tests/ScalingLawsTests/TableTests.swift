import Foundation
import Testing

@testable import ScalingLaws

@Suite("Tables")
struct TableTests {
    private func csv(_ text: String) throws -> Table { try Table(separated: text, by: ",", source: "runs.csv") }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch let error as TableError {
            return error.message
        } catch {
            return "another error: \(error)"
        }
    }

    @Test("quotes, separators and line ends inside fields are read as RFC 4180 says")
    func quoting() throws {
        let table = try csv("name,loss\r\n\"a, \"\"b\"\"\nc\",1.5\r\nd,2\r\n")
        #expect(try table.texts("name") == ["a, \"b\"\nc", "d"])
        #expect(try table.doubles("loss") == [1.5, 2])
        #expect(table.place(1, "loss") == "runs.csv, line 4, column loss")
        #expect(try csv(table.csv).columns == table.columns)
    }

    @Test("numbers come back with the same bits, in CSV and in JSONL")
    func roundTrip() throws {
        let seed: UInt64 = 11
        var generator = SplitMix64(seed: seed)
        var numbers = (0..<200).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
        numbers += [0.1, Double.leastNonzeroMagnitude, 5e17, 1e22, 0, -0.0, 3]
        let table = Table(
            source: "made",
            columns: [
                .init(name: "x", numbers: numbers.map(Optional.some) + [nil]),
                .init(name: "name", cells: (0...numbers.count).map { "00\($0)" }),
            ])
        for copy in [try csv(table.csv), try Table(jsonl: table.jsonl, source: "runs.jsonl")] {
            let read = try copy.optionalDoubles("x")
            #expect(read.last == .some(nil))
            #expect(read.compactMap { $0?.bitPattern } == numbers.map(\.bitPattern), "seed \(seed)")
            #expect(try copy.texts("name") == table.texts("name"))
        }
        #expect(table.jsonl.hasPrefix("{\"x\": "))
    }

    @Test("JSONL keeps the order of keys and fills missing ones")
    func jsonl() throws {
        let table = try Table(
            jsonl: "{\"b\": 1, \"a\": \"x \\\"y\\\"\"}\n\n{\"a\":\"z\",\"c\":true, \"b\":null}\n", source: "t.jsonl")
        #expect(table.columnNames == ["b", "a", "c"])
        #expect(try table.texts("a") == ["x \"y\"", "z"])
        #expect(try table.optionalDoubles("b") == [1, nil])
        #expect(try table.texts("c") == ["", "true"])
        #expect(message { _ = try Table(jsonl: "{\"a\": [1]}", source: "t.jsonl") }.contains("t.jsonl, line 1"))
    }

    @Test("a faulty table is one sentence that names file, line, column and value")
    func errors() {
        #expect(message { _ = try csv("") }.contains("runs.csv is empty"))
        #expect(message { _ = try csv("a,b\n") }.contains("no rows"))
        #expect(message { _ = try csv("a,a\n1,2\n") }.contains("two columns named \"a\""))
        #expect(message { _ = try csv("a,b\n1,2\n3\n") }.contains("runs.csv, line 3 has 1 fields"))
        #expect(message { _ = try csv("a\n\"x\n") }.contains("never ends"))
        #expect(message { _ = try csv("a\n1\n").doubles("b") }.contains("no column \"b\"; it has a"))
        #expect(
            message { _ = try csv("a\n1\nfoo\n").doubles("a") }.contains("runs.csv, line 3, column a is \"foo\""))
        #expect(message { _ = try csv("a,b\n1,\n").doubles("b") }.contains("line 2, column b is empty"))
        #expect(
            message { _ = try Table(contentsOf: URL(fileURLWithPath: "/nonexistent/t.csv")) }
                .contains("cannot read the table /nonexistent/t.csv"))
    }

    @Test("only complete runs are fitted, and what was left out is told")
    func filter() throws {
        let table = try csv(
            """
            run,n_total,tokens,flops_6nd,loss_final,status
            a,10,100,6000,3.5,complete
            b,10,100,6000,nan,diverged
            c,20,100,12000,,partial
            d,20,200,24000,3,complete

            """)
        let found = try FitPoints(table)
        #expect(
            found.points == [
                FitPoint(n: 10, d: 100, c: 6000, loss: 3.5, label: "a"),
                FitPoint(n: 20, d: 200, c: 24000, loss: 3, label: "d"),
            ])
        #expect(
            found.dropped == [
                "1 row left out: status \"diverged\", not complete", "1 row left out: status \"partial\", not complete",
            ])
    }

    @Test("anybody's table works by column names, with D = C/(6N) where there are no tokens")
    func foreign() throws {
        let found = try FitPoints(
            csv("size,flop,l\n10,6000,3\n"), columns: .init(n: "size", d: "D", c: "flop", loss: "l"))
        #expect(found.points == [FitPoint(n: 10, d: 100, c: 6000, loss: 3, label: "row 1")])
    }

    @Test(
        "NaN, negative and missing numbers in a fitted row are refused", arguments: ["nan", "-1", "0", "inf", "", "x"])
    func refused(cell: String) {
        let columns = FitPoints.Columns(n: "n", d: "d", loss: "loss")
        let said = message { _ = try FitPoints(csv("n,d,loss\n10,100,3\n10,200,\(cell)\n"), columns: columns) }
        #expect(said.hasPrefix("runs.csv, line 3, column loss is"), "\(said)")
        let missing = message { _ = try FitPoints(csv("n,loss\n10,3\n"), columns: columns) }
        #expect(missing.contains("neither a column \"d\" for the tokens nor \"flops_6nd\""), "\(missing)")
    }
}
