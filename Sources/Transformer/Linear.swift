import Tensors

/// y = x W + b, row by row. What was done since the clock's last lap, before a product, counts as norms.
/// x: [tokens, inputs]   y: [tokens, outputs]
public struct Linear: Sendable {
    package let weight: Region  // [inputs, outputs], as GPT-2's Conv1D
    package let bias: Region  // [outputs]
    let kernels: Kernels

    package init(_ name: String, inputs: Int, outputs: Int, layout: inout ParameterLayout, kernels: Kernels) {
        weight = layout.matrix("\(name).weight", rows: inputs, columns: outputs)
        bias = layout.vector("\(name).bias", count: outputs)
        self.kernels = kernels
    }

    package func forward(_ x: Matrix, into y: Matrix, parameters: Floats, clock: LapClock) {
        kernels.fillRows(of: y, with: parameters[bias.range])
        clock.lap(.norms)
        multiply(x, parameters.matrix(weight), into: y, adding: true)
        clock.lap(.products)
    }

    /// y = residual + x W + b. The sum starts from residual + b, which the product would otherwise clear to zero.
    package func forward(_ x: Matrix, adding residual: Matrix, into y: Matrix, parameters: Floats, clock: LapClock) {
        kernels.add(residual, bias: parameters[bias.range], into: y)
        clock.lap(.norms)
        multiply(x, parameters.matrix(weight), into: y, adding: true)
        clock.lap(.products)
    }

    /// dx = dy Wᵀ.
    package func backward(_ dy: Matrix, into dx: Matrix, parameters: Floats, clock: LapClock) {
        clock.lap(.norms)
        multiply(dy, parameters.matrix(weight).transposed, into: dx)
        clock.lap(.products)
    }

    /// Overwrites the weight's gradient: dW = xᵀ dy.
    package func weightGradient(_ dy: Matrix, input x: Matrix, gradients: Floats, clock: LapClock) {
        clock.lap(.norms)
        multiply(x.transposed, dy, into: gradients.matrix(weight))
        clock.lap(.products)
    }

    /// Overwrites the bias's gradient: db = column sums of dy.
    package func biasGradient(_ dy: Matrix, gradients: Floats) {
        kernels.columnSums(of: dy, into: gradients[bias.range])
    }
}
