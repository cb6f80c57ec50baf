import Experiment
import Tensors
import Transformer

/// A matrix product of a training step, as the step calls it: its shapes, strides and transposes.
struct StepProduct {
    /// An operand, or the result.
    struct Operand {
        let rows: Int
        let columns: Int
        /// Floats from one row to the next, where rows are part of longer ones.
        let stride: Int

        init(_ rows: Int, _ columns: Int, stride: Int? = nil) {
            self.rows = rows
            self.columns = columns
            self.stride = stride ?? columns
        }

        func matrix(in arena: Arena) -> Matrix {
            Matrix(arena.floats, rows: rows, columns: stride).columns(0..<columns)
        }
    }

    /// Which operand is transposed: a b, a bᵀ, aᵀ b.
    enum Form: String, Encodable {
        case plain = "NN"
        case right = "NT"
        case left = "TN"
    }

    let name: String
    let form: Form
    let a: Operand
    let b: Operand
    let c: Operand
    let adding: Bool

    /// - Parameter stride: of the result, where it is part of longer rows.
    init(_ name: String, _ form: Form, _ a: Operand, _ b: Operand, stride: Int? = nil, adding: Bool = false) {
        self.name = name
        self.form = form
        self.a = a
        self.b = b
        self.adding = adding
        c = Operand(
            form == .left ? a.columns : a.rows, form == .right ? b.rows : b.columns, stride: stride)
    }

    /// The dimension that is summed over.
    var inner: Int { form == .left ? a.rows : a.columns }
    private var flops: Double { 2 * Double(c.rows) * Double(c.columns) * Double(inner) }

    /// GFLOP/s on one thread: the best of 5 measurements of 5 ms or one product, after one to warm up.
    func gigaflops() -> Double {
        let arenas = [a, b, c].map { Arena(count: $0.rows * $0.stride) }
        defer { withExtendedLifetime(arenas) {} }
        for arena in arenas { arena.floats.fill(0.5) }
        let (a, b, c) = (a.matrix(in: arenas[0]), b.matrix(in: arenas[1]), c.matrix(in: arenas[2]))
        func run() {
            switch form {
            case .plain: multiply(a, b, into: c, adding: adding)
            case .right: multiply(a, b.transposed, into: c, adding: adding)
            case .left: multiply(a.transposed, b, into: c, adding: adding)
            }
        }
        run()
        let repeats = max(1, Int(0.005 / seconds(of: run)))
        let best = (0..<5).map { _ in seconds { for _ in 0..<repeats { run() } } }.reduce(.infinity, min)
        return flops * Double(repeats) / best / 1e9
    }
}

extension StepProduct {
    /// All products of a slot's forward and backward: those of a block's four linear layers (Linear.swift), of the tied
    /// head's first tile of tokens (TiedHead.swift), and of a full tile of attention (Attention.swift).
    static func all(of model: ModelShape, sequences: Int) -> [StepProduct] {
        linear(model, tokens: sequences * model.context) + head(model, tokens: sequences * model.context)
            + attention(model)
    }

    private static func linear(_ model: ModelShape, tokens: Int) -> [StepProduct] {
        let d = model.width
        let layers = [
            ("qkv", d, 3 * d), ("projection", d, d), ("up", d, model.feedForwardWidth),
            ("down", model.feedForwardWidth, d),
        ]
        return layers.flatMap { name, inputs, outputs in
            let x = Operand(tokens, inputs)
            let y = Operand(tokens, outputs)
            let weight = Operand(inputs, outputs)
            return [
                StepProduct(name, .plain, x, weight, adding: true),
                StepProduct("\(name), input gradient", .right, y, weight),
                StepProduct("\(name), weight gradient", .left, x, y),
            ]
        }
    }

    private static func head(_ model: ModelShape, tokens: Int) -> [StepProduct] {
        let rows = min(tokens, model.logitTileRows)
        let x = Operand(rows, model.width)
        let logits = Operand(rows, model.vocabulary)
        let table = Operand(model.vocabulary, model.width)
        return [
            StepProduct("logits", .right, x, table),
            StepProduct("logits, input gradient", .plain, logits, table),
            StepProduct("logits, weight gradient", .left, logits, x, adding: rows < tokens),
        ]
    }

    /// A full tile of queries against one of keys, of one head: columns of qkv.
    private static func attention(_ model: ModelShape) -> [StepProduct] {
        let columns = min(Attention.keyTile, model.context)
        let part = 3 * model.width
        let queries = Operand(min(Attention.queryTile, model.context), model.headWidth, stride: part)
        let keys = Operand(columns, model.headWidth, stride: part)
        let dy = Operand(queries.rows, model.headWidth, stride: model.width)
        let tile = Operand(queries.rows, columns)
        let adding = queries.rows < model.context
        return [
            StepProduct("attention scores", .right, queries, keys),
            StepProduct("attention output", .plain, tile, keys, stride: model.width),
            StepProduct("attention, weights' gradient", .right, dy, keys),
            StepProduct("attention, values' gradient", .left, tile, dy, stride: part, adding: adding),
            StepProduct("attention, keys' gradient", .left, tile, queries, stride: part, adding: adding),
            StepProduct("attention, queries' gradient", .plain, tile, keys, stride: part),
        ]
    }
}
