import Crypto
import Experiment
import Foundation

/// Text that has been read once: checked, measured, selected, split. Writing reads it again.
struct ScannedText {
    let sources: [Source]

    /// A named source of the text.
    struct Source {
        let name: String
        let files: [File]
        let split: HeldOutSplit
        let dropped: [String: CorpusIndex.Dropped]
    }

    /// A file and what was found in it.
    struct File {
        let file: SourceFile
        let index: CorpusIndex.File
        let documents: [Document]
    }

    /// A document that stays, as the hashes of its units; or one that was left out, which has none.
    struct Document {
        let units: [UInt64]
    }

    /// Reads all files. Throws `Failure(.badData)` for what is not text or cannot be split.
    init(_ config: CorpusConfig, progress: (CorpusProgress) -> Void) throws {
        let texts = try config.textSources.map { ($0.name, try TextSources(paths: $0.paths)) }
        let total = texts.reduce(0) { $0 + $1.1.bytes }
        var done = 0
        sources = try texts.map { name, text in
            var files: [File] = []
            for file in text.files {
                files.append(try Self.scan(file))
                done += file.bytes
                progress(.work(done: done, total: 2 * total))
            }
            let split = try HeldOutSplit(hashes: files.lazy.flatMap(\.documents).flatMap(\.units))
            return Source(name: name, files: files, split: split, dropped: [:])
        }
    }

    /// Bytes of all files.
    var bytes: Int { sources.reduce(0) { $0 + $1.files.reduce(0) { $0 + $1.index.bytes } } }

    /// Identity of the text and of how it is split: neither paths nor the sizes of shards are in it.
    var digest: String {
        var hash = SHA256()
        for source in sources {
            hash.update(data: Data("source \(source.name) \(source.split.limit)\n".utf8))
            for document in source.files.lazy.flatMap(\.documents) where !document.units.isEmpty {
                hash.update(data: Data("document \(document.units)\n".utf8))
            }
        }
        return hash.finalize().hexadecimal
    }

    private static func scan(_ file: SourceFile) throws -> File {
        let units = try TextUnits(path: file.path)
        var hash = SHA256()
        var bytes = 0
        var hashes: [UInt64] = []
        while let unit = try units.next() {
            hash.update(data: unit)
            bytes += unit.count
            hashes.append(HeldOutSplit.hash(unit))
        }
        return File(
            file: file,
            index: CorpusIndex.File(path: file.path, bytes: bytes, sha256: hash.finalize().hexadecimal),
            documents: [Document(units: hashes)])
    }
}

extension ScannedText.Source {
    /// Documents with text on a side; one that the split cut counts on both.
    var documents: [CorpusSide: Int] {
        var counts: [CorpusSide: Int] = [.train: 0, .heldOut: 0]
        for document in files.lazy.flatMap(\.documents) {
            for side in Set(document.units.map(split.side)) { counts[side, default: 0] += 1 }
        }
        return counts
    }
}
