import Experiment
import Tensors

/// One pre-norm block of GPT-2: x + attention(norm(x)), then that + feedForward(norm(that)).
package struct Block: Sendable {
    let norm1: LayerNorm
    let queriesKeysValues: Linear
    let attention: Attention
    let projection: Linear
    let norm2: LayerNorm
    let up: Linear
    let down: Linear
    let attentionDropout: Dropout
    let projectionDropout: Dropout
    let downDropout: Dropout
    let kernels: Kernels

    package init(
        _ name: String, shape: ModelShape, dropout: Double, seed: UInt64, layout: inout ParameterLayout,
        kernels: Kernels
    ) {
        let width = shape.width
        func linear(_ part: String, _ inputs: Int, _ outputs: Int, _ layout: inout ParameterLayout) -> Linear {
            Linear("\(name).\(part)", inputs: inputs, outputs: outputs, layout: &layout, kernels: kernels)
        }
        func dropped(_ part: String) -> Dropout {
            Dropout(
                "\(name).\(part)", probability: dropout, seed: seed, context: shape.context, kernels: kernels)
        }
        norm1 = LayerNorm("\(name).ln_1", width: width, layout: &layout, kernels: kernels)
        queriesKeysValues = linear("attn.c_attn", width, 3 * width, &layout)
        projection = linear("attn.c_proj", width, width, &layout)
        norm2 = LayerNorm("\(name).ln_2", width: width, layout: &layout, kernels: kernels)
        up = linear("mlp.c_fc", width, shape.feedForwardWidth, &layout)
        down = linear("mlp.c_proj", shape.feedForwardWidth, width, &layout)
        attention = Attention(
            heads: shape.heads, headWidth: shape.headWidth, context: shape.context, kernels: kernels)
        attentionDropout = dropped("attn.weights")
        projectionDropout = dropped("attn.c_proj")
        downDropout = dropped("mlp.c_proj")
        self.kernels = kernels
    }

    /// Reads `kept.input`, writes `output`, and keeps what backward needs.    input, output: [tokens, width]
    package func forward(
        _ kept: Workspace.Kept, into output: Matrix, work: Workspace.Shared, position: BatchPosition?,
        parameters: Floats
    ) {
        activate(kept, work: work, position: position, parameters: parameters)
        let activated = work.wide(columns: kept.hidden.columns)
        kernels.gelu(kept.hidden, into: activated)
        branch(
            down, activated, adding: kept.middle, into: output, mask: downDropout.mask(at: position), work: work,
            parameters: parameters)
    }

    /// What backward needs of forward: all that `kept` holds, from its input alone. Uses `work.normed`.
    package func activate(
        _ kept: Workspace.Kept, work: Workspace.Shared, position: BatchPosition?, parameters: Floats
    ) {
        norm1.forward(
            kept.input, into: work.normed, mean: kept.mean1, inverse: kept.inverse1, parameters: parameters)
        queriesKeysValues.forward(work.normed, into: kept.qkv, parameters: parameters, clock: work.clock)
        attention.forward(
            kept.qkv, into: kept.attended, logSumExp: kept.logSumExp, scratch: work.tile, arena: work.arena,
            mask: attentionDropout.mask(at: position))
        work.clock.lap(.attention)
        branch(
            projection, kept.attended, adding: kept.input, into: kept.middle,
            mask: projectionDropout.mask(at: position), work: work, parameters: parameters)

        norm2.forward(
            kept.middle, into: work.normed, mean: kept.mean2, inverse: kept.inverse2, parameters: parameters)
        up.forward(work.normed, into: kept.hidden, parameters: parameters, clock: work.clock)
    }

    /// y = residual + dropout(linear(x)).
    private func branch(
        _ linear: Linear, _ x: Matrix, adding residual: Matrix, into y: Matrix, mask: Dropout.Mask?,
        work: Workspace.Shared, parameters: Floats
    ) {
        guard let mask else {
            return linear.forward(x, adding: residual, into: y, parameters: parameters, clock: work.clock)
        }
        linear.forward(x, into: work.normed, parameters: parameters, clock: work.clock)
        mask.apply(to: work.normed)
        kernels.sum(residual.floats, work.normed.floats, into: y.floats)
    }

    /// `dx` holds the gradient of the output and becomes that of the input. Overwrites the block's parameter
    /// gradients. What `kept` holds is used up.
    package func backward(
        _ kept: Workspace.Kept, _ dx: Matrix, work: Workspace.Shared, position: BatchPosition?, parameters: Floats,
        gradients: Floats
    ) {
        let dBranch = work.dNormed
        // Feed-forward: hidden becomes its activation, dHidden the gradient before it.
        let dHidden = work.wide(columns: kept.hidden.columns)
        let dDown = masked(dx, by: downDropout.mask(at: position), into: work.normed)
        down.biasGradient(dDown, gradients: gradients)
        down.backward(dDown, into: dHidden, parameters: parameters, clock: work.clock)
        kernels.geluBackward(kept.hidden, dHidden, biasGradient: gradients[up.bias.range])
        down.weightGradient(dDown, input: kept.hidden, gradients: gradients, clock: work.clock)
        norm2.forward(
            kept.middle, into: work.normed, mean: kept.mean2, inverse: kept.inverse2, parameters: parameters)
        up.weightGradient(dHidden, input: work.normed, gradients: gradients, clock: work.clock)
        up.backward(dHidden, into: dBranch, parameters: parameters, clock: work.clock)
        norm2.backward(
            dBranch, input: kept.middle, mean: kept.mean2, inverse: kept.inverse2, addingTo: dx,
            parameters: parameters, gradients: gradients)

        // Attention.
        let dProjection = masked(dx, by: projectionDropout.mask(at: position), into: work.normed)
        projection.biasGradient(dProjection, gradients: gradients)
        projection.weightGradient(dProjection, input: kept.attended, gradients: gradients, clock: work.clock)
        projection.backward(dProjection, into: dBranch, parameters: parameters, clock: work.clock)
        let dqkv = work.wide(columns: kept.qkv.columns)
        attention.backward(
            dBranch, output: kept.attended, qkv: kept.qkv, logSumExp: kept.logSumExp, into: dqkv, dots: work.dots,
            scratch: work.tile, arena: work.arena, mask: attentionDropout.mask(at: position))
        work.clock.lap(.attention)
        queriesKeysValues.biasGradient(dqkv, gradients: gradients)
        norm1.forward(
            kept.input, into: work.normed, mean: kept.mean1, inverse: kept.inverse1, parameters: parameters)
        queriesKeysValues.weightGradient(dqkv, input: work.normed, gradients: gradients, clock: work.clock)
        queriesKeysValues.backward(dqkv, into: dBranch, parameters: parameters, clock: work.clock)
        norm1.backward(
            dBranch, input: kept.input, mean: kept.mean1, inverse: kept.inverse1, addingTo: dx,
            parameters: parameters, gradients: gradients)
    }

    /// The gradient that enters a dropped branch; `dx` itself where nothing is dropped.
    private func masked(_ dx: Matrix, by mask: Dropout.Mask?, into scratch: Matrix) -> Matrix {
        guard let mask else { return dx }
        scratch.floats.copy(from: dx.floats)
        mask.apply(to: scratch)
        return scratch
    }
}
