import Experiment
import Tokenization

/// All that `apus corpus inspect` tells of a corpus; in JSON with keys in snake case.
public struct CorpusReport: Sendable, Encodable {
    public let folder: String
    public let contentDigest: String
    /// `text` or `calibration`.
    public let kind: String
    public let tokenizer: TokenizerFacts
    public let sources: [Source]
    public let vocabulary: VocabularyUse
    public let sample: [CorpusSample]

    /// What made the ids.
    public struct TokenizerFacts: Sendable, Encodable {
        /// `bytes`, `bpe` or `symbols`.
        public let kind: String
        public let ids: Int
        /// How an id is stored.
        public let dtype: String
        public let endOfText: Int?
        /// Of `tokenizer.json`.
        public let sha256: String
    }

    /// A named part of the corpus.
    public struct Source: Sendable, Encodable {
        public let name: String
        public let train: Side
        public let heldOut: Side
        public let files: [CorpusIndex.File]
        /// Documents that were left out, by reason.
        public let dropped: [String: CorpusIndex.Dropped]
        /// Invalid sequences of bytes that became U+FFFD.
        public let replaced: Int
        public let overlap: Overlap?
        /// Of the stretches of both sides.
        public let lengths: LengthHistogram
    }

    /// How much of the held-out text the training text has.
    public struct Overlap: Sendable, Encodable {
        /// Tokens of an n-gram.
        public let ngram: Int
        /// Different ones of the held-out text that were looked for.
        public let heldOut: Int
        /// Of them, in the training text of all sources.
        public let found: Int
        /// One in how many was looked for.
        public let sampled: Int
        /// found / heldOut.
        public let share: Double
    }

    /// One side of the split.
    public struct Side: Sendable, Encodable {
        public let tokens: Int
        public let documents: Int
        public let stretches: Int
        public let bytes: Int?
        public let characters: Int?
        /// End-of-text tokens counted.
        public let bytesPerToken: Double?
        public let shards: Int
        /// At the context asked for.
        public let sequences: Int?
        /// Tokens behind the last whole sequence.
        public let unusedTokens: Int?
    }

    /// Reads all tokens and places, in bounded memory. The corpus must have been verified.
    /// - Parameters:
    ///   - context: T, to tell sequences and unused tokens too.
    ///   - samples: how many stretches to show the beginning of.
    /// - Throws: `Failure(.badData)` for places that do not fit the tokens.
    public init(_ corpus: PreparedCorpus, context: Int?, samples: Int) throws {
        let index = corpus.index
        folder = corpus.folder.path
        contentDigest = index.contentDigest
        kind = index.kind.rawValue
        tokenizer = TokenizerFacts(
            kind: corpus.tokenizer.description.kind, ids: index.vocabulary, dtype: index.dtype.rawValue,
            endOfText: index.endOfText, sha256: index.tokenizerDigest)
        sources = try corpus.sources.indices.map { number in
            let source = corpus.sources[number]
            return Source(
                name: source.name, train: Side(source, .train, context), heldOut: Side(source, .heldOut, context),
                files: source.index.files, dropped: source.index.dropped, replaced: source.index.replaced,
                overlap: source.index.overlap.map { Overlap($0) },
                lengths: try LengthHistogram(corpus, source: number))
        }
        vocabulary = try VocabularyUse(corpus)
        sample = try CorpusSample.samples(samples, of: corpus)
    }
}

extension CorpusReport.Side {
    fileprivate init(_ source: PreparedSource, _ side: CorpusSide, _ context: Int?) {
        let counts = source.index.side(side)
        let stream = source.stream(side)
        tokens = counts.tokens
        documents = counts.documents
        stretches = counts.stretches
        bytes = counts.bytes
        characters = counts.characters
        bytesPerToken = counts.bytes.map { Double($0) / Double(counts.tokens) }
        shards = counts.shards.count
        sequences = context.map { stream.sequences(context: $0) }
        unusedTokens = context.map { stream.unusedTokens(context: $0) }
    }
}

extension CorpusReport.Overlap {
    fileprivate init(_ count: OverlapCount) {
        ngram = count.ngram
        heldOut = count.heldOut
        found = count.found
        sampled = count.sampled
        share = count.share
    }
}
