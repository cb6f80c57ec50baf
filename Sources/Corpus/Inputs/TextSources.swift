import Experiment
import Foundation

/// The files of a corpus in their one order: paths as given; a folder's files, and those that a pattern matches, by
/// their paths, compared byte by byte, so that the order never depends on the file system. A file that is reached
/// twice is taken once.
struct TextSources {
    let files: [SourceFile]

    /// - Parameters:
    ///   - paths: files, taken whatever they are called; folders, whose files are taken by their endings; patterns
    ///     with `*`, `?`, `[…]` and `**`, which match files and folders; `-` for standard input.
    ///   - spool: where standard input is copied to, since a corpus is read more than once; nil refuses it.
    /// - Throws: `Failure(.badData)` for a path that is missing or no file or folder, a folder without text, or no
    ///   text at all; `.worker` where standard input cannot be copied.
    init(paths: [String], spool: URL? = nil, standardInput: FileHandle = .standardInput) throws {
        var files: [SourceFile] = []
        var seen: Set<String> = []
        for path in paths where path != "-" || !seen.contains(StandardInput.shown) {
            let found = try path == "-" ? [StandardInput.copy(standardInput, to: spool)] : Self.files(at: path)
            for file in found where seen.insert(file.path).inserted { files.append(file) }
        }
        guard files.contains(where: { $0.bytes > 0 }) else {
            throw Failure(
                .badData,
                "The corpus is empty: there is no text in \(paths.joined(separator: ", ")); name files with text.")
        }
        self.files = files
    }

    /// Of the files as they are stored.
    var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    private static func files(at path: String) throws -> [SourceFile] {
        switch FolderContents.kind(of: path) {
        case .typeDirectory: return try files(inFolder: path)
        case nil: return try files(matching: path)
        default: return [try file(at: path)]
        }
    }

    private static func files(inFolder path: String) throws -> [SourceFile] {
        let inside = try FolderContents.files(below: path)
        guard !inside.isEmpty else {
            let endings = FileKind.endings.keys.sorted().map { "." + $0 }.joined(separator: ", ")
            throw Failure(
                .badData,
                "The folder \(path) holds no text (\(endings), also with .gz or .zst) and no token files (.bin); give "
                    + "other files by their names.")
        }
        return try inside.map { try file(at: $0) }
    }

    /// A matched folder without text is passed over: nobody named it.
    private static func files(matching path: String) throws -> [SourceFile] {
        guard let pattern = PathPattern(path) else {
            throw Failure(.badData, "There is no file or folder at \(path); correct the corpus's path.")
        }
        let inside = try pattern.matches().flatMap { match in
            FolderContents.kind(of: match) == .typeDirectory ? try FolderContents.files(below: match) : [match]
        }
        guard !inside.isEmpty else {
            throw Failure(.badData, "No file matches \(path); correct the corpus's path.")
        }
        return try inside.map { try file(at: $0) }
    }

    private static func file(at path: String) throws -> SourceFile {
        let real = FolderContents.resolved(path)
        // The name as it was given: a link may lead to a name that tells nothing.
        let kind = FileKind(name: URL(filePath: path).lastPathComponent)
        guard
            let file = SourceFile(path: real, location: real, format: kind.format, compression: kind.compression)
        else {
            throw Failure(.badData, "\(path) is not a regular file; a corpus is read from files and folders.")
        }
        return file
    }
}

extension SourceFile {
    /// The file at `location`; nil for what is no regular file.
    init?(path: String, location: String, format: Format, compression: Compression) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: location),
            attributes[.type] as? FileAttributeType == .typeRegular,
            let bytes = attributes[.size] as? NSNumber, let inode = attributes[.systemFileNumber] as? NSNumber,
            let modified = attributes[.modificationDate] as? Date
        else { return nil }
        self.init(
            path: path, location: location, bytes: bytes.intValue, modified: modified.timeIntervalSince1970,
            inode: inode.intValue, format: format, compression: compression)
    }
}
