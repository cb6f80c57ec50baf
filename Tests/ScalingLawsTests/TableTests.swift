import Foundation
import Testing

@testable import ScalingLaws

@Suite("Tables")
struct TableTests {
    private func csv(_ text: String) throws -> Table { try Table(separated: text, by: .comma, source: "runs.csv") }

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
        #expect(found.rows == [0, 3])
        #expect(
            found.dropped == [
                "1 row left out: status \"diverged\", not complete (b)",
                "1 row left out: status \"partial\", not complete (c)",
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

    private static let others = """
        model,params,D,loss,state
        a,1000,1e5,4,finished
        b,1000,2e5,3.5,finished
        c,2000,1e5,3.7,crashed
        d,2000,2e5,n/a,running
        e,2000,4e5,3.1,Finished

        """

    @Test("--where keeps the rows that meet every condition, numbers compared as numbers")
    func conditions() throws {
        let table = try csv(Self.others)
        func rows(_ texts: String...) throws -> [Int] {
            let filters = try texts.map { try #require(RowFilter($0)) }
            return try FitSelection(filters: filters).rows(of: table, columns: FitColumns()).rows
        }
        #expect(try rows("params==1e3") == [0, 1])
        #expect(try rows("params!=1000.0") == [2, 3, 4])
        #expect(try rows("D<2e5") == [0, 2])
        #expect(try rows("D <= 200000", "params>1500") == [2, 3])
        #expect(try rows("D>=4e5") == [4])
        #expect(try rows("state==finished") == [0, 1])
        #expect(try rows("loss!=n/a") == [0, 1, 2, 4])
        #expect(message { _ = try rows("loss<4") }.contains("line 5, column loss is \"n/a\""))
        #expect(message { _ = try rows("size<4") }.contains("no column \"size\""))
        for text in ["", "loss", "==3", "loss=3", "loss<big", "loss<nan"] { #expect(RowFilter(text) == nil, "\(text)") }
    }

    @Test("the status of other people's tables counts too, and cells of rows that are left out are not read")
    func othersStatus() throws {
        var columns = FitColumns(n: "params", d: "D", loss: "loss", label: "model")
        columns.status = "state"
        let found = try FitPoints(csv(Self.others), columns: columns)
        #expect(found.points.map(\.label) == ["a", "b", "e"])
        #expect(found.dropped.count == 2 && found.dropped.contains { $0.contains("\"crashed\"") && $0.contains("(c)") })
        #expect(
            message {
                _ = try FitPoints(csv(Self.others), columns: columns, selection: .init(takesUnfinished: true))
            }.contains("line 5, column loss is \"n/a\""))
    }

    @Test("mid-schedule rows and trunks are no points, unless they are asked for")
    func midSchedule() throws {
        let table = try csv(
            """
            run,n_total,tokens,loss_final,status,schedule_fraction,role,schedule
            a,10,100,3.5,complete,1,run,cosine
            b,10,50,3.6,complete,0.5,run,cosine
            c,10,50,3.6,complete,0.5,run,constant
            d,10,200,3.4,complete,1,trunk,wsd

            """)
        let found = try FitPoints(table)
        #expect(found.points.map(\.label) == ["a", "c"])
        #expect(found.dropped.contains("1 row left out: mid-schedule, schedule_fraction below 1 (b)"))
        #expect(found.dropped.contains("1 row left out: role \"trunk\", no run of its own (d)"))
        let all = try FitPoints(table, selection: .init(takesUnfinished: true))
        #expect(all.points.count == 4)
        #expect(
            all.dropped == ["2 rows fitted as asked, though their status, schedule or role speaks against it (b, d)"])
    }

    @Test("of runs that differ in learning rate or batch alone the best is a point, unless all are asked for")
    func scans() throws {
        let table = try csv(
            """
            run,n_total,tokens,loss_final,seed,learning_rate,batch_tokens,width
            a,10,1000,3.5,1,0.001,8,4
            b,10,1000,3.3,1,0.002,8,4
            c,10,992,3.4,1,0.002,16,4
            d,10,1000,3.6,2,0.001,8,4
            e,10,2000,3.2,1,0.001,8,4
            f,10,1000,3.7,1,0.001,8,5

            """)
        let found = try FitPoints(table)
        #expect(found.points.map(\.label) == ["b", "d", "e", "f"], "seeds, lengths and other shapes are no scan")
        #expect(
            found.dropped == [
                "2 rows left out: not the best learning rate or batch of their model and length (a, c)"
            ])
        #expect(try FitPoints(table, selection: .init(takesScans: true)).points.count == 6)
        #expect(try FitPoints(table, selection: .init(takesUnfinished: true)).points.count == 6)
    }

    @Test("a run that ends well above its own best broke down, but not one that overfits repeated tokens")
    func brokenDown() throws {
        let table = try csv(
            """
            run,n_total,tokens,unique_tokens,loss_final,loss_best
            fine,10,100,100,3.5,3.45
            broken,10,200,200,3.5,3.2
            repeats,20,200,50,3.5,3.2
            untold,30,200,,3.5,

            """)
        let found = try FitPoints(table)
        #expect(found.points.map(\.label) == ["fine", "repeats", "untold"])
        #expect(
            found.dropped == ["1 row left out: broke down, more than 5 % above its own lowest loss (broken)"])
    }

    @Test("a column cluster is what the bootstrap draws together, and the run's name where it is empty")
    func clusters() throws {
        let table = try csv("run,n_total,tokens,loss_final,cluster\na,1,1,3,x\nb,1,2,2,x\nc,2,2,1,\n")
        #expect(try FitPoints(table).points.map(\.cluster) == ["x", "x", "c"])
    }

    @Test("spaces around a status or a share of the schedule do not count, and a share that is no number is refused")
    func scheduleCells() throws {
        func table(_ fraction: String) throws -> Table {
            try csv(
                """
                run,n_total,tokens,loss_final,status,schedule_fraction,role
                a,10,100,3.5, complete , 1 , run
                b,10,50,3.6,complete,\(fraction),run

                """)
        }
        #expect(try FitPoints(table(" 0.5")).points.map(\.label) == ["a"])
        #expect(try FitPoints(table(" ")).points.map(\.label) == ["a", "b"])
        for fraction in ["nan", "half"] {
            let said = message { _ = try FitPoints(table(fraction)) }
            #expect(said.hasPrefix("runs.csv, line 3, column schedule_fraction is \"\(fraction)\""), "\(said)")
            #expect(try FitPoints(table(fraction), selection: .init(takesUnfinished: true)).points.count == 2)
        }
    }

    @Test("tokens that follow from the FLOPs must be a number above 0 too")
    func impossibleTokens() {
        let columns = FitColumns(n: "n", d: "d", c: "c", loss: "l")
        for row in ["1e-5,1e308,3", "1e300,1e-30,3"] {
            let said = message { _ = try FitPoints(csv("n,c,l\n10,600,3\n\(row)\n"), columns: columns) }
            #expect(said.hasPrefix("runs.csv, line 3, column c is") && said.contains("tokens"), "\(said)")
        }
    }

    @Test("the highest losses are left out, with D = C/(6N) even beside a column of tokens")
    func highest() throws {
        var columns = FitColumns(n: "n", d: "d", c: "c", loss: "l")
        columns.tokensFromCompute = true
        columns.weight = "w"
        columns.cluster = "n"
        let found = try FitPoints(
            csv("n,d,c,l,w\n10,1,600,3,1\n10,1,1200,5,1\n20,1,2400,4,0.5\n"), columns: columns,
            selection: .init(highestLossesDropped: 1))
        #expect(found.points.map(\.d) == [10, 20])
        #expect(found.points.map(\.weight) == [1, 0.5])
        #expect(found.points.map(\.cluster) == ["10", "20"])
        #expect(found.rows == [0, 2])
        #expect(found.dropped == ["1 row left out: highest loss (line 3)"])
        let none = message {
            _ = try FitPoints(csv("n,d,l\n1,1,1\n"), columns: columns, selection: .init(highestLossesDropped: 1))
        }
        #expect(none.contains("no column"), "\(none)")
    }

    @Test("the digest of the rows is that of their numbers, whatever the file around them")
    func digest() throws {
        let columns = FitColumns(n: "n", d: "d", c: "c", loss: "l")
        let first = try FitPoints(csv("n,d,l\n10,100,3.50\n"), columns: columns).digest
        let same = try FitPoints(
            Table(jsonl: "{\"l\": 3.5, \"d\": 1e2, \"n\": 10, \"x\": \"y\"}", source: "t"), columns: columns)
        #expect(first == same.digest && first.count == 64)
        #expect(try FitPoints(csv("n,d,l\n10,100,3.51\n"), columns: columns).digest != first)
        // Repeats, steps and clusters are data of some laws and intervals; as many unique tokens as tokens are no repeats.
        #expect(try FitPoints(csv("n,d,l,unique_tokens\n10,100,3.5,100\n"), columns: columns).digest == first)
        for more in ["unique_tokens\n10,100,3.5,50", "steps\n10,100,3.5,50"] {
            #expect(try FitPoints(csv("n,d,l,\(more)\n"), columns: columns).digest != first)
        }
        var clustered = columns
        clustered.cluster = "n"
        let drawnBySize = try FitPoints(csv("n,d,l\n10,100,3.5\n"), columns: clustered)
        #expect(drawnBySize.digest != first && FiledPrediction.rowsDigest(drawnBySize.points) == drawnBySize.digest)
    }

    @Test("a JSON array of objects is a table, its lines known; a BOM, carriage returns and semicolons are seen")
    func otherShapes() throws {
        let text = "[\n {\"n\": 1, \"l\": 2.5},\n {\"l\": \"x\",\n  \"n\": 3}\n]\n"
        let table = try Table(json: text, source: "t.json")
        #expect(try table.texts("n") == ["1", "3"])
        #expect(message { _ = try table.doubles("l") }.contains("t.json, line 3, column l is \"x\""))
        #expect(try Table(json: "[{}, {\"a\": 1}]", source: "t").texts("a") == ["", "1"])
        #expect(message { _ = try Table(json: "{\"a\": 1}", source: "t") }.contains("no JSON array"))
        #expect(message { _ = try Table(json: "[]", source: "t") }.contains("no rows"))
        #expect(message { _ = try Table(json: "[{\"a\": [1]}]", source: "t") }.contains("t, line 1"))
        #expect(message { _ = try csv("a;b\n1;2\n") }.contains("semicolons"))
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-table-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, content) in [("t.csv", "\u{FEFF}a,b\r\n1,2\r\n"), ("t.tsv", "a\tb\n1\t2"), ("u.csv", "a,b\r1,2\r")] {
            let file = folder.appendingPathComponent(name)
            try Data(content.utf8).write(to: file)
            let read = try Table(contentsOf: file)
            #expect(read.columnNames == ["a", "b"])
            #expect(try read.doubles("b") == [2])
        }
    }
}
