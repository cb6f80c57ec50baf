import Experiment
import Tensors

extension GPT2 {
    /// Writes initial parameters as GPT-2: matrices and embeddings normal(0, 0.02), the two residual projections
    /// scaled by 1 / sqrt(2 layers), biases 0, norm weights 1; times the parametrization's factors. Element i of a tensor depends on (seed, name, i) alone.
    /// - Parameter range: the elements of the arena to write.
    public func initialize(_ parameters: Floats, range: Range<Int>, seed: UInt64) {
        let residualScale = 1 / (2 * Double(shape.layers)).squareRoot()
        for tensor in layout.tensors {
            let part = tensor.region.range.clamped(to: range)
            guard !part.isEmpty else { continue }
            let factor = parametrization.initialFactor(tensor)
            if tensor.shape.count < 2 {
                parameters[part].fill(tensor.name.hasSuffix(".weight") ? Float(factor) : 0)
                continue
            }
            let deviation = factor * 0.02 * (tensor.name.hasSuffix("c_proj.weight") ? residualScale : 1)
            let stream = RandomStream(seed: seed, purpose: "initialization", name: tensor.name)
            for index in part {
                parameters[index] = Float(deviation * stream.normal(UInt64(index - tensor.region.offset)))
            }
        }
    }
}
