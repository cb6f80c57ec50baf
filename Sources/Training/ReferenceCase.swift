import Checkpoints
import Communication
import Experiment
import Foundation
import Tensors
import Transformer

/// Numbers that another implementation gave for a model: what it computes must agree with.
public struct ReferenceCase {
    private let model: HuggingFaceFolder
    private let reference: SafetensorsFile

    /// The largest differences from the reference.
    public struct Differences: Codable, Sendable {
        public var kernels: String
        /// Absolute.
        public var logits: Double
        public var loss: Double
        /// Of every tensor's gradient, relative to that tensor's largest entry.
        public var gradients: [String: Double]
        /// Absolute, of each step's loss.
        public var curveLosses: [Double]
        /// Relative, of each step's gradient norm.
        public var curveGradientNorms: [Double]
    }

    /// - Throws: `CheckpointError` for a folder that is no such case.
    public init(_ folder: URL) throws {
        model = try HuggingFaceFolder(folder)
        reference = try SafetensorsFile(folder.appendingPathComponent("reference.safetensors"))
    }

    /// Computes the case anew, forward, backward and the optimizer steps of its curve.
    public func compare(kernels: Kernels) throws -> Differences {
        let configuration = model.configuration
        let shape = ModelShape(
            layers: configuration.layers, width: configuration.width, heads: configuration.heads,
            context: configuration.context, vocabulary: configuration.vocabulary)
        let gpt2 = GPT2(shape: shape, kernels: kernels)
        let tokens = try reference.integers("tokens").map(Int32.init)
        let targets = try reference.integers("targets").map(Int32.init)
        let sequences = tokens.count / shape.context
        let work = Workspace(shape: shape, sequences: sequences)
        let parameters = try load(gpt2)
        let gradients = Arena(count: gpt2.layout.arenaCount)
        defer { withExtendedLifetime((parameters, gradients)) {} }

        let logits = gpt2.logits(
            tokens: tokens, sequences: sequences, rows: 0..<tokens.count, parameters: parameters.floats, work: work)
        gpt2.lossesAndGradient(
            tokens: tokens, targets: targets, counted: Array(repeating: 1, count: tokens.count), sequences: sequences,
            position: BatchPosition(step: 0, firstSequence: 0), parameters: parameters.floats,
            gradients: gradients.floats, work: work)
        let loss = work.losses.reduce(0, +) / Double(tokens.count)
        var differences: [String: Double] = [:]
        for tensor in gpt2.layout.tensors {
            let expected = try reference.floats("grad.\(tensor.name)").map(Double.init)
            let found = gradients.floats[tensor.region.range].array.map { Double($0) / Double(tokens.count) }
            let largest = expected.map(\.magnitude).max() ?? 0
            differences[tensor.name] = largestDifference(expected, found) / largest
        }
        let curve = try curve(gpt2, work: work, parameters: parameters, gradients: gradients)
        return Differences(
            kernels: kernels.set.rawValue,
            logits: largestDifference(try reference.floats("logits").map(Double.init), logits.map(Double.init)),
            loss: abs(loss - Double(try reference.floats("loss")[0])), gradients: differences,
            curveLosses: curve.losses, curveGradientNorms: curve.norms)
    }

    private func load(_ gpt2: GPT2) throws -> Arena {
        let parameters = Arena(count: gpt2.layout.arenaCount)
        for tensor in gpt2.layout.tensors {
            parameters.floats[tensor.region.range].copy(from: try model.floats(tensor.name))
        }
        return parameters
    }

    /// The optimizer steps of the case's README: AdamW 0.9, 0.95, 1e-8, decay 0.1, clip 1.
    private func curve(
        _ gpt2: GPT2, work: Workspace, parameters: Arena, gradients: Arena
    ) throws -> (losses: [Double], norms: [Double]) {
        let losses = try reference.floats("curve_loss").map(Double.init)
        let norms = try reference.floats("curve_grad_norm").map(Double.init)
        let rates = try reference.doubles("curve_lr")
        let windows = try reference.integers("curve_tokens").map(Int32.init)
        let optimizer = ShardedAdamW(
            config: OptimizerConfig(), layout: gpt2.layout, parametrization: gpt2.parametrization,
            shards: Shards(blocks: gpt2.layout.blocks, blockSize: ParameterLayout.blockSize, ranks: 1), rank: 0,
            kernels: gpt2.kernels)
        let length = gpt2.shape.context + 1
        let sequences = windows.count / losses.count / length
        var result: (losses: [Double], norms: [Double]) = ([], [])
        for step in losses.indices {
            let batch = windows[(step * sequences * length)..<((step + 1) * sequences * length)]
            let rows = (0..<sequences).map { Array(batch.dropFirst($0 * length).prefix(length)) }
            let tokens = rows.flatMap { $0.dropLast() }
            let targets = rows.flatMap { $0.dropFirst() }
            gpt2.lossesAndGradient(
                tokens: tokens, targets: targets, counted: Array(repeating: 1, count: tokens.count),
                sequences: sequences, position: BatchPosition(step: step, firstSequence: 0),
                parameters: parameters.floats, gradients: gradients.floats, work: work)
            let count = Double(tokens.count)
            let norm = gpt2.kernels.sumOfSquares(gradients.floats).squareRoot() / count
            optimizer.update(
                parameters.floats, gradients: gradients.floats, number: step + 1, learningRate: rates[step],
                scale: min(1, 1 / (norm + 1e-6)) / count)
            result.losses.append(abs(work.losses.prefix(tokens.count).reduce(0, +) / count - losses[step]))
            result.norms.append(abs(norm - norms[step]) / norms[step])
        }
        return result
    }

    private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
        guard a.count == b.count else { return .infinity }
        return zip(a, b).map { abs($0 - $1) }.max() ?? 0
    }
}
