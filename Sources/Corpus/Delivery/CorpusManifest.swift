import Crypto
import Experiment
import Foundation

/// All files of a prepared corpus, with their sizes and hashes: what another folder must hold to be the same corpus.
public struct CorpusManifest: Codable, Sendable {
    /// Where the corpus is, on the host that describes it.
    public let folder: String
    /// The corpus's own, in hexadecimal.
    public let contentDigest: String
    /// The shards and places in the index's order, then `tokenizer.json` and `index.json`.
    public let files: [File]

    /// A file as it must be.
    public struct File: Codable, Sendable {
        /// Its name inside of the folder.
        public let name: String
        public let bytes: Int
        /// In hexadecimal.
        public let sha256: String
        /// Which file it is of its file system.
        let mark: FileMark
    }

    /// Describes an open corpus. Shards are not read: their hashes are the index's.
    /// - Throws: `Failure(.badData)` for a file that cannot be read.
    public init(of corpus: PreparedCorpus) throws {
        let folder = corpus.folder
        func file(_ name: String, sha256: String?) throws -> File {
            let url = folder.appending(component: name)
            guard let mark = FileMark(url) else {
                throw Failure(.badData, "Cannot read \(url.path); prepare the corpus again.")
            }
            return File(name: name, bytes: mark.bytes, sha256: try sha256 ?? url.contentSHA256(), mark: mark)
        }
        let sides = corpus.index.sources.flatMap { source in CorpusSide.allCases.map { source.side($0) } }
        self.folder = folder.absoluteURL.standardizedFileURL.path
        contentDigest = corpus.contentDigest
        files =
            try sides.flatMap { $0.shards + [$0.places] }.map { try file($0.file, sha256: $0.sha256) }
            + [PreparedCorpus.tokenizerFile, PreparedCorpus.indexFile].map { try file($0, sha256: nil) }
    }

    /// Of all files.
    public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    /// Whether a folder of this host holds the very same files. Those that are the described ones themselves, seen through
    /// a shared file system (same number there, size and time), need not be read; all others are hashed.
    public func isHeld(by folder: URL) -> Bool {
        // The cheap question first, for all of them.
        let marks = files.map { FileMark(folder.appending(component: $0.name)) }
        guard zip(files, marks).allSatisfy({ $0.bytes == $1?.bytes }) else { return false }
        return zip(files.reversed(), marks.reversed()).allSatisfy { file, mark in
            let isSmall = file.name == PreparedCorpus.indexFile || file.name == PreparedCorpus.tokenizerFile
            if mark == file.mark, !isSmall { return true }
            return (try? folder.appending(component: file.name).contentSHA256()) == file.sha256
        }
    }

    /// Whether a folder holds the same files, each read and hashed.
    func isHeldWhole(by folder: URL) -> Bool {
        files.allSatisfy { (try? folder.appending(component: $0.name).contentSHA256()) == $0.sha256 }
    }

    /// Whether another manifest is of the same files, wherever they are.
    func describesSameFiles(as other: CorpusManifest) -> Bool {
        func facts(_ manifest: CorpusManifest) -> [String] {
            [manifest.contentDigest] + manifest.files.map { "\($0.name) \($0.bytes) \($0.sha256)" }
        }
        return facts(self) == facts(other)
    }

    /// What came from another host must not lead out of the folder that it is written into.
    /// - Throws: `Failure(.badData)`.
    func requireHarmlessNames() throws {
        let odd = files.map(\.name).first { $0.isEmpty || $0.contains("/") || $0.hasPrefix(".") }
        if let odd {
            throw Failure(.badData, "A corpus was offered with a file \"\(odd)\", which is not a shard's name.")
        }
        guard contentDigest.count == 64, contentDigest.allSatisfy({ $0.isHexDigit && $0.isASCII }) else {
            throw Failure(.badData, "A corpus was offered whose digest is \"\(contentDigest)\", which is no SHA-256.")
        }
    }
}

/// Tells files apart without reading them.
struct FileMark: Codable, Sendable, Equatable {
    let number: UInt64
    let bytes: Int
    /// In whole seconds since 1970: not every file system keeps more.
    let modified: Int

    /// nil when there is none.
    init?(_ file: URL) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: file.path),
            let number = attributes[.systemFileNumber] as? NSNumber, let bytes = attributes[.size] as? NSNumber,
            let modified = attributes[.modificationDate] as? Date
        else { return nil }
        self.number = number.uint64Value
        self.bytes = bytes.intValue
        self.modified = Int(modified.timeIntervalSince1970.rounded(.down))
    }
}

extension URL {
    /// SHA-256 of a file's content, in hexadecimal, read in pieces.
    func contentSHA256() throws -> String {
        let handle = try FileHandle(forReadingFrom: self)
        defer { try? handle.close() }
        var hash = SHA256()
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
        return hash.finalize().hexadecimal
    }
}
