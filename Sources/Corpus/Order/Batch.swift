/// The tokens of one slot, in storage that is made once and filled again and again.
public struct Batch: Sendable {
    /// Sequences that there is room for.
    public let capacity: Int
    /// T, tokens per sequence.
    public let context: Int
    /// Sequences that are filled; fewer than `capacity` in the last slot of an evaluation only. The rows behind them
    /// hold zeros and do not count.
    public internal(set) var sequences = 0
    /// [capacity × context], row by row.
    public internal(set) var tokens: [Int32]
    /// The token after each of `tokens`. [capacity × context]
    public internal(set) var targets: [Int32]
    /// 1 where the loss counts a target, else 0. [capacity × context]
    public internal(set) var counted: [UInt8]

    /// An empty batch.
    public init(capacity: Int, context: Int) {
        self.capacity = capacity
        self.context = context
        tokens = [Int32](repeating: 0, count: capacity * context)
        targets = tokens
        counted = [UInt8](repeating: 0, count: capacity * context)
    }

    /// Bytes of a batch's storage.
    public static func bytes(capacity: Int, context: Int) -> Int {
        capacity * context * (2 * MemoryLayout<Int32>.stride + MemoryLayout<UInt8>.stride)
    }

    /// Tokens that are filled: sequences × context.
    public var filledTokens: Int { sequences * context }

    /// Fills row `row` with sequence `sequence` of a stream; all its targets count.
    mutating func fill(row: Int, sequence: Int, of stream: TokenStream) {
        let first = sequence * context
        stream.copy(first..<first + context, into: &tokens, at: row * context)
        stream.copy(first + 1..<first + context + 1, into: &targets, at: row * context)
        for i in row * context..<(row + 1) * context { counted[i] = 1 }
    }

    /// Makes `count` the filled rows, and clears those behind them.
    mutating func end(after count: Int) {
        sequences = count
        for i in count * context..<capacity * context {
            tokens[i] = 0
            targets[i] = 0
            counted[i] = 0
        }
    }
}
