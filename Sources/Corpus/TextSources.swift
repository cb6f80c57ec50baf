import Experiment
import Foundation

/// A text file: one document.
struct SourceFile: Sendable, Equatable {
    /// Absolute, with symbolic links resolved.
    let path: String
    let bytes: Int
    /// Seconds since 1970.
    let modified: Double
    let inode: Int
}

/// The files of a corpus in their one order: paths as given, a folder's files by their path inside it, compared byte
/// by byte, so that the order never depends on the file system. A file that is reached twice is taken once.
struct TextSources {
    /// What is taken from folders; a file that is named itself is always taken.
    static let extensions: Set = ["txt", "md", "rst", "text"]

    let files: [SourceFile]

    /// Throws `Failure(.badData)` for a missing path, a folder without text, or no text at all.
    init(paths: [String]) throws {
        var files: [SourceFile] = []
        var seen: Set<String> = []
        for path in paths {
            for file in try Self.files(at: path) where seen.insert(file.path).inserted { files.append(file) }
        }
        guard files.contains(where: { $0.bytes > 0 }) else {
            throw Failure(
                .badData,
                "The corpus is empty: there is no text in \(paths.joined(separator: ", ")); name files with text.")
        }
        self.files = files
    }

    var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    private static func files(at path: String) throws -> [SourceFile] {
        guard let kind = kind(of: path) else {
            throw Failure(.badData, "There is no file or folder at \(path); correct the corpus's path.")
        }
        guard kind == .typeDirectory else { return [try file(at: path)] }
        var visited: Set<String> = []
        let inside = try texts(inFolder: path, below: "", visited: &visited).sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        guard !inside.isEmpty else {
            let endings = extensions.sorted().map { "." + $0 }.joined(separator: ", ")
            throw Failure(
                .badData, "The folder \(path) holds no text (\(endings)); give other files by their names.")
        }
        return try inside.map { try file(at: path + "/" + $0) }
    }

    /// Paths of text files relative to the folder, in any order. Hidden ones are skipped; a folder that links lead to
    /// twice is entered once.
    private static func texts(inFolder folder: String, below prefix: String, visited: inout Set<String>) throws
        -> [String]
    {
        let here = folder + "/" + prefix
        guard visited.insert(resolved(here)).inserted else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: here)
        } catch {
            throw Failure(.badData, "Cannot list the folder \(resolved(here)); check that you may read it.")
        }
        var found: [String] = []
        // Sorted here too: of two links to one folder, the same one is entered on every machine.
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where !name.hasPrefix(".") {
            guard let kind = kind(of: here + name) else { continue }
            if kind == .typeDirectory {
                found += try texts(inFolder: folder, below: prefix + name + "/", visited: &visited)
            } else if extensions.contains(URL(filePath: name).pathExtension.lowercased()) {
                found.append(prefix + name)
            }
        }
        return found
    }

    private static func file(at path: String) throws -> SourceFile {
        let real = resolved(path)
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: real),
            attributes[.type] as? FileAttributeType == .typeRegular,
            let bytes = attributes[.size] as? NSNumber, let inode = attributes[.systemFileNumber] as? NSNumber,
            let modified = attributes[.modificationDate] as? Date
        else {
            throw Failure(.badData, "\(path) is not a regular file; a corpus is read from files and folders.")
        }
        return SourceFile(
            path: real, bytes: bytes.intValue, modified: modified.timeIntervalSince1970, inode: inode.intValue)
    }

    /// What a path leads to; nil where there is nothing.
    private static func kind(of path: String) -> FileAttributeType? {
        try? FileManager.default.attributesOfItem(atPath: resolved(path))[.type] as? FileAttributeType
    }

    private static func resolved(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
}
