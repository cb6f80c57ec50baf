import Experiment

/// Text files read for something else than a corpus, such as training a tokenizer.
public enum TextReading {
    /// Reads files and folders in their one order, piece by piece, a file a document.
    /// - Parameters:
    ///   - piece: gets pieces of the text, none empty, and how many bytes all files have.
    ///   - endOfDocument: is called behind each file.
    /// Throws `Failure(.badData)` for what is missing or not text, and what the two throw.
    public static func read(
        _ paths: [String], piece: ([UInt8], Int) throws -> Void, endOfDocument: () throws -> Void
    ) throws {
        let sources = try TextSources(paths: paths)
        for file in sources.files {
            let units = try TextUnits(path: file.path)
            while let unit = try units.next() { try piece(unit, sources.bytes) }
            try endOfDocument()
        }
    }
}
