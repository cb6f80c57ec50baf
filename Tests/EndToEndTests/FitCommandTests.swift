import Foundation
import Testing

/// `apus fit` and `apus plan --fit` on tables that a test makes.
@Suite struct FitCommandTests {
    /// A grid of 5 sizes and 4 lengths on E = 1.8, A = 480, B = 2100, α = .35, β = .37, with a ripple of 0.3 %.
    static func table(n: String = "n_total", d: String = "tokens", loss: String = "loss_final") -> String {
        var lines = ["run,\(n),\(d),\(loss),status"]
        for (i, size) in [1e6, 3e6, 1e7, 3e7, 1e8].enumerated() {
            for (j, ratio) in [5.0, 20, 80, 320].enumerated() {
                let tokens = size * ratio
                let ripple = 1 + 0.003 * sin(Double(7 * i + 3 * j))
                let value = (1.8 + 480 * pow(size, -0.35) + 2100 * pow(tokens, -0.37)) * ripple
                lines.append("r\(i)-\(j),\(size),\(tokens),\(value),complete")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test(
        "a fit's JSON has its keys for every parametric law",
        arguments: ["chinchilla", "kaplan", "kaplan+E", "compute"])
    func keys(law: String) async throws {
        let line = try CommandLine()
        try line.write(Self.table(), to: "runs.csv")
        let result = try await line.apus(["fit", "runs.csv", "--law", law, "--resamples", "20", "--json"])
        #expect(result.code == 0, "\(result.errors)")
        let fit = try Self.object(result.output)
        for key in ["objective", "n_points"] { #expect(fit[key] is NSNumber, "\(key)") }
        for key in ["parameters", "intervals", "standard_errors", "optimum"] {
            #expect(fit[key] is [String: Any], "\(key)")
        }
        #expect(fit["warnings"] is [String])
        #expect((fit["rows_sha256"] as? String)?.count == 64)
        let text = try await line.apus(["fit", "runs.csv", "--law", law, "--resamples", "0"])
        #expect(text.code == 0 && text.output.contains("objective"))
        if law == "chinchilla" {
            let parameters = try #require(fit["parameters"] as? [String: Double])
            #expect(Set(parameters.keys) == ["E", "A", "B", "alpha", "beta"])
            #expect(abs((parameters["alpha"] ?? 0) - 0.35) < 0.02)
            #expect((fit["optimum"] as? [String: Double])?["a"] != nil)
            #expect((fit["resampled_parameters"] as? [[Double]])?.count == 20)
        }
    }

    @Test("other people's columns, conditions, and rows left out are told")
    func foreign() async throws {
        let line = try CommandLine()
        let text = Self.table(n: "size", d: "seen", loss: "nll").replacing("r0-0,", with: "odd,")
        try line.write(text.replacing(",", with: "\t"), to: "theirs.tsv")
        let result = try await line.apus([
            "fit", "theirs.tsv", "--law", "chinchilla", "--n", "size", "--d", "seen", "--loss", "nll", "--where",
            "run!=odd", "--drop-highest-loss", "2", "--resamples", "0", "--loss-function", "log-mse",
        ])
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("fitted to 17 points"))
        #expect(result.output.contains("1 row left out: not run!=odd (odd)"))
        #expect(result.output.contains("2 rows left out: highest loss"))
        let bad = try await line.apus(["fit", "theirs.tsv", "--law", "chinchilla", "--where", "run=odd"])
        #expect(bad.code == 2 && bad.errors.contains("--where"))
    }

    @Test("resamples are written as rows of the table and read back to the same fit")
    func resamples() async throws {
        let line = try CommandLine()
        try line.write(Self.table(), to: "runs.csv")
        let fit = ["fit", "runs.csv", "--law", "chinchilla", "--drop-highest-loss", "1", "--json"]
        let first = try await line.apus(fit + ["--resamples", "12", "--seed", "3", "--write-indices", "drawn.csv"])
        let rows = String(decoding: try line.read("drawn.csv"), as: UTF8.self).split(separator: "\n")
        #expect(rows.count == 12)
        #expect(rows.allSatisfy { $0.split(separator: ",").count == 19 })
        // The row of the highest loss is the first.
        #expect(rows.joined(separator: ",").split(separator: ",").allSatisfy { (1...19).contains(Int($0) ?? -1) })
        let again = try await line.apus(fit + ["--resample-indices", "drawn.csv"])
        let one = try Self.object(first.output)["intervals"] as? NSDictionary
        let other = try Self.object(again.output)["intervals"] as? NSDictionary
        #expect(one != nil && one == other)
        try line.write("0,1,2\n", to: "bad.csv")
        let bad = try await line.apus(fit + ["--resample-indices", "bad.csv"])
        #expect(bad.code == 3 && bad.errors.contains("bad.csv, line 1 draws row 0"))
    }

    @Test(
        "a table that has no law is refused with exit code 3, a line and a column",
        arguments: [
            ("n_total,tokens,loss_final\n1000,1e5,nan\n", "line 2, column loss_final is nan"),
            ("n_total,tokens,loss_final\n1000,1e5,-3\n", "line 2, column loss_final is -3"),
            ("n_total,tokens,loss_final\n1000,1e5,3\n1000,many,3\n", "line 3, column tokens is \"many\""),
            ("n_total,tokens,loss_final\n1000,1e5,3\n2000,1e5,2.9\n2000,2e5,2.8\n", "there are 3"),
            ("tokens,loss_final\n1e5,3\n", "no column \"n_total\""),
            ("n_total,loss_final\n1e5,3\n", "neither a column \"tokens\""),
            ((1...8).reduce("n_total,tokens,loss_final\n") { $0 + "1000,\($1)e5,\(4 - 0.1 * Double($1))\n" }, "same N"),
            ("n_total,tokens,loss_final,status\n1000,1e5,3,partial\n", "no row to fit: 1 row left out: status"),
            ("", "is empty"), ("n_total;tokens\n1;2\n", "semicolons"), ("n_total,tokens\n1\n", "line 2 has 1 fields"),
        ])
    func refused(text: String, told: String) async throws {
        let line = try CommandLine()
        try line.write(text, to: "bad.csv")
        let result = try await line.apus(["fit", "bad.csv", "--law", "chinchilla"])
        #expect(result.code == 3)
        #expect(result.errors.hasPrefix("apus: ") && result.errors.contains(told), "\(result.errors)")
    }

    @Test("a fit that cannot be trusted ends with exit code 6 under --strict, after it is shown")
    func strict() async throws {
        let line = try CommandLine()
        let rows = (1...8).map { "r\($0),\(Double($0) * 1e6),\(Double($0) * 2e7),\(4 - 0.1 * Double($0)),complete" }
        try line.write("run,n_total,tokens,loss_final,status\n" + rows.joined(separator: "\n") + "\n", to: "line.csv")
        let fit = ["fit", "line.csv", "--law", "chinchilla", "--resamples", "0"]
        #expect(try await line.apus(fit).code == 0)
        let result = try await line.apus(fit + ["--strict"])
        #expect(result.code == 6)
        #expect(result.output.contains("do not trust"))
    }

    @Test("options that a law does not take are refused, not ignored")
    func options() async throws {
        let line = try CommandLine()
        try line.write(Self.table(), to: "runs.csv")
        try line.write("0,1,2\n", to: "drawn.csv")
        for (law, option) in [
            ("chinchilla", ["--critical-batch", "1e5"]), ("kaplan", ["--usable-share", "0.15"]),
            ("chinchilla", ["--curve-loss", "loss"]), ("compute", ["--resample-indices", "drawn.csv"]),
            ("isoflop", ["--resample-indices", "drawn.csv"]), ("compute", ["--write-indices", "new.csv"]),
            ("envelope", ["--curves", "runs.csv", "--loss-function", "lad"]),
        ] {
            let result = try await line.apus(["fit", "runs.csv", "--law", law] + option)
            let named = option.first { $0.hasPrefix("--") && $0 != "--curves" } ?? ""
            #expect(result.code == 2 && result.errors.contains(named), "\(law) \(option): \(result.errors)")
        }
        let lines = try await line.apus([
            "fit", "runs.csv", "--law", "kaplan", "--loss-function", "lad", "--resamples", "0",
        ])
        #expect(lines.code == 0 && lines.output.contains("reach the joint laws alone"))
    }

    @Test("what speaks against Kaplan's joint laws is told with their name, and decides under --strict")
    func jointWarnings() async throws {
        let line = try CommandLine()
        // The loss does not fall with D: no exponent of D is to be had.
        var lines = ["run,n_total,tokens,loss_final,status"]
        for (i, n) in [1e6, 3e6, 1e7, 3e7, 1e8].enumerated() {
            for (j, d) in [1e8, 1e9, 1e10, 1e11].enumerated() {
                let value = 1.8 + 480 * pow(n, -0.35) + 0.01 * sin(Double(7 * i + 3 * j))
                lines.append("r\(i)-\(j),\(n),\(d),\(value),complete")
            }
        }
        try line.write(lines.joined(separator: "\n") + "\n", to: "runs.csv")
        let fit = ["fit", "runs.csv", "--law", "kaplan", "--resamples", "0"]
        let told = try await line.apus(fit)
        #expect(told.code == 0 && told.output.contains("do not trust: joint"), "\(told.output)")
        #expect(try await line.apus(fit + ["--strict"]).code == 6)
        // Four runs have lines, but no joint law.
        let few = lines.prefix(1) + [lines[1], lines[6], lines[11], lines[16]]
        try line.write(few.joined(separator: "\n") + "\n", to: "few.csv")
        let lost = try await line.apus(["fit", "few.csv", "--law", "kaplan", "--resamples", "0"])
        #expect(lost.code == 0 && lost.output.contains("caution: no joint"), "\(lost.output)\(lost.errors)")
    }

    @Test("a plan's interval has no upper bound where resampled laws never get there, and laws without optimum count")
    func boundless() async throws {
        let line = try CommandLine()
        let resampled = (0..<100).map { i in
            "[\(i < 8 ? 2.5 : 1.8), 480, 2100, \(i == 50 ? -0.1 : 0.35), 0.37]"
        }
        let parameters = "{\"E\": 1.8, \"A\": 480, \"B\": 2100, \"alpha\": 0.35, \"beta\": 0.37}"
        try line.write(
            "{\"law\": \"chinchilla\", \"parameters\": \(parameters), \"resampled_parameters\": "
                + "[\(resampled.joined(separator: ", "))]}\n", to: "fit.json")
        let text = try await line.apus(["plan", "--target-loss", "2.4", "--fit", "fit.json"])
        #expect(text.code == 0, "\(text.errors)")
        #expect(text.output.contains("no upper bound") && text.output.contains("without a run's scatter"))
        #expect(text.output.contains("1 of 100 resampled laws have no optimum"), "\(text.output)")
        let json = try await line.apus(["plan", "--target-loss", "2.4", "--fit", "fit.json", "--json"])
        let intervals = try #require(try Self.object(json.output)["intervals"] as? [String: [Any]])
        #expect(intervals["n"]?.count == 2 && intervals["n"]?[0] is NSNumber && intervals["n"]?[1] is NSNull)
    }

    @Test("conventions of N and C stand beside each other, where the table has them")
    func conventions() async throws {
        let line = try CommandLine()
        try line.write(Self.table(), to: "runs.csv")
        let fit = ["--law", "chinchilla", "--all-conventions", "--resamples", "60"]
        let none = try await line.apus(["fit", "runs.csv"] + fit)
        #expect(none.code == 3 && none.errors.contains("no conventions to compare"))
        let rows = Self.table().split(separator: "\n").dropFirst().map { row -> String in
            let cells = row.split(separator: ",")
            let (n, d) = (Double(cells[1]) ?? 0, Double(cells[2]) ?? 0)
            return row + ",\(n - 300 * pow(n, 1.0 / 3)),\(6 * n * d),\(7 * n * d * pow(n, -0.02))"
        }
        let header = "run,n_total,tokens,loss_final,status,n_non_embedding,flops_6nd,flops_exact"
        try line.write(([header] + rows).joined(separator: "\n") + "\n", to: "ours.csv")
        let result = try await line.apus(["fit", "ours.csv"] + fit)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("n_non_embedding") && result.output.contains("a by C = flops_exact"))
        let json = try Self.object(try await line.apus(["fit", "ours.csv", "--json"] + fit).output)
        let conventions = try #require(json["conventions"] as? [[String: Any]])
        #expect(conventions.count == 6)
        let exponents = conventions.compactMap { $0["a"] as? Double }
        #expect(exponents.count == 6 && exponents[0] == exponents[1] && exponents[2] > exponents[1])
        #expect(exponents[3] > exponents[0] - 0.2)
        // The same a has the same interval here and above.
        let above = try #require((json["intervals"] as? [String: [Double]])?["a"])
        let beside = try #require(conventions[0]["a_interval"] as? [Double])
        for (one, other) in zip(above, beside) { #expect(abs(one / other - 1) < 1e-12) }
        // Another count of C does not become 6ND where D is taken from C.
        let derived = try Self.object(try await line.apus(["fit", "ours.csv", "--json", "--d-from-c"] + fit).output)
        let costs = try #require(derived["conventions"] as? [[String: Any]]).prefix(3)
            .compactMap { $0["flops_per_token_exponent"] as? Double }
        #expect(costs.count == 3 && abs(costs[1] - 1) < 1e-9 && abs(costs[2] - 0.98) < 1e-6, "\(costs)")
    }

    @Test("a budget is planned by a published law, by a table, and by a fit's JSON")
    func plans() async throws {
        let line = try CommandLine()
        try line.write(Self.table(), to: "runs.csv")
        let fit = try await line.apus(["fit", "runs.csv", "--law", "chinchilla", "--resamples", "50", "--json"])
        try line.write(fit.output, to: "fit.json")
        for source in [["--law", "epoch"], ["--fit", "runs.csv"], ["--fit", "fit.json"]] {
            let result = try await line.apus(["plan", "--budget", "1e21", "--json"] + source)
            #expect(result.code == 0, "\(result.errors)")
            let plan = try Self.object(result.output)
            let (n, d) = (plan["n"] as? Double ?? 0, plan["d"] as? Double ?? 0)
            #expect(abs(6 * n * d / 1e21 - 1) < 1e-9)
            #expect((plan["off_optimum"] as? [Any])?.count == 7)
            let isFit = source[0] == "--fit"
            #expect(((plan["intervals"] as? [String: Any])?["n"] != nil) == isFit)
            #expect(((plan["next_runs"] as? [Any])?.isEmpty == false) == isFit)
        }
        let text = try await line.apus([
            "plan", "--target-loss", "2.2", "--fit", "fit.json", "--deployment-n", "3e8", "1e9", "--n", "5e8",
            "--gflops", "100",
            "--ranks", "8",
        ])
        #expect(text.code == 0, "\(text.errors)")
        for told in [
            "tokens per parameter", "Off the best N", "pays after generating", "With 500 M", "time ", "next run",
        ] {
            #expect(text.output.contains(told), "\(told)")
        }
        let impossible = try await line.apus(["plan", "--target-loss", "1", "--fit", "fit.json"])
        #expect(impossible.code == 2 && impossible.errors.contains("irreducible"))
        for wrong in [
            ["--budget", "1e21"], ["--budget", "x", "--law", "epoch"], [], ["--law", "epoch"],
            ["tiny.yaml", "--budget", "1e21", "--law", "epoch"],
            ["--budget", "1", "--target-loss", "2", "--law", "epoch"],
        ] {
            #expect(try await line.apus(["plan"] + wrong).code == 2, "\(wrong)")
        }
    }
}
