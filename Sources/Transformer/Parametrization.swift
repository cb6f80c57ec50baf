import Experiment
import Tensors

/// How a tensor's initial values and its learning rate depend on the width: as GPT-2, the same at every width, or as
/// the maximal update parametrization (muP, Yang et al. 2022), in which the best learning rate of a narrow model is that
/// of a wide one.
///
/// With Adam, table 8 of the paper asks, for a width of r times the base: hidden matrices with an initial deviation of
/// 1/√r and a rate of 1/r of the base's; the readout's logits divided by r; the rest as at the base; and attention
/// scores over d instead of √d, which changes nothing here, where the head width stays. The readout is tied to the token
/// table, whose values are an embedding's, so its factor 1/r is carried by the final norm: weight and bias begin at 1/r
/// of their values and have 1/r of the rate. Adam's updates do not depend on a gradient's scale, so this is the same
/// function at every step as a factor in the forward pass, and a checkpoint stays a GPT-2 that others read. It is the
/// same up to three things: Adam's epsilon is not scaled along with the gradients, rounding, and the clip of the global
/// norm, which has other gradients to measure at another width.
///
/// Decay is as in microsoft/mup's MuAdamW: the product of rate and decay does not depend on the width, so a matrix that
/// learns at 1/r of the rate decays at r times `weight_decay`.
public struct Parametrization: Sendable, Equatable {
    /// Base width over width, 1 / r; 1 is GPT-2.
    public let ratio: Double

    /// GPT-2's.
    public static let standard = Parametrization(ratio: 1)

    private init(ratio: Double) { self.ratio = ratio }

    /// What a configuration asks for.
    public init(_ model: ModelConfig) {
        self.init(ratio: model.mup.map { Double($0.baseWidth) / Double(model.width) } ?? 1)
    }

    /// What a tensor's learning rate is multiplied by; its weight decay is divided by it.
    public func rateFactor(_ tensor: ParameterLayout.Tensor) -> Double {
        isHiddenMatrix(tensor) || isFinalNorm(tensor) ? ratio : 1
    }

    /// What a tensor's initial values are multiplied by.
    public func initialFactor(_ tensor: ParameterLayout.Tensor) -> Double {
        isHiddenMatrix(tensor) ? ratio.squareRoot() : isFinalNorm(tensor) ? ratio : 1
    }

    /// From width to width: those of attention and feed-forward.
    private func isHiddenMatrix(_ tensor: ParameterLayout.Tensor) -> Bool {
        tensor.shape.count == 2 && tensor.name.hasPrefix("transformer.h.")
    }

    private func isFinalNorm(_ tensor: ParameterLayout.Tensor) -> Bool { tensor.name.hasPrefix("transformer.ln_f.") }
}
