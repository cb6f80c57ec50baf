import Testing

@testable import Reports

@Suite("Numbers, tables and the status line on a terminal")
struct FormattingTests {
    @Test(
        "counts have three digits and a unit",
        arguments: [
            (0.0, "0"), (7, "7"), (999, "999"), (999.6, "1.00 k"), (1234, "1.23 k"), (12_345_678, "12.3 M"),
            (999_600_000, "1.00 B"), (1.5e12, "1.50 T"), (2.5e15, "2.50·10¹⁵"), (0.5, "0.500"), (-1500, "-1.50 k"),
        ])
    func counts(value: Double, text: String) { #expect(Humanly.count(value) == text) }

    @Test(
        "durations name two neighbouring units",
        arguments: [
            (0.04, "0.0 s"), (4.24, "4.2 s"), (9.96, "10 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s"),
            (7_500, "2 h 05 min"), (273_600, "3 d 4 h"), (.infinity, "unknown"), (-1, "unknown"),
        ])
    func durations(seconds: Double, text: String) { #expect(Humanly.duration(seconds: seconds) == text) }

    @Test("work, memory, shares and significant digits")
    func others() {
        #expect(Humanly.flops(3.214e15) == "3.21 PFLOP")
        #expect(Humanly.flops(12) == "12 FLOP")
        #expect(Humanly.flops(3e28) == "3.00·10²⁸ FLOP")
        #expect(Humanly.bytes(1_610_612_736) == "1.50 GiB")
        #expect(Humanly.bytes(100) == "100 B")
        #expect(Humanly.percent(0.713) == "71 %")
        #expect(Humanly.loss(3.21987) == "3.2199")
        #expect(Humanly.significant(0.0004567, 3) == "0.000457")
        #expect(Humanly.significant(1000, 3) == "1000")
        #expect(Humanly.significant(1e-9, 3) == "1.00·10⁻⁹")
    }

    @Test("the locale decides about Unicode in POSIX's order")
    func locale() {
        #expect(TerminalStyle(environment: ["LANG": "en_GB.UTF-8"]).isUnicode)
        #expect(!TerminalStyle(environment: ["LANG": "en_GB.UTF-8", "LC_ALL": "C"]).isUnicode)
        #expect(TerminalStyle(environment: ["LANG": "C", "LC_ALL": "", "LC_CTYPE": "C.utf8"]).isUnicode)
        #expect(!TerminalStyle(environment: [:]).isUnicode)
        #expect(TerminalStyle(isUnicode: false).plain("2.5·10⁻¹⁵ α ü") == "2.5*10-15 alpha ?")
    }

    @Test("a table aligns its columns and rules its head")
    func table() {
        var table = TerminalTable([.init("run", .left), .init("N"), .init("loss")])
        table.add(["a", "12.3 M", "3.21"])
        table.add(["long", "1.00 B", "13.21"])
        #expect(
            table.text(TerminalStyle(isUnicode: true)) == """
                run        N   loss
                ────  ──────  ─────
                a     12.3 M   3.21
                long  1.00 B  13.21

                """)
        #expect(table.text(TerminalStyle(isUnicode: false)).contains("----  ------  -----"))
    }

    private let progress = Progress(
        name: "books-10m", step: 37, steps: 300, loss: 3.4412, tokensPerSecond: 23_456, utilisation: 0.71,
        secondsLeft: 200)

    @Test("the status line fits every width and is redrawn in place")
    func statusLine() {
        for unicode in [true, false] {
            for width in 1...140 {
                let line = StatusLine(style: TerminalStyle(isUnicode: unicode), width: width)
                #expect(line.text(progress).count <= max(width - 1, 10))
                #expect(unicode || line.text(progress).allSatisfy(\.isASCII))
            }
        }
        let line = StatusLine(style: TerminalStyle(isUnicode: false), width: 120)
        #expect(
            line.redraw(progress) == "\rbooks-10m  [#...............]  step  37/300  loss 3.4412  23.5 k tokens/s  "
                + "71 % of peak  3 min 20 s left\u{1B}[K")
        #expect(
            StatusLine(style: TerminalStyle(isUnicode: true), width: 80).text(progress)
                == "▕▉       ▏  37/300  loss 3.4412  23.5 k tokens/s  71 %  3 min 20 s left")
    }

    @Test("elsewhere than on a terminal the same facts are one plain line, and what is unknown stays away")
    func logLine() {
        let line = StatusLine(style: TerminalStyle(isUnicode: false))
        #expect(
            line.logLine(progress)
                == "books-10m: step  37/300, loss 3.4412, 23.5 k tokens/s, 71 % of peak, 3 min 20 s left\n")
        #expect(line.logLine(Progress(name: "", step: 0, steps: 0)) == "step 0/0\n")
        var sweep = Progress(name: "3/29 done", step: 410, steps: 1000)
        sweep.countsSteps = false
        #expect(line.logLine(sweep) == "3/29 done: 41 %\n")
    }
}
