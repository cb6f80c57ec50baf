import Crypto
import Experiment

/// The held-out sequences that evaluations are on, cut into slots: the same ones at every evaluation of every run.
public struct HeldOutData: Sendable {
    /// T.
    public let context: Int
    /// Sequences per slot; the last slot may have fewer.
    public let slot: Int
    /// In the order in which they are evaluated, source by source; numbers are of their source's stream.
    public let sequences: [Int]
    /// The sources, in the corpus's order.
    public let parts: [Part]
    /// Bytes of held-out text per token: bits per byte = loss / ln 2 / bytesPerToken; nil where tokens are not text. Over
    /// several sources, the mean over the sequences.
    public let bytesPerToken: Double?
    /// The same for characters (Unicode scalars).
    public let charactersPerToken: Double?

    /// What of an evaluation is of one source.
    public struct Part: Sendable {
        /// Of the source.
        public let name: String
        /// Where its sequences are in `sequences`.
        public let range: Range<Int>
        /// Of the source's held-out text; nil where tokens are not text.
        public let bytesPerToken: Double?
        /// Of the source's held-out text; nil where tokens are not text.
        public let charactersPerToken: Double?
        fileprivate let stream: TokenStream
    }

    /// What a run with this configuration is evaluated on.
    public init(_ corpus: PreparedCorpus, config: RunConfig) throws {
        try self.init(
            corpus, context: config.model.context, amount: config.evaluate.tokens, slot: config.batch.slot,
            sources: config.corpus.sources)
    }

    /// Of each source the first sequences, or all, of a fixed keyed order that no seed changes. Of `tokens`, the
    /// floor(tokens / T) sequences are divided at the mixture's shares by largest remainders, at least one for each
    /// source; where a source has too few for its share, all get fewer.
    /// - Parameter sources: how the corpus's sources are mixed; none for all of them as they are.
    /// - Throws: `Failure(.badData)` when a source's held-out text is shorter than one sequence, `Failure(.usage)` when
    ///   `sources` are not those of the corpus.
    public init(
        _ corpus: PreparedCorpus, context: Int, amount: EvaluateConfig.Amount, slot: Int, sources: [SourceConfig] = []
    ) throws {
        let available = try corpus.requireSequences(on: .heldOut, context: context)
        let recipe = try MixtureRecipe(sources, of: corpus.sources.map(\.name))
        self.context = context
        self.slot = slot
        let counts =
            switch amount {
            case .all: available
            case .tokens(let tokens):
                Self.counts(
                    max(1, tokens / context), available: available,
                    parts: recipe.parts(available: corpus.sources.map { max(1, $0.train.sequences(context: context)) }))
            }
        var sequences: [Int] = []
        var parts: [Part] = []
        for (source, (available, count)) in zip(corpus.sources, zip(available, counts)) {
            let name = corpus.sources.count == 1 ? "" : source.name
            let stream = RandomStream(seed: 0, purpose: "held-out order", name: name)
            let order = KeyedPermutation(count: available, stream: stream)
            parts.append(
                Part(
                    name: source.name, range: sequences.count..<sequences.count + count,
                    bytesPerToken: source.heldOutBytesPerToken, charactersPerToken: source.heldOutCharactersPerToken,
                    stream: source.heldOut))
            sequences += (0..<count).map { order[$0] }
        }
        self.sequences = sequences
        self.parts = parts
        bytesPerToken = Self.mean(parts, \.bytesPerToken)
        charactersPerToken = Self.mean(parts, \.charactersPerToken)
    }

    private static func counts(_ wanted: Int, available: [Int], parts: [Double]) -> [Int] {
        let most = MixtureRecipe.most(of: available.map(Double.init), by: parts)
        return zip(MixtureRecipe.apportion(min(wanted, most), by: parts), available).map { max(1, min($0, $1)) }
    }

    /// Over all sequences; nil where one part has none. One part's own, to the last bit.
    private static func mean(_ parts: [Part], _ value: (Part) -> Double?) -> Double? {
        let values = parts.compactMap(value)
        guard values.count == parts.count else { return nil }
        guard values.count > 1 else { return values.first }
        let count = parts.reduce(0) { $0 + $1.range.count }
        return zip(parts, values).reduce(0) { $0 + Double($1.0.range.count) * $1.1 } / Double(count)
    }

    /// Slots of an evaluation: the leaves of its tree.
    public var slots: Int { (sequences.count + slot - 1) / slot }

    /// Sequences in slot `index`.
    public func sequences(inSlot index: Int) -> Int { min(slot, sequences.count - index * slot) }

    /// SHA-256 (hex) of all windows in the order in which they are evaluated, each of T + 1 ids, four bytes little-endian
    /// an id: equal for two runs whose held-out losses are of the same tokens.
    public var digest: String {
        var hash = SHA256()
        var window = [Int32](repeating: 0, count: context + 1)
        for part in parts {
            for sequence in sequences[part.range] {
                part.stream.copy(sequence * context..<(sequence + 1) * context + 1, into: &window, at: 0)
                hash.update(data: window.flatMap { id in (0..<4).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } })
            }
        }
        return hash.finalize().hexadecimal
    }

    /// Fills `batch`, of capacity `slot`; in a short last slot the rows behind the filled ones do not count. Allocates
    /// nothing.
    public func fill(slot index: Int, into batch: inout Batch) {
        precondition((0..<slots).contains(index), "slot \(index) is not of this evaluation of \(slots)")
        precondition(
            batch.capacity == slot && batch.context == context, "the batch was made for another slot or context")
        let count = sequences(inSlot: index)
        var part = 0
        for row in 0..<count {
            let place = index * slot + row
            while place >= parts[part].range.upperBound { part += 1 }
            batch.fill(row: row, sequence: sequences[place], of: parts[part].stream)
        }
        batch.end(after: count)
    }
}
