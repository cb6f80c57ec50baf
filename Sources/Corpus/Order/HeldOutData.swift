import Experiment

/// The held-out sequences that evaluations are on, cut into slots: the same ones at every evaluation of every run.
public struct HeldOutData: Sendable {
    /// T.
    public let context: Int
    /// Sequences per slot; the last slot may have fewer.
    public let slot: Int
    /// In the order in which they are evaluated.
    public let sequences: [Int]
    /// Bytes of held-out text per token: bits per byte = loss / ln 2 / bytesPerToken; nil where tokens are not text.
    public let bytesPerToken: Double?
    private let stream: TokenStream

    /// The first floor(tokens / T) sequences, at least one, or all, of a fixed keyed order that no seed changes.
    /// Throws `Failure(.badData)` when the held-out text is shorter than one sequence.
    public init(_ corpus: PreparedCorpus, context: Int, amount: EvaluateConfig.Amount, slot: Int) throws {
        let available = try corpus.requireSequences(on: .heldOut, context: context)
        self.context = context
        self.slot = slot
        stream = corpus.sources[0].heldOut
        bytesPerToken = corpus.sources[0].heldOutBytesPerToken
        let order = KeyedPermutation(count: available, stream: RandomStream(seed: 0, purpose: "held-out order"))
        let wanted =
            switch amount {
            case .all: available
            case .tokens(let tokens): max(1, min(available, tokens / context))
            }
        sequences = (0..<wanted).map { order[$0] }
    }

    /// Slots of an evaluation: the leaves of its tree.
    public var slots: Int { (sequences.count + slot - 1) / slot }

    /// Sequences in slot `index`.
    public func sequences(inSlot index: Int) -> Int { min(slot, sequences.count - index * slot) }

    /// Fills `batch`, of capacity `slot`; in a short last slot the rows behind the filled ones do not count. Allocates
    /// nothing.
    public func fill(slot index: Int, into batch: inout Batch) {
        precondition((0..<slots).contains(index), "slot \(index) is not of this evaluation of \(slots)")
        precondition(
            batch.capacity == slot && batch.context == context, "the batch was made for another slot or context")
        let count = sequences(inSlot: index)
        for row in 0..<count { batch.fill(row: row, sequence: sequences[index * slot + row], of: stream) }
        batch.end(after: count)
    }
}
