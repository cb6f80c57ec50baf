import Experiment

/// Text from files and folders as it stands there, for what learns from text without preparing a corpus.
public enum TextReading {
    /// Reads all documents in order.
    /// - Parameters:
    ///   - piece: told of each piece of at most 64 KiB of a document, and of the stored bytes of all files.
    ///   - endOfDocument: told behind the last piece of each.
    /// - Throws: `Failure(.badData)` for paths that are missing and bytes that are no text; what the closures throw.
    public static func read(
        _ paths: [String], field: String = "text", piece: ([UInt8], Int) throws -> Void,
        endOfDocument: () throws -> Void
    ) throws {
        let sources = try TextSources(paths: paths)
        for file in sources.files {
            let reader = try file.open(ReadingOptions(field: field))
            var document = 0
            while let next = try reader.next() {
                if next.document != document { try endOfDocument() }
                document = next.document
                if case .text(let text) = next.content { try piece(text, sources.bytes) }
            }
            try endOfDocument()
        }
    }

    /// Bytes of all files as they are stored, compressed or not.
    /// - Throws: `Failure(.badData)` for paths that are missing.
    public static func storedBytes(_ paths: [String]) throws -> Int { try TextSources(paths: paths).bytes }
}
