import Tensors

/// logits = x wteᵀ, and their cross-entropy; never more than a tile of tokens' logits at once.
/// x: [tokens, width]   logits: [tile, vocabulary]
public struct TiedHead: Sendable {
    package let tokens: Region  // wte [vocabulary, width], the embedding's
    let kernels: Kernels

    package init(tokens: Region, kernels: Kernels) {
        self.tokens = tokens
        self.kernels = kernels
    }

    /// Losses in nats of every token.
    package func losses(
        _ x: Matrix, targets: [Int32], counted: [UInt8], into losses: inout [Double], logits: Region,
        parameters: Floats, scratch: Floats, clock: LapClock
    ) {
        clock.lap(.norms)
        var row = 0
        while row < x.rows {
            let rows = min(logits.rows, x.rows - row)
            let tile = scratch.matrix(logits, rows: rows)
            multiply(x.rows(row..<(row + rows)), parameters.matrix(tokens).transposed, into: tile)
            clock.lap(.products)
            kernels.crossEntropy(tile, targets: targets, counted: counted, row: row, into: &losses)
            clock.lap(.loss)
            row += rows
        }
    }

    /// Losses, and the gradient of their sum: overwrites `dx` and the token table's gradient.
    package func lossesAndGradient(
        _ x: Matrix, targets: [Int32], counted: [UInt8], into losses: inout [Double], dx: Matrix, logits: Region,
        parameters: Floats, gradients: Floats, scratch: Floats, clock: LapClock
    ) {
        clock.lap(.norms)
        let table = parameters.matrix(tokens)
        var row = 0
        while row < x.rows {
            let rows = min(logits.rows, x.rows - row)
            let tile = scratch.matrix(logits, rows: rows)
            let input = x.rows(row..<(row + rows))
            multiply(input, table.transposed, into: tile)
            clock.lap(.products)
            kernels.crossEntropyBackward(tile, targets: targets, counted: counted, row: row, into: &losses)
            clock.lap(.loss)
            multiply(tile, table, into: dx.rows(row..<(row + rows)))
            multiply(tile.transposed, input, into: gradients.matrix(tokens), adding: row > 0)
            clock.lap(.products)
            row += rows
        }
    }
}
