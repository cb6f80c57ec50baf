import Experiment

/// A piece of a document, in order: at most 64 KiB, never empty.
struct DocumentPiece: Sendable {
    /// Number of the document in its file, from 0. Pieces of one document are consecutive; a document without content
    /// has no piece and no number.
    let document: Int
    /// JSON lines: the line, from 1, that the document is on.
    let line: Int?
    let content: Content
    /// False only under `.skip`: the document holds bytes that are no text, here or before; it will be left out.
    let isText: Bool
    /// Under `.replace`: how many invalid sequences became U+FFFD in this piece.
    let replaced: Int

    enum Content: Sendable, Equatable {
        /// Whole characters in UTF-8. Under `.skip`, invalid sequences show as U+FFFD.
        case text([UInt8])
        /// At most 32,768 ids of the vocabulary, end-of-text not among them.
        case tokens([Int32])
    }
}

/// The documents of one file, read once from start to end. Not for several threads at a time.
protocol DocumentReader: AnyObject {
    /// The next piece; nil at the end. Throws `Failure(.badData)` for a file that cannot be used; a reader that has
    /// thrown is not asked again.
    func next() throws -> DocumentPiece?
}

/// How files become documents.
struct ReadingOptions: Sendable, Equatable {
    /// JSON lines: the key whose value is the document.
    var field = "text"
    var invalid: InvalidText = .error
    /// Token files: the tokenizer's vocabulary; nil where there is no tokenizer that ids could belong to.
    var vocabulary: Int?
    /// Token files: the id between documents; nil takes a file for one document.
    var endOfText: Int?
}
