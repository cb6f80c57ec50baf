import Foundation
import Testing

/// `apus fit --law learning-rate|batch|critical-batch` on tables that a test makes.
@Suite struct ScanCommandTests {
    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("scans tell the best rate of each size, how far it moves, and which ends at its lowest run")
    func rates() async throws {
        let line = try CommandLine()
        var rows = ["run,status,n_total,tokens,loss_final,learning_rate,batch_tokens,width"]
        for (n, width, best) in [(1e4, 16, 0.0045), (2.5e6, 256, 0.0065), (4e6, 512, 0.0001)] {
            for (k, rate) in [0.001, 0.002, 0.004, 0.008, 0.016].enumerated() {
                let loss = 3 + 0.1 * pow(log(rate / best), 2)
                rows.append("w\(width)-\(k),complete,\(n),1000000,\(loss),\(rate),512,\(width)")
            }
        }
        try line.write(rows.joined(separator: "\n") + "\n", to: "runs.csv")
        let json = try await line.apus(["fit", "runs.csv", "--law", "learning-rate", "--json"])
        #expect(json.code == 0, "\(json.errors)")
        let fit = try Self.object(json.output)
        let scans = try #require(fit["scans"] as? [[String: Any]])
        #expect(scans.count == 3 && (fit["n_points"] as? Int) == 15)
        #expect(abs((scans[0]["best"] as? Double ?? 0) - 0.0045) < 1e-6 && scans[2]["best"] is NSNull)
        #expect(abs((fit["transfer_ratio"] as? Double ?? 0) - 65.0 / 45) < 1e-3)
        let text = try await line.apus(["fit", "runs.csv", "--law", "learning-rate"])
        #expect(text.output.contains("over 16x of width: a factor of 1.44, flat within 2x"), "\(text.output)")
        #expect(text.output.contains("lowest at its first value, 0.001"), "\(text.output)")
        let batch = try await line.apus(["fit", "runs.csv", "--law", "batch"])
        #expect(batch.code == 3 && batch.errors.contains("no scan"), "\(batch.errors)")
    }

    @Test("a scan of batches gives B_crit(L), and the law of steps takes it")
    func criticalBatch() async throws {
        let line = try CommandLine()
        // L(S_min) = 2 + 40 S_min^-0.6 with B_crit = 2e5/L^4, so that S = S_min (1 + B_crit/B).
        var runs = ["run,status,n_total,tokens,loss_final,batch_tokens,steps,learning_rate"]
        var curves = ["run,n_total,tokens,loss_train"]
        for batch in [1e3, 4e3, 1.6e4, 6.4e4] {
            var last = (tokens: 0.0, loss: 0.0, steps: 0.0)
            for k in 1...400 {
                let least = 30 * pow(1.012, Double(k))
                let loss = 2 + 40 * pow(least, -0.6)
                let steps = least * (1 + 2e5 * pow(loss, -4) / batch)
                last = (steps * batch, loss, steps)
                curves.append("b\(Int(batch)),1000000,\(last.tokens),\(loss)")
            }
            runs.append("b\(Int(batch)),complete,1000000,\(last.tokens),\(last.loss),\(batch),\(last.steps),0.001")
        }
        try line.write(runs.joined(separator: "\n") + "\n", to: "runs.csv")
        try line.write(curves.joined(separator: "\n") + "\n", to: "curves.csv")
        let fit = ["fit", "runs.csv", "--law", "critical-batch", "--curves", "curves.csv"]
        let json = try await line.apus(fit + ["--json"])
        #expect(json.code == 0, "\(json.errors)")
        let parameters = try #require(try Self.object(json.output)["parameters"] as? [String: Double])
        #expect(abs((parameters["alpha_B"] ?? 0) - 0.25) < 0.01, "\(parameters)")
        #expect(abs((parameters["B*"] ?? 0) / 2e5 - 1) < 0.05, "\(parameters)")
        let text = try await line.apus(fit)
        #expect(text.output.contains("--law steps --critical-batch"))
        let none = try await line.apus(["fit", "runs.csv", "--law", "critical-batch"])
        #expect(none.code == 2 && none.errors.contains("--curves"))
        let odd = try await line.apus(["fit", "runs.csv", "--law", "steps", "--alpha-b", "0.25"])
        #expect(odd.code == 2 && odd.errors.contains("--critical-batch"))
    }
}
