import Foundation
import Testing

/// Apus against the numbers of Hugging Face's implementation, on every kernel set that this machine runs. A kernel set
/// pins OpenBLAS when a process starts, so `apus-worker reference` computes and this suite judges.
///
/// `APUS_REFERENCE` names another folder of such cases (or one case).
@Suite(.serialized) struct ReferenceParityTests {
    // float32 against float32 in another order of additions: what is seen is near 1e-6; these are the project's limits.
    static let logitsTolerance = 1e-4
    static let lossTolerance = 1e-5
    static let gradientTolerance = 1e-4
    static let curveTolerance = 2e-4
    static let normTolerance = 1e-3

    @Test("logits, loss, every gradient and the curve are the reference's, on every kernel set")
    func parity() async throws {
        let cases = try Self.cases()
        var checked = 0
        for folder in cases {
            let type = try Self.modelType(folder)
            guard type == "gpt2" else {
                print("skipped \(folder.lastPathComponent): its model type is \(type), not gpt2")
                continue
            }
            for kernels in try await Self.kernelSets() {
                try await check(folder, kernels: kernels)
            }
            checked += 1
        }
        print("checked \(checked) reference case(s)")
        #expect(checked > 0, "no gpt2 case among \(cases.map(\.lastPathComponent))")
    }

    private func check(_ folder: URL, kernels: String) async throws {
        let result = try await CommandLine().worker(["reference", folder.path, "--kernels", kernels])
        let place = "\(folder.lastPathComponent), \(kernels)"
        #expect(result.code == 0, "\(place): \(result.errors)")
        let differences = try JSONDecoder().decode(Differences.self, from: Data(result.output.utf8))
        #expect(differences.kernels == kernels)
        #expect(differences.logits <= Self.logitsTolerance, "\(place)")
        #expect(differences.loss <= Self.lossTolerance, "\(place)")
        #expect(!differences.gradients.isEmpty, "\(place)")
        for (name, difference) in differences.gradients {
            #expect(difference <= Self.gradientTolerance, "\(place): gradient of \(name)")
        }
        #expect(differences.curve_losses.count == differences.curve_gradient_norms.count)
        #expect(differences.curve_losses.count >= 20, "\(place): a curve of \(differences.curve_losses.count) steps")
        for (step, difference) in differences.curve_losses.enumerated() {
            #expect(difference <= Self.curveTolerance, "\(place): loss of step \(step)")
        }
        for (step, difference) in differences.curve_gradient_norms.enumerated() {
            #expect(difference <= Self.normTolerance, "\(place): gradient norm of step \(step)")
        }
    }

    // Keys as the worker prints them; numbers that are not finite do not decode, and fail.
    private struct Differences: Decodable {
        let kernels: String
        let logits: Double
        let loss: Double
        let gradients: [String: Double]
        // swift-format-ignore: AlwaysUseLowerCamelCase
        let curve_losses: [Double]
        // swift-format-ignore: AlwaysUseLowerCamelCase
        let curve_gradient_norms: [Double]
    }

    /// The folders of cases: the carried one, or those that `APUS_REFERENCE` names.
    static func cases() throws -> [URL] {
        let files = FileManager.default
        guard let place = ProcessInfo.processInfo.environment["APUS_REFERENCE"] else {
            let carried = try #require(Bundle.module.url(forResource: "Reference", withExtension: nil))
            return [carried.appendingPathComponent("gpt2-tiny")]
        }
        let root = URL(fileURLWithPath: place)
        func isCase(_ url: URL) -> Bool {
            files.fileExists(atPath: url.appendingPathComponent("reference.safetensors").path)
        }
        if isCase(root) { return [root] }
        let inside = try files.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)
        return inside.filter(isCase).sorted { $0.path < $1.path }
    }

    private static func modelType(_ folder: URL) throws -> String {
        let data = try Data(contentsOf: folder.appendingPathComponent("config.json"))
        let config = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return try #require(config?["model_type"] as? String)
    }

    /// The sets that this machine runs, as the worker tells them.
    static func kernelSets() async throws -> [String] {
        let result = try await CommandLine().worker(["doctor", "--json"])
        #expect(result.code == 0, "\(result.errors)")
        let findings = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return try #require(findings?["kernel_sets"] as? [String])
    }
}
