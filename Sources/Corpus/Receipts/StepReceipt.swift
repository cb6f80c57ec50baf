import Experiment

/// What one step of a run read: the digest of its batch, and its sequences with their places in the files.
public struct StepReceipt: Sendable, Equatable {
    /// From 1, as the ledger's rows.
    public let step: Int
    /// What the ledger's `batch_digest` must be.
    public let batchDigest: String
    /// In the order of the batch.
    public let sequences: [SequenceReceipt]

    /// Reads the step's windows again.
    /// - Parameters:
    ///   - step: from 1.
    ///   - position: of the only sequence that is wanted, from 0; nil for all. The digest is of the whole batch.
    /// - Throws: `Failure(.badData)` for places that do not fit the tokens, and for ids outside of the vocabulary.
    public init(_ data: TrainingData, step: Int, position: Int? = nil) throws {
        self.step = step
        var data = data
        let slots = data.sequencesPerStep / data.slot
        batchDigest = TrainingData.stepDigest(
            slotDigests: (0..<slots).map { data.batchDigest(step: step - 1, slot: $0) })
        sequences = try Self.sequences(of: data, step: step - 1, position: position)
    }

    private static func sequences(
        of data: TrainingData, step: Int, position: Int?
    ) throws -> [SequenceReceipt] {
        let corpus = data.corpus
        let lengths = corpus.index.kind == .text ? TextLengths(corpus.tokenizer) : nil
        var tracers = corpus.sources.indices.map { SequenceTracer(corpus, source: $0, lengths: lengths) }
        let all = data.sequences(ofStep: step)
        let wanted = position.map { [$0] } ?? Array(all.indices)
        // Ascending in each stream, so that a long document is gone through once.
        let receipts = try wanted.sorted { (all[$0].source, all[$0].sequence) < (all[$1].source, all[$1].sequence) }
            .map { position in
                let (source, sequence) = all[position]
                let tokens = data.tokens(ofSequence: sequence)
                return SequenceReceipt(
                    position: position, slot: position / data.slot, source: corpus.sources[source].name,
                    sequence: sequence, tokens: tokens, ids: corpus.sources[source].train[tokens],
                    parts: try tracers[source].parts(of: tokens))
            }
        return receipts.sorted { $0.position < $1.position }
    }
}
