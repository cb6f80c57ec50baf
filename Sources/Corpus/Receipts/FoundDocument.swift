/// A document that was looked for, and what a run does with it.
public struct FoundDocument: Sendable, Equatable {
    /// Name of the source.
    public let source: String
    public let file: String
    /// Number in its file, from 0.
    public let document: Int
    /// For .jsonl: the file's line, from 1.
    public let line: Int?
    /// Of the document, in its order; where text was looked for, those that hold it.
    public internal(set) var stretches: [Stretch]

    /// A part of the document on one side of the split.
    public struct Stretch: Sendable, Equatable {
        public let side: CorpusSide
        /// Bytes of the document's text as it was encoded; ids where the file holds token ids.
        public let range: Range<Int>
        /// Whether `range` counts ids.
        public let countsIDs: Bool
        /// Tokens of the side's stream, without end-of-text.
        public let tokens: Range<Int>
        /// Where the text that was looked for begins in the stretch's text, in bytes; empty where none was.
        public let matches: [Int]
        /// Training sequences that hold any of it, or of the text that was looked for, with the steps that read them;
        /// none for held-out text.
        public let sequences: [Reads]
        /// Whether some of its tokens, or of the text that was looked for, are behind the last whole sequence, where no
        /// step reads them.
        public let isCutOff: Bool
    }

    /// When a sequence is read.
    public struct Reads: Sendable, Equatable {
        /// In the source's training stream, from 0.
        public let sequence: Int
        /// Steps of the run, from 1, ascending; more than one where text is repeated, none where the run is over before.
        public let steps: [Int]
    }

    /// Steps of the run that read any of it, ascending.
    public var steps: [Int] { Set(stretches.flatMap { $0.sequences.flatMap(\.steps) }).sorted() }
}
