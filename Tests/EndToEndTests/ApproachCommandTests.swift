import Foundation
import Testing

/// The other laws of `apus fit`, on tables that a test makes.
@Suite struct ApproachCommandTests {
    private static func loss(_ n: Double, _ d: Double) -> Double { 1.8 + 480 * pow(n, -0.35) + 2100 * pow(d, -0.37) }

    /// Six sizes about the optimum of each of four budgets, with a ripple of 0.1 %.
    private static var profiles: String {
        var lines = ["run,n_total,tokens,flops_6nd,loss_final,status"]
        for (i, budget) in [1e16, 4e16, 1.6e17, 6.4e17].enumerated() {
            let best = 0.113 * pow(budget / 6, 0.5139)
            for (j, factor) in [0.25, 0.4, 0.7, 1.4, 2.5, 4].enumerated() {
                let n = best * factor
                let value = loss(n, budget / (6 * n)) * (1 + 0.001 * sin(Double(5 * i + 3 * j)))
                lines.append("r\(i)-\(j),\(n),\(budget / (6 * n)),\(budget),\(value),complete")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("IsoFLOP profiles find the exponent of the surface, with an interval, their bias and every vertex")
    func isoFLOP() async throws {
        let line = try CommandLine()
        try line.write(Self.profiles, to: "runs.csv")
        let result = try await line.apus(["fit", "runs.csv", "--law", "isoflop", "--json"])
        #expect(result.code == 0, "\(result.errors)")
        let fit = try Self.object(result.output)
        let a = try #require((fit["optimum"] as? [String: Double])?["a"])
        #expect(abs(a - 0.514) < 0.05)
        #expect((fit["profiles"] as? [Any])?.count == 4)
        #expect((fit["intervals"] as? [String: [Double]])?["a"]?.count == 2)
        #expect((fit["bias"] as? [String: Any])?["a"] is NSNumber)
        let text = try await line.apus(["fit", "runs.csv", "--law", "isoflop"])
        #expect(text.output.contains("N_opt") && text.output.contains("bias of parabolas"))
    }

    @Test("the envelope and the steps' law take curves of the runs that are fitted, and of no others")
    func curves() async throws {
        let line = try CommandLine()
        var runs = ["run,n_total,tokens,flops_6nd,loss_final,status,batch_tokens"]
        var steps = ["run,n_total,tokens,flops_6nd,loss_train"]
        for (i, n) in [1e5, 2e5, 4e5, 8e5, 1.6e6, 3.2e6].enumerated() {
            let d = 40 * n
            let status = i == 5 ? "partial" : "complete"
            runs.append("r\(i),\(n),\(d),\(6 * n * d),\(Self.loss(n, d)),\(status),1000")
            for k in 1...60 {
                let tokens = d * Double(k) / 60
                steps.append("r\(i),\(n),\(tokens),\(6 * n * tokens),\(Self.loss(n, tokens))")
            }
        }
        try line.write(runs.joined(separator: "\n") + "\n", to: "runs.csv")
        try line.write(steps.joined(separator: "\n") + "\n", to: "curves.csv")
        let envelope = try await line.apus(["fit", "runs.csv", "--law", "envelope", "--curves", "curves.csv", "--json"])
        #expect(envelope.code == 0, "\(envelope.errors)")
        let fit = try Self.object(envelope.output)
        let a = try #require((fit["optimum"] as? [String: Double])?["a"])
        #expect(a > 0.3 && a < 0.8)
        #expect((fit["winners"] as? [String: Any])?["r5"] == nil)
        let law = try await line.apus([
            "fit", "runs.csv", "--law", "steps", "--curves", "curves.csv", "--resamples", "10", "--json",
        ])
        #expect(law.code == 0, "\(law.errors)")
        let names = try #require(try Self.object(law.output)["parameters"] as? [String: Double])
        #expect(Set(names.keys) == ["alpha_N", "alpha_S", "N_c", "S_c"])
        #expect(try await line.apus(["fit", "runs.csv", "--law", "envelope"]).code == 2)
    }

    @Test(
        "a curve with a loss that is none, and two curves of one name, are refused with exit code 3",
        arguments: [
            ("r0,1e5,3e6,1.8e12,nan", "column loss_train is nan"), ("r0,1e5,3e6,1.8e12,-3", "column loss_train is -3"),
            ("r0,2e5,3e6,3.6e12,4", "two runs of one name"), ("r0,1e5,2e6,1.2e12,4", "two runs of one name"),
        ])
    func faultyCurves(row: String, told: String) async throws {
        let line = try CommandLine()
        var runs = ["run,n_total,tokens,flops_6nd,loss_final,status"]
        var steps = ["run,n_total,tokens,flops_6nd,loss_train"]
        for (i, n) in [1e5, 2e5, 4e5].enumerated() {
            runs.append("r\(i),\(n),4e6,\(6 * n * 4e6),\(Self.loss(n, 4e6)),complete")
            for d in [1e6, 2e6, 4e6] { steps.append("r\(i),\(n),\(d),\(6 * n * d),\(Self.loss(n, d))") }
        }
        try line.write(runs.joined(separator: "\n") + "\n", to: "runs.csv")
        try line.write((steps + [row]).joined(separator: "\n") + "\n", to: "curves.csv")
        let fit = ["--law", "envelope", "--curves", "curves.csv", "--resamples", "0"]
        let result = try await line.apus(["fit", "runs.csv"] + fit)
        #expect(result.code == 3 && result.errors.contains(told), "\(result.errors)")
        try line.write((runs + [runs[1]]).joined(separator: "\n") + "\n", to: "twice.csv")
        let twice = try await line.apus(["fit", "twice.csv"] + fit)
        #expect(twice.code == 3 && twice.errors.contains("are named r0"), "\(twice.errors)")
    }

    @Test("auto takes the form that tells the held-out runs best, profiles say what the runs refute")
    func automatic() async throws {
        let line = try CommandLine()
        try line.write(FitCommandTests.table(), to: "runs.csv")
        let result = try await line.apus(["fit", "runs.csv", "--law", "auto", "--resamples", "20", "--json"])
        #expect(result.code == 0, "\(result.errors)")
        let fit = try Self.object(result.output)
        let scores = try #require((fit["hold_out"] as? [String: Any])?["scores"] as? [[String: Any]])
        let comparable = scores.compactMap { $0["form"] as? String }.filter { $0 != "compute" }
        #expect(comparable.count > 1 && comparable.first == fit["law"] as? String)
        let profiled = try await line.apus([
            "fit", "runs.csv", "--law", "chinchilla", "--resamples", "0", "--profile", "--hold-out", "0.25", "--json",
        ])
        #expect(profiled.code == 0, "\(profiled.errors)")
        let profiles = try #require(try Self.object(profiled.output)["profiles"] as? [String: [String: Any]])
        #expect(Set(profiles.keys) == ["E", "alpha", "beta", "a"])
        #expect(try await line.apus(["fit", "runs.csv", "--law", "auto", "--hold-out", "2"]).code == 2)
    }

    @Test("Kaplan's rule plans a budget too: 1.3e9 parameters for a PF-day")
    func kaplan() async throws {
        let line = try CommandLine()
        let result = try await line.apus(["plan", "--budget", "1PFd", "--law", "kaplan", "--json"])
        #expect(result.code == 0, "\(result.errors)")
        let plan = try Self.object(result.output)
        #expect(abs((plan["n"] as? Double ?? 0) / 1.3e9 - 1) < 1e-6)
        #expect(abs((plan["loss"] as? Double ?? 0) - pow(3.1e8, 0.05)) < 1e-6)
        let rows = try #require(plan["off_optimum"] as? [[String: Any]])
        #expect(rows.compactMap { $0["excess_compute"] as? Double }.allSatisfy { $0 >= 0.999 })
        // No size beside the best is better: L(C_min) = (3.1e8)^0.05 = 2.658 at one PF-day.
        let losses = rows.compactMap { $0["loss"] as? Double }
        #expect(losses.min() == plan["loss"] as? Double && losses.count { $0 < 2.6581 } == 1)
    }
}
