import Tensors

/// Backward in stages, from the last parameters to the first, so that gradients can be sent as soon as they are final.
/// All stages of a slot are given the same slot, position and workspace, and nothing else uses the workspace between.
extension GPT2 {
    /// Losses of a slot's tokens, into `work.losses`, and the gradient of their sum: overwrites `gradients`.
    /// tokens, targets, counted: [sequences · context]
    public func lossesAndGradient(
        tokens: [Int32], targets: [Int32], counted: [UInt8], sequences: Int, position: BatchPosition,
        parameters: Floats, gradients: Floats, work: Workspace
    ) {
        beginBackward(
            tokens: tokens, targets: targets, counted: counted, sequences: sequences, position: position,
            parameters: parameters, gradients: gradients, work: work)
        for index in blocks.indices.reversed() {
            backward(
                block: index, sequences: sequences, position: position, parameters: parameters, gradients: gradients,
                work: work)
        }
        finishBackward(tokens: tokens, sequences: sequences, position: position, gradients: gradients, work: work)
    }

    /// Forward, the losses, and backward through the head and the final norm. The token table's gradient is begun.
    public func beginBackward(
        tokens: [Int32], targets: [Int32], counted: [UInt8], sequences: Int, position: BatchPosition,
        parameters: Floats, gradients: Floats, work: Workspace
    ) {
        let shared = forward(tokens, sequences: sequences, position: position, parameters: parameters, work: work)
        head.lossesAndGradient(
            shared.normed, targets: targets, counted: counted, into: &work.losses, dx: shared.dNormed,
            logits: shared.logits, parameters: parameters, gradients: gradients, scratch: work.arena.floats,
            clock: work.clock)
        shared.dx.floats.fill(0)
        finalNorm.backward(
            shared.dNormed, input: work.input(ofBlock: blocks.count, sequences: sequences), mean: shared.mean,
            inverse: shared.inverse, addingTo: shared.dx, parameters: parameters, gradients: gradients)
        work.clock.lap(.norms)
    }

    /// One block's backward; called for the last block first, down to block 0.
    public func backward(
        block index: Int, sequences: Int, position: BatchPosition, parameters: Floats, gradients: Floats,
        work: Workspace
    ) {
        work.clock.start()
        let shared = work.shared(sequences: sequences)
        let kept = work.kept(index, sequences: sequences)
        // Forward ended with the last block: what it needs is still there.
        if work.recomputes, index < blocks.count - 1 {
            blocks[index].activate(kept, work: shared, position: position, parameters: parameters)
        }
        blocks[index].backward(
            kept, shared.dx, work: shared, position: position,
            parameters: parameters, gradients: gradients)
        work.clock.lap(.norms)
    }

    /// The embeddings' backward, after that of block 0. Then all gradients are final.
    public func finishBackward(
        tokens: [Int32], sequences: Int, position: BatchPosition, gradients: Floats, work: Workspace
    ) {
        work.clock.start()
        let dx = work.shared(sequences: sequences).dx
        embeddingDropout.mask(at: position)?.apply(to: dx)
        embedding.backward(dx, tokens, gradients: gradients)
        work.clock.lap(.norms)
    }

    /// Where the final gradients begin once the backward of block `index` is done: from this offset to the arena's end.
    /// The number of blocks stands for `beginBackward`. Below lie earlier blocks, and the embeddings, which are final
    /// at the end only.
    public func firstFinalGradient(afterBlock index: Int) -> Int {
        index == blocks.count ? finalNorm.weight.offset : blocks[index].norm1.weight.offset
    }
}
