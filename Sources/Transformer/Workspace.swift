import Experiment
import Tensors

/// The activations of one slot: what forward keeps for backward, per block, and scratch that all blocks share.
/// About (10 L + 11) tokens · width floats and a tile of logits; nothing is allocated inside a step.
public final class Workspace {
    let shape: ModelShape
    let maximumSequences: Int
    let arena: Arena
    /// Where the model's time goes; the time between its calls is nobody's.
    public let clock = LapClock()
    /// Losses in nats of the tokens of the last slot.
    public internal(set) var losses: [Double]

    private let blocks: [KeptRegions]
    private let output: Region
    private let shared: SharedRegions

    /// - Parameter sequences: the most that a slot holds.
    public init(shape: ModelShape, sequences: Int) {
        self.shape = shape
        maximumSequences = sequences
        let rows = sequences * shape.context
        var layout = ArenaLayout()
        blocks = (0..<shape.layers).map { _ in KeptRegions(shape: shape, rows: rows, layout: &layout) }
        output = layout.reserve(rows: rows, columns: shape.width)
        shared = SharedRegions(shape: shape, rows: rows, layout: &layout)
        arena = Arena(count: layout.count)
        losses = Array(repeating: 0, count: rows)
    }

    /// What block `index` keeps of a slot of so many sequences; `index` may be the number of blocks, for their output.
    package func input(ofBlock index: Int, sequences: Int) -> Matrix {
        arena.floats.matrix(index < blocks.count ? blocks[index].input : output, rows: sequences * shape.context)
    }

    package func kept(_ index: Int, sequences: Int) -> Kept {
        Kept(blocks[index], floats: arena.floats, rows: sequences * shape.context)
    }

    package func shared(sequences: Int) -> Shared {
        Shared(shared, floats: arena.floats, rows: sequences * shape.context, clock: clock)
    }

    /// Regions that one block keeps.
    fileprivate struct KeptRegions {
        let input, middle, qkv, attended, hidden, mean1, inverse1, mean2, inverse2, logSumExp: Region

        init(shape: ModelShape, rows: Int, layout: inout ArenaLayout) {
            input = layout.reserve(rows: rows, columns: shape.width)
            qkv = layout.reserve(rows: rows, columns: 3 * shape.width)
            attended = layout.reserve(rows: rows, columns: shape.width)
            middle = layout.reserve(rows: rows, columns: shape.width)
            hidden = layout.reserve(rows: rows, columns: shape.feedForwardWidth)
            logSumExp = layout.reserve(columns: rows * shape.heads)
            mean1 = layout.reserve(columns: rows)
            inverse1 = layout.reserve(columns: rows)
            mean2 = layout.reserve(columns: rows)
            inverse2 = layout.reserve(columns: rows)
        }
    }

    /// Views of what one block keeps.
    package struct Kept {
        let input, middle, attended: Matrix  // [tokens, width]
        let qkv: Matrix  // [tokens, 3 width]
        let hidden: Matrix  // [tokens, 4 width], before its activation
        let mean1, inverse1, mean2, inverse2: Floats  // [tokens]
        let logSumExp: Floats  // [sequences · heads · context]

        fileprivate init(_ regions: KeptRegions, floats: Floats, rows: Int) {
            input = floats.matrix(regions.input, rows: rows)
            middle = floats.matrix(regions.middle, rows: rows)
            attended = floats.matrix(regions.attended, rows: rows)
            qkv = floats.matrix(regions.qkv, rows: rows)
            hidden = floats.matrix(regions.hidden, rows: rows)
            mean1 = floats[regions.mean1.range]
            inverse1 = floats[regions.inverse1.range]
            mean2 = floats[regions.mean2.range]
            inverse2 = floats[regions.inverse2.range]
            logSumExp = floats[regions.logSumExp.range]
        }
    }

    /// Regions that all blocks share.
    fileprivate struct SharedRegions {
        let normed, dNormed, dx, wide, mean, inverse, dots, logits: Region
        let tile: Attention.Scratch

        init(shape: ModelShape, rows: Int, layout: inout ArenaLayout) {
            normed = layout.reserve(rows: rows, columns: shape.width)
            dNormed = layout.reserve(rows: rows, columns: shape.width)
            dx = layout.reserve(rows: rows, columns: shape.width)
            wide = layout.reserve(rows: rows, columns: shape.feedForwardWidth)
            mean = layout.reserve(columns: rows)
            inverse = layout.reserve(columns: rows)
            dots = layout.reserve(columns: shape.context)
            let tileRows = min(rows, shape.logitTileRows)
            logits = layout.reserve(rows: tileRows, columns: shape.vocabulary)
            tile = Attention.Scratch(context: shape.context, layout: &layout)
        }
    }

    /// Views of the shared scratch.
    package struct Shared {
        let normed, dNormed, dx: Matrix  // [tokens, width]
        let mean, inverse: Floats  // [tokens], the final norm's
        let dots: Floats  // [context]
        let logits: Region
        let tile: Attention.Scratch
        let arena: Floats
        let clock: LapClock
        private let wideFloats: Floats  // [tokens · 4 width]
        private let rows: Int

        fileprivate init(_ regions: SharedRegions, floats: Floats, rows: Int, clock: LapClock) {
            normed = floats.matrix(regions.normed, rows: rows)
            dNormed = floats.matrix(regions.dNormed, rows: rows)
            dx = floats.matrix(regions.dx, rows: rows)
            mean = floats[regions.mean.range]
            inverse = floats[regions.inverse.range]
            dots = floats[regions.dots.range]
            logits = regions.logits
            tile = regions.tile
            arena = floats
            self.clock = clock
            wideFloats = floats[regions.wide.range]
            self.rows = rows
        }

        /// Scratch of [tokens, columns], columns at most 4 width.
        func wide(columns: Int) -> Matrix {
            Matrix(wideFloats[0..<(rows * columns)], rows: rows, columns: columns)
        }
    }
}
