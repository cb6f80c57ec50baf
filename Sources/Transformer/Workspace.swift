import Experiment
import Tensors

/// The activations of one slot: what forward keeps for backward, per block, and scratch that all blocks share.
/// About (10 L + 8) tokens · width floats and a tile of logits; nothing is allocated inside a step.
///
/// One that recomputes keeps every block's input and one block's activations, about (L + 17) tokens · width floats;
/// backward computes the others again (Chen et al. 2016), with the same bits.
public final class Workspace {
    let shape: ModelShape
    let maximumSequences: Int
    let recomputes: Bool
    let arena: Arena
    /// Where the model's time goes; the time between its calls is nobody's.
    public let clock = LapClock()
    /// Losses in nats of the tokens of the last slot.
    public internal(set) var losses: [Double]

    private let regions: Regions

    /// - Parameters:
    ///   - sequences: the most that a slot holds.
    ///   - recomputes: spares the activations of all blocks but one.
    public init(shape: ModelShape, sequences: Int, recomputes: Bool = false) {
        self.shape = shape
        maximumSequences = sequences
        self.recomputes = recomputes
        regions = Regions(shape: shape, sequences: sequences, recomputes: recomputes)
        arena = Arena(count: regions.count)
        losses = Array(repeating: 0, count: sequences * shape.context)
    }

    /// Floats that the arena of such a workspace holds. Its losses are `sequences` · context doubles beside them.
    public static func floats(shape: ModelShape, sequences: Int, recomputes: Bool) -> Int {
        Regions(shape: shape, sequences: sequences, recomputes: recomputes).count
    }

    /// The input of block `index`, which may be the number of blocks, for their output.
    package func input(ofBlock index: Int, sequences: Int) -> Matrix {
        arena.floats.matrix(regions.inputs[index], rows: sequences * shape.context)
    }

    /// What block `index` keeps of a slot of so many sequences.
    package func kept(_ index: Int, sequences: Int) -> Kept {
        Kept(
            regions.kept[recomputes ? 0 : index], input: input(ofBlock: index, sequences: sequences),
            floats: arena.floats, rows: sequences * shape.context)
    }

    package func shared(sequences: Int) -> Shared {
        Shared(regions.shared, floats: arena.floats, rows: sequences * shape.context, clock: clock)
    }

    /// Where everything lies in the arena.
    private struct Regions {
        /// Of every block, and the last one's output.
        let inputs: [Region]
        /// Of every block, or one that all blocks use in turn.
        let kept: [KeptRegions]
        let shared: SharedRegions
        /// Floats of all.
        let count: Int

        init(shape: ModelShape, sequences: Int, recomputes: Bool) {
            let rows = sequences * shape.context
            var layout = ArenaLayout()
            inputs = (0...shape.layers).map { _ in layout.reserve(rows: rows, columns: shape.width) }
            kept = (0..<(recomputes ? 1 : shape.layers)).map { _ in
                KeptRegions(shape: shape, rows: rows, layout: &layout)
            }
            shared = SharedRegions(shape: shape, rows: rows, layout: &layout)
            count = layout.count
        }
    }

    /// Regions that one block keeps, beside its input.
    fileprivate struct KeptRegions {
        let middle, qkv, attended, hidden, mean1, inverse1, mean2, inverse2, logSumExp: Region

        init(shape: ModelShape, rows: Int, layout: inout ArenaLayout) {
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

        fileprivate init(_ regions: KeptRegions, input: Matrix, floats: Floats, rows: Int) {
            self.input = input
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
