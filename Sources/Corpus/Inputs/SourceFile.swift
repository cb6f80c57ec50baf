import Foundation

/// What a file's bytes are, once decompressed.
enum Format: String, Sendable {
    /// One document.
    case text
    /// A JSON object a line, one of whose fields is a document.
    case jsonLines
    /// Token ids, as nanoGPT and llm.c write them.
    case tokens
}

/// How a file is compressed. Raw values are the names of the programs that undo it.
enum Compression: String, Sendable {
    case none
    case gzip
    case zstd

    /// By the ending of a name, without its dot.
    static let endings = ["gz": Compression.gzip, "zst": .zstd]

    /// What the first bytes of a file show.
    init(sniffing bytes: [UInt8]) {
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else {
            self = .none
        }
    }
}

/// A file of a corpus.
struct SourceFile: Sendable, Equatable {
    /// Absolute, with symbolic links resolved; "standard input" for what came from there. What a user sees.
    let path: String
    /// Where its bytes are: the path, or the copy of standard input.
    let location: String
    /// As it is stored, compressed or not.
    let bytes: Int
    /// Seconds since 1970.
    let modified: Double
    let inode: Int
    let format: Format
    let compression: Compression

    /// Its documents. Throws `Failure(.badData)` for a file that cannot be opened, a missing program, or token ids
    /// that no tokenizer is known for.
    func open(_ options: ReadingOptions) throws -> any DocumentReader {
        switch format {
        case .text: return TextReader(try stream(), path: path, invalid: options.invalid)
        case .jsonLines: return JSONLinesReader(try stream(), path: path, options: options)
        case .tokens:
            let size = compression == .none ? bytes : nil
            return try TokenReader(try stream(), path: path, size: size, options: options)
        }
    }

    private func stream() throws -> any ByteStream {
        guard compression != .none else { return try FileBytes(path: location, shown: path) }
        return try DecompressedBytes(compression, path: location, shown: path)
    }
}

/// What the name of a file tells about its content.
struct FileKind: Equatable {
    let format: Format
    let compression: Compression
    /// Whether its ending is one that text in folders has.
    let isKnown: Bool

    /// Endings of formats, without their dots.
    static let endings: [String: Format] = [
        "txt": .text, "md": .text, "rst": .text, "text": .text, "jsonl": .jsonLines, "ndjson": .jsonLines,
    ]
    /// Of token files; many other things are called so, so it tells nothing in a folder of text.
    static let tokenEnding = "bin"

    /// A name without a known ending is text.
    init(name: String) {
        var parts = name.lowercased().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        compression = parts.count > 1 ? Compression.endings[parts[parts.count - 1]] ?? .none : .none
        if compression != .none { parts.removeLast() }
        let ending = parts.count > 1 ? parts[parts.count - 1] : ""
        isKnown = Self.endings[ending] != nil
        format = ending == Self.tokenEnding ? .tokens : Self.endings[ending] ?? .text
    }
}
