import Experiment

/// A file of token ids, whose documents are what end-of-text ids separate.
final class TokenReader: DocumentReader {
    /// Most ids of a piece.
    static let pieceTokens = 32_768
    private static let chunkBytes = 65_536

    private let bytes: any ByteStream
    private let path: String
    private let vocabulary: Int
    private let endOfText: Int32?
    private let layout: TokenFileLayout
    /// Ids of the last chunk; those before `start` are in pieces, or in `piece`.
    private var ids: [Int32] = []
    private var start = 0
    /// Ids of the piece that is being made.
    private var piece: [Int32] = []
    private var document = 0
    /// Whether `document` has pieces already.
    private var isBegun = false
    /// Ids of all chunks.
    private var count = 0
    private var isComplete = false

    /// - Parameter size: bytes of the file, where that is known before it is read.
    /// - Throws: `Failure(.badData)` without a vocabulary, or for a size that cannot be.
    init(_ bytes: any ByteStream, path: String, size: Int?, options: ReadingOptions) throws {
        guard let vocabulary = options.vocabulary else {
            throw Failure(
                .badData,
                "\(path) holds token ids, and there is no tokenizer yet that they could belong to; name the file of "
                    + "the tokenizer that made them, or give the text.")
        }
        self.bytes = bytes
        self.path = path
        self.vocabulary = vocabulary
        endOfText = options.endOfText.flatMap(Int32.init(exactly:))
        let first = try bytes.read(TokenFileLayout.headerBytes)
        layout = try TokenFileLayout(firstBytes: first, path: path, vocabulary: vocabulary)
        if let size { try layout.check(bytes: size, path: path) }
        isComplete = first.count < TokenFileLayout.headerBytes
        if layout.start == 0 { try append(first) }
    }

    func next() throws -> DocumentPiece? {
        while true {
            while start < ids.count {
                if let piece = gather() { return piece }
            }
            guard !isComplete else { return take() }
            let chunk = try bytes.read(Self.chunkBytes)
            isComplete = chunk.count < Self.chunkBytes
            try append(chunk)
        }
    }

    /// Moves ids into the piece, up to the end of a document, of the piece, or of the chunk.
    private func gather() -> DocumentPiece? {
        let limit = min(ids.count, start + Self.pieceTokens - piece.count)
        guard let end = endOfText.flatMap({ ids[start..<limit].firstIndex(of: $0) }) else {
            piece += ids[start..<limit]
            start = limit
            return piece.count == Self.pieceTokens ? take() : nil
        }
        piece += ids[start..<end]
        start = end + 1
        let last = take()
        if isBegun { document += 1 }
        isBegun = false
        return last
    }

    private func take() -> DocumentPiece? {
        guard !piece.isEmpty else { return nil }
        defer { piece = [] }
        isBegun = true
        return DocumentPiece(document: document, line: nil, content: .tokens(piece), isText: true, replaced: 0)
    }

    /// Reads the ids of a chunk. Throws `Failure(.badData)` for one outside of the vocabulary, and at the end for a
    /// size that cannot be.
    private func append(_ chunk: [UInt8]) throws {
        ids = layout.element.ids(chunk)
        start = 0
        let vocabulary = UInt32(clamping: vocabulary)
        if let wrong = ids.firstIndex(where: { UInt32(bitPattern: $0) >= vocabulary }) {
            throw layout.unknownID(ids[wrong], at: count + wrong, vocabulary: self.vocabulary, path: path)
        }
        let before = layout.start + count * layout.element.bytes
        count += ids.count
        if isComplete { try layout.check(bytes: before + chunk.count, path: path) }
    }
}
