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
    /// Which sequence comes where.
    public private(set) var mixture: Mixture
    /// Of the sources, in the corpus's order.
    private let streams: [TokenStream]
    private var window: [Int32]
    private var windowBytes: [UInt8]

    /// - Throws: `Failure(.badData)` when a source's training text is shorter than one sequence, `Failure(.usage)` when
    ///   the configuration's sources are not those of the corpus.
    public init(_ corpus: PreparedCorpus, config: RunConfig) throws {
        try self.init(
            corpus, context: config.model.context, sequencesPerStep: config.batch.sequences, slot: config.batch.slot,
            limitTokens: config.corpus.limitTokens, seed: config.seed.data, sources: config.corpus.sources)
    }

    /// - Parameters:
    ///   - sequencesPerStep: B, a multiple of `slot`.
    ///   - limitTokens: trains on floor(limit / T) sequences, at least one, or all that there are; nil for all.
    ///   - seed: the run's data seed.
    ///   - sources: how the corpus's sources are mixed; none for all of them as they are.
    public init(
        _ corpus: PreparedCorpus, context: Int, sequencesPerStep: Int, slot: Int, limitTokens: Int?, seed: UInt64,
        sources: [SourceConfig] = []
    ) throws {
        let available = try corpus.requireSequences(on: .train, context: context)
        let recipe = try MixtureRecipe(sources, of: corpus.sources.map(\.name))
        streams = corpus.sources.map(\.train)
        self.corpus = corpus
        self.context = context
        self.slot = slot
        self.sequencesPerStep = sequencesPerStep
        mixture = Mixture(recipe, available: available, limit: limitTokens.map { max(1, $0 / context) }, seed: seed)
        window = [Int32](repeating: 0, count: context + 1)
        windowBytes = [UInt8](repeating: 0, count: 4 * (context + 1))
    }

    /// M, the sequences of a pass; with one source n, the sequences that are trained on.
    public var sequences: Int { mixture.sequencesPerPass }

    /// The tokens of all sequences that the run may read: what `unique_tokens` of the ledger cannot exceed.
    public var trainingTokens: Int { mixture.used.reduce(0, +) * context }

    /// Tokens of the streams behind their last windows; no step sees them.
    public var unusedTokens: Int { streams.reduce(0) { $0 + $1.unusedTokens(context: context) } }

    /// The pass of a step's first sequence, from 0; steps from 0.
    public func epoch(step: Int) -> Int { mixture.pass(atPosition: step * sequencesPerStep) }

    /// The ledger's `unique_tokens` after so many tokens of training.
    public func uniqueTokens(ofTokens tokens: Int) -> Int { mixture.uniqueTokens(ofTokens: tokens, context: context) }

    /// The sequences of a step, from 0, in the order of its batch: sequence j of step s is at position s·B + j of the run.
    public func sequences(ofStep step: Int) -> [(source: Int, sequence: Int)] {
        var mixture = mixture
        return (step * sequencesPerStep..<(step + 1) * sequencesPerStep).map { mixture.sequence(atPosition: $0) }
    }

    /// The positions of the first `steps` steps at which a sequence is read, ascending: step position / B, from 0, and
    /// there sequence position mod B.
    public func positions(ofSource source: Int, sequence: Int, steps: Int) -> [Int] {
        mixture.positions(ofSource: source, sequence: sequence, before: steps * sequencesPerStep)
    }

    /// The tokens of a sequence's window in its source's stream: T + 1 of them.
    public func tokens(ofSequence sequence: Int) -> Range<Int> { sequence * context..<(sequence + 1) * context + 1 }

    /// Fills `batch`, of capacity `slot`, with slot `slot` of step `step`, both from 0. Allocates nothing, but for a
    /// few words where a pass begins.
    public mutating func fill(step: Int, slot index: Int, into batch: inout Batch) {
        precondition(
            batch.capacity == slot && batch.context == context, "the batch was made for another slot or context")
        for row in 0..<slot {
            let (source, sequence) = sequence(step: step, slot: index, row: row)
            batch.fill(row: row, sequence: sequence, of: streams[source])
        }
        batch.end(after: slot)
    }

    /// SHA-256 of a slot's windows of T + 1 tokens, in order, as little-endian uint32. 32 bytes.
    public mutating func batchDigest(step: Int, slot index: Int) -> [UInt8] {
        var hash = SHA256()
        for row in 0..<slot {
            let (source, sequence) = sequence(step: step, slot: index, row: row)
            streams[source].copy(tokens(ofSequence: sequence), into: &window, at: 0)
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

    private mutating func sequence(step: Int, slot index: Int, row: Int) -> (source: Int, sequence: Int) {
        precondition(index >= 0 && (index + 1) * slot <= sequencesPerStep, "slot \(index) is not of this batch")
        return mixture.sequence(atPosition: step * sequencesPerStep + index * slot + row)
    }
}

extension PreparedCorpus {
    /// The sequences of a side, by source. Throws `Failure(.badData)` when a source has none.
    func requireSequences(on side: CorpusSide, context: Int) throws -> [Int] {
        try sources.map { source in
            let stream = source.stream(side)
            let sequences = stream.sequences(context: context)
            guard sequences > 0 else {
                let whole = sources.count == 1 ? "the corpus" : "the source \(source.name)"
                throw Failure(
                    .badData,
                    "The \(side.rawValue) side of \(whole) has \(stream.count) tokens, fewer than the \(context + 1) of "
                        + "one sequence at context \(context); give more text or take a shorter context.")
            }
            return sequences
        }
    }
}
