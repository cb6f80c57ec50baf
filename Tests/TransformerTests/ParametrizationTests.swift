import Experiment
import Foundation
import Tensors
import Testing
import Transformer

@Suite("Parametrization")
struct ParametrizationTests {
    /// Four times the base width of 16.
    private let wide = ModelConfig(layers: 2, width: 64, heads: 8, context: 12, mup: MuPConfig(baseWidth: 16))

    private func initial(_ config: ModelConfig) -> (model: GPT2, values: [Float]) {
        let model = GPT2(
            shape: config.shape(tokenizerVocabulary: 40), parametrization: Parametrization(config),
            kernels: Kernels(.baseline))
        let arena = Arena(count: model.layout.arenaCount)
        model.initialize(arena.floats, range: 0..<arena.count, seed: 2)
        return (model, withExtendedLifetime(arena) { arena.floats.array })
    }

    @Test("four times the base width: half the deviation of hidden matrices, a quarter of the final norm's weight")
    func initialValues() {
        var plain = wide
        plain.mup = nil
        let (model, scaled) = initial(wide)
        let (_, standard) = initial(plain)
        for tensor in model.layout.tensors {
            let isMatrix = tensor.shape.count == 2 && tensor.name.contains(".h.")
            let factor: Float = isMatrix ? 0.5 : tensor.name.contains("ln_f") ? 0.25 : 1
            for index in tensor.region.range {
                #expect(abs(scaled[index] - factor * standard[index]) <= 1e-8, "\(tensor.name)")
            }
        }
    }

    @Test("rates are a quarter for hidden matrices and the final norm, and the base's for all else")
    func rates() {
        let parametrization = Parametrization(wide)
        let quarter = initial(wide).model.layout.tensors.filter { parametrization.rateFactor($0) == 0.25 }.map(\.name)
        let matrices = (0..<2).flatMap { layer in
            ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"].map { "transformer.h.\(layer).\($0).weight" }
        }
        #expect(Set(quarter) == Set(matrices + ["transformer.ln_f.weight", "transformer.ln_f.bias"]))
    }

    @Test("at the base width nothing is another bit than without muP")
    func base() {
        var base = wide
        base.mup = MuPConfig(baseWidth: 64)
        var plain = wide
        plain.mup = nil
        #expect(initial(base).values.map(\.bitPattern) == initial(plain).values.map(\.bitPattern))
        #expect(Parametrization(base) == .standard)
    }
}
