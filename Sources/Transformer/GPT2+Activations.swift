import Tensors

/// Activations of a slot, element by element: what a coordinate check follows through training (Yang et al. 2022, D.1).
public struct Activations: Sendable {
    /// Token plus position embedding. [tokens, width]
    public let embeddings: [Float]
    /// What attention adds to the residual stream, block after block. [layers, tokens, width]
    public let attention: [Float]
    /// What the feed-forward part adds to it. [layers, tokens, width]
    public let feedForward: [Float]
    /// The last hidden state, before the final norm. [tokens, width]
    public let hidden: [Float]
    /// Of the first rows. [rows, vocabulary]
    public let logits: [Float]
}

extension GPT2 {
    /// The activations of a slot; nothing is dropped. Allocates them.                tokens: [sequences · context]
    /// - Parameter rows: tokens, from the first, whose logits are wanted.
    public func activations(
        tokens: [Int32], sequences: Int, rows: Int, parameters: Floats, work: Workspace
    ) -> Activations {
        precondition(!work.recomputes, "a workspace that recomputes keeps the activations of one block only")
        let logits = logits(
            tokens: tokens, sequences: sequences, rows: 0..<rows, parameters: parameters, work: work)
        func added(from: Matrix, to: Matrix) -> [Float] { zip(to.floats.array, from.floats.array).map(-) }
        var (attention, feedForward) = ([Float](), [Float]())
        for index in blocks.indices {
            let kept = work.kept(index, sequences: sequences)
            attention += added(from: kept.input, to: kept.middle)
            feedForward += added(
                from: kept.middle, to: work.input(ofBlock: index + 1, sequences: sequences))
        }
        return Activations(
            embeddings: work.input(ofBlock: 0, sequences: sequences).floats.array, attention: attention,
            feedForward: feedForward,
            hidden: work.input(ofBlock: blocks.count, sequences: sequences).floats.array, logits: logits)
    }
}
