import Tensors

/// Causal self-attention of all heads, one tile of one head's scores at a time (Rabe and Staats 2021, Dao et al.
/// 2022); tiles that the mask hides whole are never computed.
/// qkv: [tokens, 3 width] (queries, keys, values side by side)   output: [tokens, width]
public struct Attention: Sendable {
    let heads: Int
    let headWidth: Int
    let context: Int
    let kernels: Kernels

    /// Queries and keys of a tile.
    package static let queryTile = 64
    package static let keyTile = 512

    package init(heads: Int, headWidth: Int, context: Int, kernels: Kernels) {
        self.heads = heads
        self.headWidth = headWidth
        self.context = context
        self.kernels = kernels
    }

    private var width: Int { heads * headWidth }
    private var scale: Float { 1 / Float(headWidth).squareRoot() }

    /// Scratch of a tile: two of scores, and five columns of row numbers.
    package struct Scratch: Sendable {
        let scores: Region
        let gradient: Region
        let maximum: Region
        let total: Region
        let correction: Region

        package init(context: Int, layout: inout ArenaLayout) {
            let columns = min(context, keyTile)
            scores = layout.reserve(rows: queryTile, columns: columns)
            gradient = layout.reserve(rows: queryTile, columns: columns)
            maximum = layout.reserve(columns: queryTile)
            total = layout.reserve(columns: queryTile)
            correction = layout.reserve(columns: queryTile)
        }
    }

    /// One head of one sequence: its first row, and its columns in the output and in qkv.
    private struct Head {
        let firstRow: Int
        let index: Int
        let columns: Range<Int>

        func queries(_ qkv: Matrix, _ rows: Range<Int>) -> Matrix { part(qkv, rows, 0) }
        func keys(_ qkv: Matrix, _ rows: Range<Int>) -> Matrix { part(qkv, rows, 1) }
        func values(_ qkv: Matrix, _ rows: Range<Int>) -> Matrix { part(qkv, rows, 2) }
        func output(_ y: Matrix, _ rows: Range<Int>) -> Matrix { part(y, rows, 0) }

        private func part(_ matrix: Matrix, _ rows: Range<Int>, _ third: Int) -> Matrix {
            let shift = third * (matrix.columns / 3)
            return matrix.tile(
                rows: (firstRow + rows.lowerBound)..<(firstRow + rows.upperBound),
                columns: (columns.lowerBound + shift)..<(columns.upperBound + shift))
        }
    }

    private func head(_ index: Int, ofSequence sequence: Int) -> Head {
        Head(
            firstRow: sequence * context, index: index,
            columns: (index * headWidth)..<((index + 1) * headWidth))
    }

    /// Keeps the log-sum-exp of every score row for backward.             logSumExp: [sequences · heads · context]
    package func forward(
        _ qkv: Matrix, into output: Matrix, logSumExp: Floats, scratch: Scratch, arena: Floats,
        mask: Dropout.Mask?
    ) {
        for sequence in 0..<(qkv.rows / context) {
            for index in 0..<heads {
                let head = head(index, ofSequence: sequence)
                let kept = (sequence * heads + index) * context
                for start in stride(from: 0, to: context, by: Self.queryTile) {
                    let rows = start..<min(start + Self.queryTile, context)
                    forwardTile(
                        qkv, head, rows: rows, sequence: sequence, into: head.output(output, rows),
                        logSumExp: logSumExp[(kept + rows.lowerBound)..<(kept + rows.upperBound)], scratch: scratch,
                        arena: arena, mask: mask)
                }
            }
        }
    }

    /// One tile of queries against all keys that it sees, the maximum and the total running over tiles of keys.
    private func forwardTile(
        _ qkv: Matrix, _ head: Head, rows: Range<Int>, sequence: Int, into output: Matrix, logSumExp: Floats,
        scratch: Scratch, arena: Floats, mask: Dropout.Mask?
    ) {
        let maximum = arena[scratch.maximum.range]
        let total = arena[scratch.total.range]
        let correction = arena[scratch.correction.range]
        maximum.fill(-.greatestFiniteMagnitude)
        total.fill(0)
        let queries = head.queries(qkv, rows)
        for start in stride(from: 0, to: rows.upperBound, by: Self.keyTile) {
            let columns = start..<min(start + Self.keyTile, rows.upperBound)
            let scores = arena.matrix(scratch.scores).tile(rows: 0..<rows.count, columns: 0..<columns.count)
            multiply(queries, head.keys(qkv, columns).transposed, into: scores, scale: scale)
            kernels.attend(
                scores: scores, maximum: maximum, total: total, correction: correction,
                visible: rows.lowerBound + 1 - start)
            mask?.apply(to: scores, sequence: sequence, head: head.index, rows: rows, firstColumn: start)
            if start > 0 { kernels.scaleRows(output, by: correction) }
            multiply(scores, head.values(qkv, columns), into: output, adding: start > 0)
        }
        kernels.finishAttention(output, maximum: maximum, total: total, logSumExp: logSumExp)
    }

    /// Overwrites `dqkv`. Probabilities are computed again from the kept log-sum-exp.
    /// dOutput, output: [tokens, width]   dots: scratch [context]
    package func backward(
        _ dOutput: Matrix, output: Matrix, qkv: Matrix, logSumExp: Floats, into dqkv: Matrix, dots: Floats,
        scratch: Scratch, arena: Floats, mask: Dropout.Mask?
    ) {
        for sequence in 0..<(qkv.rows / context) {
            for index in 0..<heads {
                let head = head(index, ofSequence: sequence)
                let kept = (sequence * heads + index) * context
                // From the last queries back: they see every key, so their tile writes all of dk and dv, and the
                // others add.
                for tile in (0..<((context + Self.queryTile - 1) / Self.queryTile)).reversed() {
                    let start = tile * Self.queryTile
                    let rows = start..<min(start + Self.queryTile, context)
                    let dy = head.output(dOutput, rows)
                    kernels.rowDots(dy, head.output(output, rows), into: dots)
                    backwardTile(
                        dy, qkv, head, rows: rows, sequence: sequence,
                        logSumExp: logSumExp[(kept + rows.lowerBound)..<(kept + rows.upperBound)], into: dqkv,
                        isFirst: rows.upperBound == context, dots: dots, scratch: scratch, arena: arena, mask: mask)
                }
            }
        }
    }

    private func backwardTile(
        _ dy: Matrix, _ qkv: Matrix, _ head: Head, rows: Range<Int>, sequence: Int, logSumExp: Floats,
        into dqkv: Matrix, isFirst: Bool, dots: Floats, scratch: Scratch, arena: Floats, mask: Dropout.Mask?
    ) {
        let queries = head.queries(qkv, rows)
        for start in stride(from: 0, to: rows.upperBound, by: Self.keyTile) {
            let columns = start..<min(start + Self.keyTile, rows.upperBound)
            let tile = (rows: 0..<rows.count, columns: 0..<columns.count)
            let scores = arena.matrix(scratch.scores).tile(rows: tile.rows, columns: tile.columns)
            let gradient = arena.matrix(scratch.gradient).tile(rows: tile.rows, columns: tile.columns)
            let keys = head.keys(qkv, columns)
            multiply(queries, keys.transposed, into: scores, scale: scale)
            multiply(dy, head.values(qkv, columns).transposed, into: gradient)
            mask?.apply(to: gradient, sequence: sequence, head: head.index, rows: rows, firstColumn: start)
            kernels.attendBackward(
                scores: scores, dp: gradient, logSumExp: logSumExp, dots: dots, scale: scale,
                visible: rows.lowerBound + 1 - start)
            mask?.apply(to: scores, sequence: sequence, head: head.index, rows: rows, firstColumn: start)
            multiply(scores.transposed, dy, into: head.values(dqkv, columns), adding: !isFirst)
            multiply(gradient.transposed, queries, into: head.keys(dqkv, columns), adding: !isFirst)
            multiply(gradient, keys, into: head.queries(dqkv, rows), adding: start > 0)
        }
    }
}
