import Crypto
import Experiment
import Foundation

/// Text that has been read once: checked, measured, selected, split. Writing reads it again.
struct ScannedText {
    /// In the configuration's order.
    let sources: [Source]
    /// How its files are read.
    let options: ReadingOptions

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
        /// Keyed hashes of its units, document by document.
        let units: [UInt64]
        /// Bytes of the documents that stay.
        let keptBytes: Int
        /// Invalid sequences that became U+FFFD.
        let replaced: Int
    }

    /// A document: its units among the file's, and whether it stays.
    struct Document {
        let units: Range<Int>
        let isKept: Bool
    }

    /// Reads all files.
    /// - Parameters:
    ///   - jobs: cores to read on.
    ///   - didRead: told of stored bytes that were read.
    /// - Throws: `Failure(.badData)` for what is not text, is all left out, or cannot be split.
    init(
        _ texts: [NamedText], config: CorpusConfig, options: ReadingOptions, jobs: Int, didRead: (Int) -> Void
    ) throws {
        self.options = options
        var selection = DocumentSelection(config.filter)
        sources = try texts.map { text in
            var files: [File] = []
            var dropped: [String: CorpusIndex.Dropped] = [:]
            for group in Self.groups(text.files, jobs: jobs) {
                let scans = try group.concurrentMap(jobs: jobs) {
                    try FileScan($0, options: options, filter: config.filter)
                }
                for scan in scans { files.append(scan.selected(by: &selection, dropped: &dropped)) }
                didRead(group.reduce(0) { $0 + $1.bytes })
            }
            guard files.contains(where: { $0.documents.contains(where: \.isKept) }) else {
                throw Self.nothingLeft(of: text.name, dropped)
            }
            let kept = files.lazy.flatMap { file in
                file.documents.lazy.filter(\.isKept).flatMap { file.units[$0.units] }
            }
            let split = try HeldOutSplit(hashes: kept, source: text.name)
            return Source(name: text.name, files: files, split: split, dropped: dropped)
        }
    }

    /// Bytes of the text that stays.
    var keptBytes: Int { sources.reduce(0) { $0 + $1.files.reduce(0) { $0 + $1.keptBytes } } }

    /// Identity of the text and of how it is split: neither paths nor the sizes of shards are in it.
    var digest: String {
        var hash = SHA256()
        for source in sources {
            hash.update(data: Data("source \(source.name) \(source.split.limit)\n".utf8))
            for file in source.files {
                for document in file.documents where document.isKept {
                    hash.update(data: Data("document \(file.units[document.units])\n".utf8))
                }
            }
        }
        return hash.finalize().hexadecimal
    }

    /// Where the text is: the files, and which of their documents stay. Positions in the text count in this.
    var layoutDigest: String {
        var hash = SHA256()
        for source in sources {
            hash.update(data: Data("source \(source.name)\n".utf8))
            for file in source.files {
                hash.update(data: Data("file \(file.index.path) \(file.index.sha256) \(file.replaced)\n".utf8))
                for document in file.documents {
                    hash.update(data: Data("\(document.units) \(document.isKept)\n".utf8))
                }
            }
            for reason in source.dropped.keys.sorted() {
                hash.update(data: Data("dropped \(reason) \(source.dropped[reason]?.documents ?? 0)\n".utf8))
            }
        }
        return hash.finalize().hexadecimal
    }

    private static func nothingLeft(of source: String, _ dropped: [String: CorpusIndex.Dropped]) -> Failure {
        let reasons = dropped.keys.sorted().map { "\(dropped[$0]?.documents ?? 0) \($0)" }.joined(separator: ", ")
        let name = source == SourceConfig.onlyName ? "the corpus" : "source \(source)"
        return Failure(
            .badData,
            "No document of \(name) is left (\(reasons.isEmpty ? "its files hold no text" : "left out: \(reasons)")); give "
                + "more text, or filter less.")
    }

    /// Files that are read at once: enough for all cores, few enough that progress shows.
    private static func groups(_ files: [SourceFile], jobs: Int) -> [[SourceFile]] {
        let bytesOfGroup = 64 << 20
        var groups: [[SourceFile]] = []
        var bytes = bytesOfGroup
        for file in files {
            if groups.isEmpty || bytes + file.bytes > bytesOfGroup && (groups.last?.count ?? 0) >= jobs {
                groups.append([])
                bytes = 0
            }
            groups[groups.count - 1].append(file)
            bytes += file.bytes
        }
        return groups
    }
}

/// A named source's files.
struct NamedText {
    let name: String
    let files: [SourceFile]
}

extension ScannedText.Source {
    /// Documents with text on a side; one that the split cut counts on both.
    var documents: [CorpusSide: Int] {
        var counts: [CorpusSide: Int] = [.train: 0, .heldOut: 0]
        for file in files {
            for document in file.documents where document.isKept {
                for side in Set(file.units[document.units].map(split.side)) { counts[side, default: 0] += 1 }
            }
        }
        return counts
    }
}
