import Experiment
import Foundation
import Tokenization

/// From a configuration to a corpus that is ready to train on.
public struct CorpusPreparation {
    /// Tokens of a full shard: 64 MiB at two bytes each.
    public static let usualShardTokens = 32 << 20

    private let config: CorpusConfig
    private let shardTokens: Int
    private let jobs: Int
    private let progress: (CorpusProgress) -> Void

    private init(_ config: CorpusConfig, shardTokens: Int, jobs: Int?, progress: @escaping (CorpusProgress) -> Void) {
        self.config = config
        self.shardTokens = shardTokens
        self.jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        self.progress = progress
    }

    /// The corpus of a configuration, verified. Text and the calibration source are prepared once and kept under
    /// `cache` by content digest; a damaged one is made again where its sources are unchanged. What a killed process
    /// left is gone on with.
    /// - Parameters:
    ///   - cache: `checkpoints/.corpora`.
    ///   - jobs: cores to work on; nil for all that there are. The result does not depend on it.
    ///   - progress: called between pieces of work, on the caller's thread.
    /// Throws `Failure(.badData)` for sources that cannot be used, `.usage` for an unknown tokenizer, `.worker` where
    /// the cache cannot be written.
    public static func prepare(
        _ config: CorpusConfig, cache: URL, shardTokens: Int = usualShardTokens, jobs: Int? = nil,
        progress: @escaping (CorpusProgress) -> Void = { _ in }
    ) throws -> PreparedCorpus {
        let preparation = Self(config, shardTokens: shardTokens, jobs: jobs, progress: progress)
        if let prepared = config.prepared { return try preparation.open(URL(filePath: prepared)) }
        return try preparation.prepare(in: cache, memo: SourcesMemo(cache: cache)) { source in
            cache.appending(component: String("\(source.contentDigest) \(source.layoutDigest)".sha256.prefix(16)))
        }
    }

    /// Prepares a corpus in a folder that the user names. A folder that holds the same corpus is used as it is.
    /// Throws `Failure(.usage)` when something else is there: nothing is written over.
    public static func prepare(
        _ config: CorpusConfig, out folder: URL, shardTokens: Int = usualShardTokens, jobs: Int? = nil,
        progress: @escaping (CorpusProgress) -> Void = { _ in }
    ) throws -> PreparedCorpus {
        guard config.prepared == nil else {
            throw Failure(.usage, "A prepared corpus is prepared already; give text or the calibration source.")
        }
        // What can be refused is refused before hours of reading.
        try requireFree(folder, for: nil)
        let preparation = Self(config, shardTokens: shardTokens, jobs: jobs, progress: progress)
        return try preparation.prepare(in: folder.deletingLastPathComponent(), memo: nil) { source in
            try requireFree(folder, for: source)
            return folder
        }
    }

    /// An empty folder gives way; a corpus may stay if it is the source's; anything else is the user's.
    private static func requireFree(_ folder: URL, for source: (any CorpusSource)?) throws {
        guard FileManager.default.fileExists(atPath: folder.path) else { return }
        if let inside = try? FileManager.default.contentsOfDirectory(atPath: folder.path) {
            if inside.isEmpty { return }
            let there = try? PreparedCorpus.readIndex(folder)
            if let there, source.map({ isSame(there, $0) }) ?? true { return }
        }
        throw Failure(.usage, "\(folder.path) holds something else already; give another folder, or remove it.")
    }

    /// The same tokens from the same files.
    private static func isSame(_ index: CorpusIndex, _ source: any CorpusSource) -> Bool {
        index.contentDigest == source.contentDigest && index.layoutDigest == source.layoutDigest
    }

    /// - Parameters:
    ///   - parent: of the folder in which the work is done, and of the place.
    ///   - place: where a source's corpus is to stand.
    private func prepare(
        in parent: URL, memo: SourcesMemo?, place: (any CorpusSource) throws -> URL
    ) throws -> PreparedCorpus {
        if let calibration = config.calibration {
            let source = CalibrationSource(calibration)
            return try make(in: parent, key: source.contentDigest, place: place) { _ in source }
        }
        // A run's text must still be there when the run goes on, so only a folder of its own takes standard input.
        let spool = memo == nil ? parent.appending(component: ".partial-standard-input-\(UUID().uuidString)") : nil
        defer { if let spool { try? FileManager.default.removeItem(at: spool) } }
        let text = try TextPreparation(config, jobs: jobs, spool: spool, progress: progress)
        let files = memo?.key(text.texts, config, tokenizerIdentity: try text.tokenizerIdentity)
        if let files, let corpus = memo?.corpus(of: files.key) { return corpus }
        let scanned = try text.scan()
        let key = """
            \(CorpusIndex.currentSchema) \(try text.tokenizerIdentity) \(scanned.digest) \(scanned.layoutDigest) \
            \(config.field) \(config.invalid) \(config.filter) \(shardTokens)
            """.sha256
        let corpus: PreparedCorpus
        if let there = memo?.corpus(of: key) {
            corpus = there
        } else {
            corpus = try make(in: parent, key: key, place: place) { try text.corpus(scanned, in: $0) }
            memo?.remember(corpus, for: key, newest: 0)
        }
        if let files { memo?.remember(corpus, for: files.key, newest: files.newest) }
        return corpus
    }

    /// The source's corpus at its place: the one that is there if it is good, else a new one.
    private func make(
        in parent: URL, key: String, place: (any CorpusSource) throws -> URL, source: (URL) throws -> any CorpusSource
    ) throws -> PreparedCorpus {
        let partial = try PartialCorpus(in: parent, key: key, progress: progress)
        do {
            let source = try source(partial.folder)
            let folder = try place(source)
            if let corpus = try goodCorpus(at: folder, of: source) {
                partial.remove()
                return corpus
            }
            try Self.write(source, in: partial, shardTokens: shardTokens, progress: progress)
            return try Self.moved(partial, to: folder, of: source, progress: progress)
        } catch let failure as Failure where failure.code != .worker {
            // Nothing of it would be of use. After a full disk or a kill, the next try goes on here.
            partial.remove()
            throw failure
        }
    }

    /// Writes a source's corpus into a folder, from where an earlier process stopped.
    static func write(
        _ source: any CorpusSource, in partial: PartialCorpus, shardTokens: Int,
        secondsBetweenCommits: Double = CorpusWriter.usualSecondsBetweenCommits, progress: (CorpusProgress) -> Void
    ) throws {
        let writer = try CorpusWriter(
            folder: partial.folder, source: source, shardTokens: shardTokens,
            secondsBetweenCommits: secondsBetweenCommits)
        if writer.position != WritingPosition() {
            progress(.message("Going on with what an earlier preparation left in \(partial.folder.path)."))
        }
        try source.write(into: writer, progress: progress)
        try writer.finish(source)
    }

    /// Verifies what was prepared, puts it in its place, and only then lets go of what was there.
    private static func moved(
        _ partial: PartialCorpus, to folder: URL, of source: any CorpusSource, progress: (CorpusProgress) -> Void
    ) throws -> PreparedCorpus {
        _ = try PreparedCorpus(opening: partial.folder, verifying: true)
        let old = try setAside(folder)
        let isMoved = try partial.move(to: folder)
        if let old, !removeCorpus(old) {
            progress(.message("Other files were in \(folder.path); they are in \(old.path) now."))
        }
        let corpus = try PreparedCorpus(opening: folder, verifying: false)
        guard isSame(corpus.index, source) else {
            throw Failure(
                .worker,
                "Another process put another corpus at \(folder.path) in the meantime; give another folder, and the same "
                    + "command goes on.")
        }
        if !isMoved { partial.remove() }
        return corpus
    }

    /// Nil where there is none, or one that is to be replaced, which is told.
    private func goodCorpus(at folder: URL, of source: any CorpusSource) throws -> PreparedCorpus? {
        // Asked with `try?`, Swift 6.3.1 returned the swallowed error beside nil, and the caller crashed.
        guard FileManager.default.fileExists(atPath: folder.appending(component: PreparedCorpus.indexFile).path) else {
            return nil
        }
        do {
            let corpus = try PreparedCorpus(opening: folder, verifying: true)
            guard Self.isSame(corpus.index, source) else {
                progress(.message("\(folder.path) holds another corpus; it is made again."))
                return nil
            }
            PartialCorpus.tidy(folder)
            return corpus
        } catch let failure as Failure {
            progress(.message("\(failure.message) Its sources are unchanged: it is made again."))
            return nil
        }
    }

    /// Opens a prepared corpus; a damaged one whose index still tells unchanged sources is made again.
    private func open(_ folder: URL) throws -> PreparedCorpus {
        do {
            return try PreparedCorpus(opening: folder, verifying: true)
        } catch let damage as Failure {
            guard let index = try? PreparedCorpus.readIndex(folder), let again = Self.config(of: index, in: folder)
            else { throw damage }
            let preparation = Self(again, shardTokens: shardTokens, jobs: jobs, progress: progress)
            return try preparation.prepare(in: folder.deletingLastPathComponent(), memo: nil) { source in
                guard Self.isSame(index, source) else { throw damage }
                return folder
            }
        }
    }

    /// What a corpus was made from; nil where that cannot be read again.
    private static func config(of index: CorpusIndex, in folder: URL) -> CorpusConfig? {
        if let calibration = index.calibration { return CorpusConfig(calibration: calibration) }
        guard let how = index.preparation else { return nil }
        let sources = index.sources.map { SourceConfig(name: $0.name, paths: $0.files.map(\.path)) }
        let files = sources.flatMap(\.paths)
        guard files.allSatisfy(FileManager.default.fileExists(atPath:)) else { return nil }
        return CorpusConfig(
            sources: sources, tokenizer: folder.appending(component: Tokenizers.fileName).path, field: how.field,
            invalid: how.invalid, filter: how.filter)
    }

    /// Renames what is at a place, so that no process meets a folder that is half gone; nil where nothing is.
    private static func setAside(_ folder: URL) throws -> URL? {
        let aside = folder.deletingLastPathComponent()
            .appending(component: ".\(folder.lastPathComponent).replaced-\(UUID().uuidString)")
        guard FileManager.default.fileExists(atPath: folder.path) else { return nil }
        do {
            try FileManager.default.moveItem(at: folder, to: aside)
        } catch {
            // Another process may have been faster.
            guard FileManager.default.fileExists(atPath: folder.path) else { return nil }
            throw Failure(.worker, "Cannot rename \(folder.path) (\(error.reason)); remove it by hand.")
        }
        return aside
    }

    /// Removes a corpus's files and its folder; false when there were others, which stay.
    private static func removeCorpus(_ folder: URL) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let ours = [PreparedCorpus.indexFile, PreparedCorpus.tokenizerFile, CorpusWriter.journalFile, ".lock"]
        for name in names where ours.contains(name) || name.hasSuffix(".bin") || name.hasSuffix(".places") {
            try? FileManager.default.removeItem(at: folder.appending(component: name))
        }
        guard (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.isEmpty == true else { return false }
        return (try? FileManager.default.removeItem(at: folder)) != nil
    }
}
