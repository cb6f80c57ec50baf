import Experiment
import Foundation

/// What is in folders, in an order that does not depend on the file system.
enum FolderContents {
    /// Names in a folder, by their bytes. Throws `Failure(.badData)` for one that cannot be listed.
    static func names(in folder: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted(by: precedes)
        } catch {
            throw Failure(.badData, "Cannot list the folder \(resolved(folder)); check that you may read it.")
        }
    }

    /// The order of paths: byte by byte.
    static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

    /// What a path leads to; nil where there is nothing.
    static func kind(of path: String) -> FileAttributeType? {
        try? FileManager.default.attributesOfItem(atPath: resolved(path))[.type] as? FileAttributeType
    }

    /// Absolute, with symbolic links resolved.
    static func resolved(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// Files of a corpus below a folder, in order: those with the endings of text and JSON lines; where there is none,
    /// token files. A `.bin` beside text may be anything (a model, an index), but a folder of nothing else is one of
    /// token shards.
    static func files(below folder: String) throws -> [String] {
        var found: [(path: String, kind: FileKind)] = []
        var visited: Set<String> = []
        try walk(folder, below: "", visited: &visited, into: &found)
        let known = found.filter(\.kind.isKnown)
        let taken = known.isEmpty ? found.filter { $0.kind.format == .tokens } : known
        return taken.map(\.path).sorted(by: precedes).map { folder + "/" + $0 }
    }

    /// Adds files relative to the folder. Hidden ones are skipped; a folder that links lead to twice is entered once.
    private static func walk(
        _ folder: String, below prefix: String, visited: inout Set<String>,
        into found: inout [(path: String, kind: FileKind)]
    ) throws {
        let here = folder + "/" + prefix
        guard visited.insert(resolved(here)).inserted else { return }
        // Sorted here too: of two links to one folder, the same one is entered on every machine.
        for name in try names(in: here) where !name.hasPrefix(".") {
            guard let kind = kind(of: here + name) else { continue }
            if kind == .typeDirectory {
                try walk(folder, below: prefix + name + "/", visited: &visited, into: &found)
            } else {
                found.append((prefix + name, FileKind(name: name)))
            }
        }
    }
}
