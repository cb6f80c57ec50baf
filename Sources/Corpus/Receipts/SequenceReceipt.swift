import Experiment
import Tokenization

/// A sequence of a step, and where its text comes from.
public struct SequenceReceipt: Sendable, Equatable {
    /// In the batch, from 0.
    public let position: Int
    /// Slot of the batch, from 0.
    public let slot: Int
    /// Name of the source.
    public let source: String
    /// Number in the source's training stream, from 0.
    public let sequence: Int
    /// T + 1 tokens of the source's training stream; the last is also the first of the next sequence.
    public let tokens: Range<Int>
    /// The ids of these tokens.
    public let ids: [Int32]
    /// What it is put together of, in order.
    public let parts: [Part]

    /// What a sequence has of one stretch of a document.
    public struct Part: Sendable, Equatable {
        /// Nil for the calibration source.
        public let file: String?
        /// Number of the document in its file, from 0.
        public let document: Int
        /// For .jsonl: the file's line, from 1.
        public let line: Int?
        /// Tokens of the source's training stream, an end-of-text included.
        public let tokens: Range<Int>
        /// Bytes of the document's text as it was encoded; ids of the document where its file holds token ids, and for
        /// the calibration source.
        public let range: Range<Int>
        /// Whether `range` counts ids.
        public let countsIDs: Bool
        /// Ends with the end-of-text behind the stretch.
        public let endsStretch: Bool
        /// The text of the tokens, without end-of-text; it may begin or end inside of a character.
        public let text: [UInt8]
    }
}

/// Makes receipts of one source's training sequences.
struct SequenceTracer {
    private let corpus: PreparedCorpus
    private let stretches: Stretches
    /// Nil for the calibration source, whose tokens are no text.
    private var offsets: TextOffsets?

    init(_ corpus: PreparedCorpus, source: Int, lengths: TextLengths?) {
        self.corpus = corpus
        let stretches = Stretches(corpus, source: source, side: .train)
        self.stretches = stretches
        offsets = lengths.map { TextOffsets(stretches, lengths: $0) }
    }

    /// The parts of a window of tokens; sequences in ascending order cost least. Throws `Failure(.badData)` for places
    /// that do not fit the tokens, and for ids outside of the vocabulary.
    mutating func parts(of window: Range<Int>) throws -> [SequenceReceipt.Part] {
        var parts: [SequenceReceipt.Part] = []
        var next = window.lowerBound
        while next < window.upperBound {
            let stretch = try stretches.stretch(ofToken: next)
            let end = min(window.upperBound, stretch.tokens.upperBound)
            parts.append(try part(next..<end, of: stretch))
            next = end
        }
        return parts
    }

    private mutating func part(_ tokens: Range<Int>, of stretch: Stretch) throws -> SequenceReceipt.Part {
        let text = try corpus.tokenizer.decode(stretches.stream[tokens])
        let countsIDs = stretches.countsIDs(stretch)
        let first: Int
        let count: Int
        if !countsIDs, let before = try offsets?.bytes(before: tokens.lowerBound, in: stretch) {
            (first, count) = (before, text.count)
        } else {
            first = tokens.lowerBound - stretch.tokens.lowerBound
            count = min(tokens.upperBound, stretch.textTokens.upperBound) - tokens.lowerBound
        }
        let (start, isOdd) = stretch.place.offset.addingReportingOverflow(first + count)
        guard !isOdd else {
            throw Failure(.badData, "A place of \(stretches.source.name) has an offset that cannot be; prepare again.")
        }
        return SequenceReceipt.Part(
            file: stretches.file(of: stretch), document: stretch.place.document,
            line: stretch.place.line == 0 ? nil : stretch.place.line, tokens: tokens, range: start - count..<start,
            countsIDs: countsIDs, endsStretch: tokens.upperBound > stretch.textTokens.upperBound, text: text)
    }
}
