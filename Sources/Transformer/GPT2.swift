import Experiment
import Tensors

/// GPT-2 as Hugging Face computes it (Radford et al. 2019): learned positions, pre-norm blocks, tanh GELU, tied head.
/// A model is a composition of layers and a layout of parameters; it owns no numbers.
public struct GPT2: Sendable {
    public let shape: ModelShape
    public let layout: ParameterLayout
    public let kernels: Kernels
    public let parametrization: Parametrization
    let embedding: Embedding
    let blocks: [Block]
    let finalNorm: LayerNorm
    let head: TiedHead
    let embeddingDropout: Dropout

    /// - Parameters:
    ///   - dropout: probability, the same everywhere.
    ///   - seed: of dropout's masks.
    ///   - parametrization: of initial values and learning rates; what is computed from parameters is the same.
    public init(
        shape: ModelShape, dropout: Double = 0, seed: UInt64 = 0, parametrization: Parametrization = .standard,
        kernels: Kernels
    ) {
        var layout = ParameterLayout()
        self.shape = shape
        self.parametrization = parametrization
        self.kernels = kernels
        embedding = Embedding(
            "transformer", vocabulary: shape.vocabulary, context: shape.context, width: shape.width, layout: &layout,
            kernels: kernels)
        blocks = (0..<shape.layers).map {
            Block(
                "transformer.h.\($0)", shape: shape, dropout: dropout, seed: seed, layout: &layout, kernels: kernels)
        }
        finalNorm = LayerNorm("transformer.ln_f", width: shape.width, layout: &layout, kernels: kernels)
        head = TiedHead(tokens: embedding.tokens, kernels: kernels)
        embeddingDropout = Dropout(
            "transformer.wte", probability: dropout, seed: seed, context: shape.context, kernels: kernels)
        self.layout = layout
    }

    /// Losses of a slot's tokens, into `work.losses`; nothing is dropped.
    /// tokens, targets, counted: [sequences · context]
    public func losses(
        tokens: [Int32], targets: [Int32], counted: [UInt8], sequences: Int, parameters: Floats, work: Workspace
    ) {
        let shared = forward(tokens, sequences: sequences, position: nil, parameters: parameters, work: work)
        head.losses(
            shared.normed, targets: targets, counted: counted, into: &work.losses, logits: shared.logits,
            parameters: parameters, scratch: work.arena.floats, clock: work.clock)
    }

    /// Logits of some rows of a slot.                                  result: [rows, vocabulary], row by row
    public func logits(
        tokens: [Int32], sequences: Int, rows: Range<Int>, parameters: Floats, work: Workspace
    ) -> [Float] {
        let shared = forward(tokens, sequences: sequences, position: nil, parameters: parameters, work: work)
        work.clock.lap(.norms)
        let result = Arena(count: rows.count * shape.vocabulary)
        multiply(
            shared.normed.rows(rows), parameters.matrix(embedding.tokens).transposed,
            into: Matrix(result.floats, rows: rows.count, columns: shape.vocabulary))
        work.clock.lap(.products)
        // A view does not keep its arena alive.
        return withExtendedLifetime(result) { result.floats.array }
    }

    /// Up to the final norm, whose output is in the result's `normed`.
    func forward(
        _ tokens: [Int32], sequences: Int, position: BatchPosition?, parameters: Floats, work: Workspace
    ) -> Workspace.Shared {
        precondition(work.shape == shape && sequences <= work.maximumSequences, "the workspace is of another model")
        work.clock.start()
        let shared = work.shared(sequences: sequences)
        let first = work.input(ofBlock: 0, sequences: sequences)
        embedding.forward(tokens, into: first, parameters: parameters)
        embeddingDropout.mask(at: position)?.apply(to: first)
        for index in blocks.indices {
            blocks[index].forward(
                work.kept(index, sequences: sequences), into: work.input(ofBlock: index + 1, sequences: sequences),
                work: shared, position: position, parameters: parameters)
        }
        finalNorm.forward(
            work.input(ofBlock: blocks.count, sequences: sequences), into: shared.normed, mean: shared.mean,
            inverse: shared.inverse, parameters: parameters)
        return shared
    }
}
