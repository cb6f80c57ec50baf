import Experiment

/// The content of a prepared corpus's `index.json`.
public struct CorpusIndex: Codable, Equatable, Sendable {
    /// The format that this version reads and writes.
    public static let currentSchema = "apus-corpus-2"

    /// `currentSchema`; anything else is refused.
    public let schema: String
    /// Where the tokens come from.
    public let kind: Kind
    /// Identity of both token streams, in hexadecimal: of the texts in their order, the tokenizer and the split; or of
    /// the calibration source's parameters. Neither paths nor shard sizes change it.
    public let contentDigest: String
    /// Where the tokens come from, in hexadecimal: of the files, and of their documents, kept and dropped. Equal text
    /// in other files is the same content in another layout.
    public let layoutDigest: String
    /// How the shards store an id.
    public let dtype: ElementType
    /// Ids are 0..<vocabulary.
    public let vocabulary: Int
    /// The id that follows each document; nil for none.
    public let endOfText: Int?
    /// SHA-256 of `tokenizer.json`.
    public let tokenizerDigest: String
    /// The named parts of the corpus, in order; a corpus of `paths` has one, "text".
    public let sources: [Source]
    /// How the text was read; nil for the calibration source.
    public let preparation: Preparation?
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

    /// What of the configuration decided the text and the tokens, so that a damaged corpus can be made again.
    public struct Preparation: Codable, Equatable, Sendable {
        public let field: String
        public let invalid: InvalidText
        public let filter: FilterConfig
    }

    /// A named part of the corpus: its two token streams, and where they come from.
    public struct Source: Codable, Equatable, Sendable {
        /// Also the beginning of its files' names, where there are several sources.
        public let name: String
        /// What is trained on.
        public let train: Side
        /// What is evaluated on, and never trained on.
        public let heldOut: Side
        /// The files that were read, in order; empty for the calibration source.
        public let files: [File]
        /// Documents that were left out, by reason.
        public let dropped: [String: Dropped]
        /// Invalid sequences of bytes that became U+FFFD.
        public let replaced: Int
        /// How much of the held-out text is in the training text of all sources; nil for the calibration source.
        public var overlap: OverlapCount?

        /// The counts and shards of a side.
        public func side(_ side: CorpusSide) -> Side { side == .train ? train : heldOut }

        private enum CodingKeys: String, CodingKey {
            case name, train, files, dropped, replaced, overlap
            case heldOut = "held_out"
        }
    }

    /// Documents that were left out for one reason.
    public struct Dropped: Codable, Equatable, Sendable {
        public var documents: Int
        public var bytes: Int
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
        /// Characters (Unicode scalars) of that text; nil where tokens are not text.
        public let characters: Int?
        /// The files, in the order of the stream.
        public let shards: [Shard]
        /// Which stretch of which document the tokens are (`Places`).
        public let places: Shard
    }

    /// A file of tokens, or of places.
    public struct Shard: Codable, Equatable, Sendable {
        /// Its name inside the corpus's folder.
        public let file: String
        /// How many there are in it; of places, how many stretches.
        public let tokens: Int
        /// Of the whole file, in hexadecimal.
        public let sha256: String
    }

    /// A file as it was when it was read.
    public struct File: Codable, Equatable, Sendable {
        /// Absolute, with symbolic links resolved; "standard input" for that.
        public let path: String
        /// Its size.
        public let bytes: Int
        /// Of the text of its documents.
        public let textBytes: Int
        /// Of the text of its documents, one after the other, as it was read; in hexadecimal. For a plain text file
        /// that is the file's.
        public let sha256: String

        private enum CodingKeys: String, CodingKey {
            case path, bytes, sha256
            case textBytes = "text_bytes"
        }
    }

    /// Training tokens of all sources.
    public var trainTokens: Int { sources.reduce(0) { $0 + $1.train.tokens } }
    /// Held-out tokens of all sources.
    public var heldOutTokens: Int { sources.reduce(0) { $0 + $1.heldOut.tokens } }

    private enum CodingKeys: String, CodingKey {
        case schema, kind, dtype, vocabulary, sources, preparation, calibration
        case contentDigest = "content_digest"
        case layoutDigest = "layout_digest"
        case endOfText = "end_of_text"
        case tokenizerDigest = "tokenizer_sha256"
    }
}
