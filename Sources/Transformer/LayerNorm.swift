import Tensors

/// Layer normalization over the width (Ba et al. 2016), epsilon 1e-5.       x, y: [tokens, width]
public struct LayerNorm: Sendable {
    package let weight: Region  // [width]
    package let bias: Region  // [width]
    let kernels: Kernels

    package init(_ name: String, width: Int, layout: inout ParameterLayout, kernels: Kernels) {
        weight = layout.vector("\(name).weight", count: width)
        bias = layout.vector("\(name).bias", count: width)
        self.kernels = kernels
    }

    /// `mean` and `inverse` (1 / standard deviation) [tokens] are kept for backward.
    package func forward(_ x: Matrix, into y: Matrix, mean: Floats, inverse: Floats, parameters: Floats) {
        kernels.normalize(
            x, weight: parameters[weight.range], bias: parameters[bias.range], into: y, mean: mean, inverse: inverse)
    }

    /// Adds to `dx`; overwrites the gradients of weight and bias.
    package func backward(
        _ dy: Matrix, input x: Matrix, mean: Floats, inverse: Floats, addingTo dx: Matrix, parameters: Floats,
        gradients: Floats
    ) {
        kernels.normalizeBackward(
            dy, input: x, weight: parameters[weight.range], mean: mean, inverse: inverse, addingTo: dx,
            weightGradient: gradients[weight.range], biasGradient: gradients[bias.range])
    }
}
