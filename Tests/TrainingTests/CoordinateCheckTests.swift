import Corpus
import Experiment
import Foundation
import Tensors
import Testing
import Training

@Suite("Coordinate check")
struct CoordinateCheckTests {
    private func check(mup: Bool, widths: [Int] = [32, 64, 128, 256], steps: Int = 3, peak: String = "3e-3") throws
        -> CoordinateCheck
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-check-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = try RunConfig(
            yaml: """
                name: coordinates
                model:      {layers: 2, width: 32, heads: 2, context: 16\(mup ? ", mup: {base_width: 32}" : "")}
                corpus:     {calibration: {alphabet: 16, key: 1, value: 1, exponent: 0.5, tokens: 20000}}
                batch:      {sequences: 16, slot: 8}
                schedule:   {kind: constant, peak: \(peak)}
                steps: 10
                """, source: "test", folder: folder)
        let corpus = try CorpusPreparation.prepare(config.corpus, cache: folder)
        return try CoordinateCheck(
            config, widths: widths, steps: steps, corpus: corpus, kernels: Kernels(KernelSet.strongest))
    }

    @Test("with muP what training changes in the logits has one size at every width, without it grows")
    func logits() throws {
        let (mup, standard) = (try check(mup: true), try check(mup: false))
        for step in 1...3 {
            #expect(abs(mup.slope(of: .logits, \.change, step: step)) < 0.15)
            #expect(standard.slope(of: .logits, \.change, step: step) > 0.3)
        }
        #expect(mup.trend(of: .logits) == .flat && standard.trend(of: .logits) == .growing)
        for quantity in [CoordinateCheck.Quantity.attention, .feedForward] {
            let slopes = (
                mup.slope(of: quantity, \.change, step: 3), standard.slope(of: quantity, \.change, step: 3)
            )
            #expect(slopes.0 < 0.3 && slopes.1 > slopes.0 + 0.3, "\(quantity): \(slopes)")
        }
        // At the base width both are the same model, to the last bit.
        #expect(mup.sizes[.logits]?[0] == standard.sizes[.logits]?[0])
        #expect(mup.sizes[.logits]?[1] != standard.sizes[.logits]?[1])
    }

    @Test("activations that are not finite end the check with a sentence")
    func nonFinite() {
        let error = #expect(throws: Failure.self) { try check(mup: false, widths: [32, 64], steps: 1, peak: "1e30") }
        #expect(error?.message.contains("are not finite after step 1") == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("widths that the heads do not make up, and steps that the run has not, are refused")
    func refused() {
        for (widths, steps) in [([32, 40], 3), ([32], 3), ([32, 32], 3), ([32, 64], 11), ([32, 64], 0)] {
            let error = #expect(throws: Failure.self) { try check(mup: false, widths: widths, steps: steps) }
            #expect(error?.code == .usage)
        }
    }
}
