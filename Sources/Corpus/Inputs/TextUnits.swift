import Experiment

/// The pieces of a file that is one document of plain text.
/// For callers that know no other documents; goes when the pipeline reads `SourceFile`s.
final class TextUnits {
    /// Bytes of a piece.
    static let pieceBytes = TextPieces.pieceBytes

    private let reader: TextReader

    init(path: String) throws {
        reader = try TextReader(FileBytes(path: path, shown: path), path: path, invalid: .error)
    }

    /// The next piece, never empty; nil at the end. Throws `Failure(.badData)` with the offset of the first byte that
    /// is not text.
    func next() throws -> [UInt8]? {
        guard case .text(let bytes) = try reader.next()?.content else { return nil }
        return bytes
    }
}
