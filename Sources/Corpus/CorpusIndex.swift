import Experiment

/// The content of a prepared corpus's `index.json`.
public struct CorpusIndex: Codable, Equatable, Sendable {
    /// The format that this version reads and writes.
    public static let currentSchema = "apus-corpus-1"

    /// `currentSchema`; anything else is refused.
    public let schema: String
    /// Where the tokens come from.
    public let kind: Kind
    /// Identity of both token streams, in hexadecimal: of the texts in their order, the tokenizer and the split; or of
    /// the calibration source's parameters. Neither paths nor shard sizes change it.
    public let contentDigest: String
    /// How the shards store an id.
    public let dtype: ElementType
    /// Ids are 0..<vocabulary.
    public let vocabulary: Int
    /// The id that follows each document; nil for none.
    public let endOfText: Int?
    /// SHA-256 of `tokenizer.json`.
    public let tokenizerDigest: String
    /// What is trained on.
    public let train: Side
    /// What is evaluated on, and never trained on.
    public let heldOut: Side
    /// The text files, in order; empty for the calibration source.
    public let sources: [Source]
    /// The calibration source's parameters; nil for text.
    public let calibration: CalibrationConfig?

    /// A kind of source.
    public enum Kind: String, Codable, Sendable { case text, calibration }

    /// How an id is stored: little-endian, unsigned.
    public enum ElementType: String, Codable, Sendable {
        case uint16, uint32

        /// The smaller one that holds 0..<vocabulary.
        init(vocabulary: Int) { self = vocabulary > 65_536 ? .uint32 : .uint16 }

        var bytes: Int { self == .uint16 ? 2 : 4 }
    }

    /// One side of the split.
    public struct Side: Codable, Equatable, Sendable {
        /// End-of-text tokens included.
        public let tokens: Int
        /// Documents with text on this side; one that the split cut may be on both.
        public let documents: Int
        /// Unbroken stretches of text, each followed by end-of-text where the tokenizer has it: a document, or what
        /// the split left together of it.
        public let stretches: Int
        /// Bytes of UTF-8 text behind the tokens; nil where they are not text.
        public let bytes: Int?
        /// The files, in the order of the stream.
        public let shards: [Shard]
    }

    /// A file of tokens.
    public struct Shard: Codable, Equatable, Sendable {
        /// Its name inside the corpus's folder.
        public let file: String
        /// How many there are in it.
        public let tokens: Int
        /// Of the whole file, in hexadecimal.
        public let sha256: String
    }

    /// A text file as it was when it was read.
    public struct Source: Codable, Equatable, Sendable {
        /// Absolute, with symbolic links resolved.
        public let path: String
        /// Its size.
        public let bytes: Int
        /// Of the whole file, in hexadecimal.
        public let sha256: String
    }

    /// The counts and shards of a side.
    public func side(_ side: CorpusSide) -> Side { side == .train ? train : heldOut }

    private enum CodingKeys: String, CodingKey {
        case schema, kind, dtype, vocabulary, train, sources, calibration
        case contentDigest = "content_digest"
        case endOfText = "end_of_text"
        case tokenizerDigest = "tokenizer_sha256"
        case heldOut = "held_out"
    }
}
