import Crypto
import Experiment

/// The training sequences of a run: any slot of any step, on whatever rank it is asked for.
public struct TrainingData: Sendable {
    /// T.
    public let context: Int
    /// Sequences per slot.
    public let slot: Int
    /// B, sequences per step.
    public let sequencesPerStep: Int
    /// Where the tokens are.
    public let corpus: PreparedCorpus
    private let stream: TokenStream
    private var order: DataOrder
    private var window: [Int32]
    private var windowBytes: [UInt8]

    /// Throws `Failure(.badData)` when the training text is shorter than one sequence.
    public init(_ corpus: PreparedCorpus, config: RunConfig) throws {
        try self.init(
            corpus, context: config.model.context, sequencesPerStep: config.batch.sequences, slot: config.batch.slot,
            limitTokens: config.corpus.limitTokens, seed: config.seed.data)
    }

    /// - Parameters:
    ///   - sequencesPerStep: B, a multiple of `slot`.
    ///   - limitTokens: trains on floor(limit / T) sequences, at least one, or all that there are; nil for all.
    ///   - seed: the run's data seed.
    public init(
        _ corpus: PreparedCorpus, context: Int, sequencesPerStep: Int, slot: Int, limitTokens: Int?, seed: UInt64
    ) throws {
        stream = corpus.sources[0].train
        let available = try corpus.requireSequences(on: .train, context: context)
        self.corpus = corpus
        self.context = context
        self.slot = slot
        self.sequencesPerStep = sequencesPerStep
        order = DataOrder(available: available, limit: limitTokens.map { max(1, $0 / context) }, seed: seed)
        window = [Int32](repeating: 0, count: context + 1)
        windowBytes = [UInt8](repeating: 0, count: 4 * (context + 1))
    }

    /// n, the sequences that are trained on.
    public var sequences: Int { order.count }

    /// The tokens of those sequences: what `unique_tokens` of the ledger cannot exceed.
    public var trainingTokens: Int { order.count * context }

    /// Tokens of the stream behind its last window; no step sees them.
    public var unusedTokens: Int { stream.unusedTokens(context: context) }

    /// The epoch of a step's first sequence, from 0; steps from 0.
    public func epoch(step: Int) -> Int { order.epoch(atPosition: step * sequencesPerStep) }

    /// The sequence at a position of the run's order: position s·B + j for sequence j of step s, both from 0.
    public mutating func sequence(atPosition position: Int) -> Int { order.sequence(atPosition: position) }

    /// Fills `batch`, of capacity `slot`, with slot `slot` of step `step`, both from 0. Allocates nothing, but for a
    /// few words where an epoch begins.
    public mutating func fill(step: Int, slot index: Int, into batch: inout Batch) {
        precondition(
            batch.capacity == slot && batch.context == context, "the batch was made for another slot or context")
        for row in 0..<slot {
            batch.fill(row: row, sequence: sequence(step: step, slot: index, row: row), of: stream)
        }
        batch.end(after: slot)
    }

    /// SHA-256 of a slot's windows of T + 1 tokens, in order, as little-endian uint32. 32 bytes.
    public mutating func batchDigest(step: Int, slot index: Int) -> [UInt8] {
        var hash = SHA256()
        for row in 0..<slot {
            let first = sequence(step: step, slot: index, row: row) * context
            stream.copy(first..<first + context + 1, into: &window, at: 0)
            for (i, id) in window.enumerated() {
                for byte in 0..<4 { windowBytes[4 * i + byte] = UInt8(truncatingIfNeeded: id >> (8 * byte)) }
            }
            hash.update(data: windowBytes)
        }
        return Array(hash.finalize())
    }

    /// The ledger's `batch_digest`: SHA-256, in hexadecimal, of all slots' digests in slot order.
    public static func stepDigest(slotDigests: [[UInt8]]) -> String {
        SHA256.hash(data: Array(slotDigests.joined())).hexadecimal
    }

    private mutating func sequence(step: Int, slot index: Int, row: Int) -> Int {
        precondition(index >= 0 && (index + 1) * slot <= sequencesPerStep, "slot \(index) is not of this batch")
        return order.sequence(atPosition: step * sequencesPerStep + index * slot + row)
    }
}

extension PreparedCorpus {
    /// The sequences of a side. Throws `Failure(.badData)` when there is none.
    func requireSequences(on side: CorpusSide, context: Int) throws -> Int {
        let stream = sources[0].stream(side)
        let sequences = stream.sequences(context: context)
        guard sequences > 0 else {
            throw Failure(
                .badData,
                "The \(side.rawValue) side of the corpus has \(stream.count) tokens, fewer than the \(context + 1) of one "
                    + "sequence at context \(context); give more text or take a shorter context.")
        }
        return sequences
    }
}
