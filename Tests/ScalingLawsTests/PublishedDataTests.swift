import Foundation
import Testing

@testable import ScalingLaws

/// Checks against published tables, which are not part of the project: the variable APUS_SCALING_DATA names a folder
/// with `expected_fits.json` and the files that it refers to.
@Suite("Published tables")
struct PublishedDataTests {
    private static let folder = ProcessInfo.processInfo.environment["APUS_SCALING_DATA"]
    /// How far above the best known objective a fit may end, relative.
    private static let tolerance = 1e-9

    @Test("every published Chinchilla fit is reached or beaten", .enabled(if: folder != nil))
    func objectives() throws {
        let root = URL(fileURLWithPath: try #require(Self.folder))
        let data = try Data(contentsOf: root.appendingPathComponent("expected_fits.json"))
        let file = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        var checked = 0
        for fit in try #require(file["cases"] as? [[String: Any]]) {
            guard let form = fit["form"] as? String, form.hasPrefix("chinchilla LSE"),
                let loss = fit["loss"] as? String, loss.contains("Huber"),
                let path = fit["file"] as? String, let expected = fit["objective"] as? Double
            else { continue }
            let points = try Self.points(root.appendingPathComponent(path))
            let delta = loss.contains("0.0001") ? 1e-4 : 1e-3
            let ours = try ChinchillaFit(points, options: ChinchillaOptions(huberDelta: delta, resamples: 0))
            #expect(ours.objective <= expected * (1 + Self.tolerance), "\(path), delta \(delta)")
            #expect(ours.relativeGradient < 1e-9, "\(path), delta \(delta)")
            checked += 1
        }
        print("checked \(checked) published fits in \(root.path)")
        #expect(checked > 0)
    }

    @Test("the bootstrap's standard errors are those of Besiroglu et al.", .enabled(if: folder != nil))
    func standardErrors() throws {
        let root = URL(fileURLWithPath: try #require(Self.folder))
        let points = try Self.points(
            root.appendingPathComponent("epoch-analyzing-chinchilla/points_240_N_D_C_loss.csv"))
        let fit = try ChinchillaFit(points, options: ChinchillaOptions(resamples: 200))
        for (name, expected) in [("E", 0.02566), ("alpha", 0.015401), ("beta", 0.020603), ("a", 0.020)] {
            let error = try #require(fit.bootstrap?.standardError(name))
            // 200 resamples know a standard error within about 5 %; three times that.
            #expect(abs(error / expected - 1) < 0.15, "\(name): \(error)")
        }
        #expect(fit.isTrustworthy)
    }

    private static func points(_ url: URL) throws -> [FitPoint] {
        let table = try Table(contentsOf: url)
        let names = table.columnNames
        func first(_ candidates: String...) -> String { candidates.first(where: names.contains) ?? candidates[0] }
        let columns = FitPoints.Columns(
            n: first("N", "Model Size", "params_active_precise"), d: first("D", "tokens"),
            c: first("C", "Training FLOP", "FLOPs"), loss: first("loss", "final_loss"))
        return try FitPoints(table, columns: columns).points
    }
}
