import Experiment
import Foundation
import Tokenization

/// From a configuration to a corpus that is ready to train on.
public enum CorpusPreparation {
    /// Tokens of a full shard: 64 MiB at two bytes each.
    public static let usualShardTokens = 32 << 20

    /// The corpus of a configuration, verified. Text and the calibration source are prepared once and kept under
    /// `cache` by content digest; a damaged one is made again where its sources are unchanged.
    /// - Parameters:
    ///   - cache: `checkpoints/.corpora`.
    ///   - progress: called between pieces of work, on the caller's thread.
    /// Throws `Failure(.badData)` for sources that cannot be used, `.usage` for an unknown tokenizer, `.worker` where
    /// the cache cannot be written.
    public static func prepare(
        _ config: CorpusConfig, cache: URL, shardTokens: Int = usualShardTokens,
        progress: (CorpusProgress) -> Void = { _ in }
    ) throws -> PreparedCorpus {
        if let prepared = config.prepared {
            return try open(URL(filePath: prepared), shardTokens: shardTokens, progress: progress)
        }
        if let calibration = config.calibration {
            return try cached(CalibrationSource(calibration), cache, shardTokens: shardTokens, progress: progress)
        }
        let memo = try SourcesMemo(cache: cache, config: config)
        if let digest = memo.contentDigest,
            let corpus = try? PreparedCorpus(opening: place(of: digest, in: cache), verifying: true),
            corpus.contentDigest == digest
        {
            return corpus
        }
        let text = try textCorpus(config, progress: progress)
        let corpus = try cached(text, cache, shardTokens: shardTokens, progress: progress)
        memo.remember(corpus.contentDigest)
        return corpus
    }

    /// Prepares a corpus in a folder that the user names. A folder that holds the same corpus is used as it is.
    /// Throws `Failure(.usage)` when something else is there: nothing is written over.
    public static func prepare(
        _ config: CorpusConfig, out folder: URL, shardTokens: Int = usualShardTokens,
        progress: (CorpusProgress) -> Void = { _ in }
    ) throws -> PreparedCorpus {
        let source = try source(of: config, progress: progress)
        try clear(folder, for: source)
        return try make(source, at: folder, shardTokens: shardTokens, progress: progress)
    }

    /// An empty folder gives way; the same corpus may stay; anything else is the user's.
    private static func clear(_ folder: URL, for source: any CorpusSource) throws {
        guard FileManager.default.fileExists(atPath: folder.path) else { return }
        if let inside = try? FileManager.default.contentsOfDirectory(atPath: folder.path) {
            if inside.isEmpty { return try setAside(folder) }
            if (try? PreparedCorpus.readIndex(folder))?.contentDigest == source.contentDigest { return }
        }
        throw Failure(.usage, "\(folder.path) holds something else already; give another folder, or remove it.")
    }

    private static func source(
        of config: CorpusConfig, progress: (CorpusProgress) -> Void
    ) throws -> any CorpusSource {
        if let calibration = config.calibration { return CalibrationSource(calibration) }
        guard config.prepared == nil else {
            throw Failure(.usage, "A prepared corpus is prepared already; give text or the calibration source.")
        }
        return try textCorpus(config, progress: progress)
    }

    private static func textCorpus(
        _ config: CorpusConfig, progress: (CorpusProgress) -> Void
    ) throws -> TextCorpus {
        let tokenizer = try Tokenizers.named(config.tokenizer)
        return try TextCorpus(try ScannedText(config, progress: progress), tokenizer: tokenizer, config: config)
    }

    private static func place(of digest: String, in cache: URL) -> URL {
        cache.appending(component: String(digest.prefix(16)))
    }

    private static func cached(
        _ source: any CorpusSource, _ cache: URL, shardTokens: Int, progress: (CorpusProgress) -> Void
    ) throws -> PreparedCorpus {
        let folder = place(of: source.contentDigest, in: cache)
        return try make(source, at: folder, shardTokens: shardTokens, progress: progress)
    }

    /// The source's corpus at `folder`: the one that is there if it is good, else a new one.
    private static func make(
        _ source: any CorpusSource, at folder: URL, shardTokens: Int, progress: (CorpusProgress) -> Void
    ) throws -> PreparedCorpus {
        if FileManager.default.fileExists(atPath: folder.path) {
            do {
                let corpus = try PreparedCorpus(opening: folder, verifying: true)
                if corpus.contentDigest == source.contentDigest { return corpus }
                progress(.message("\(folder.path) holds another corpus; it is made again."))
            } catch let failure as Failure {
                progress(.message("\(failure.message) Its sources are unchanged: it is made again."))
            }
            try setAside(folder)
        }
        try write(source, to: folder, shardTokens: shardTokens, progress: progress)
        return try PreparedCorpus(opening: folder, verifying: true)
    }

    /// Writes a source's corpus so that it stands at `folder`, complete; replaces nothing that is there.
    static func write(
        _ source: any CorpusSource, to folder: URL, shardTokens: Int, progress: (CorpusProgress) -> Void
    ) throws {
        let key = "\(source.contentDigest) \(shardTokens)".sha256
        let partial = try PartialCorpus(in: folder.deletingLastPathComponent(), key: key, progress: progress)
        // Another process may have been faster.
        guard !FileManager.default.fileExists(atPath: folder.path) else { return partial.remove() }
        let writer = try CorpusWriter(folder: partial.folder, source: source, shardTokens: shardTokens)
        try source.write(into: writer, progress: progress)
        try writer.finish(source)
        try partial.move(to: folder)
    }

    /// Opens a prepared corpus; a damaged one whose index still tells unchanged sources is made again.
    private static func open(
        _ folder: URL, shardTokens: Int, progress: (CorpusProgress) -> Void
    ) throws -> PreparedCorpus {
        do {
            return try PreparedCorpus(opening: folder, verifying: true)
        } catch let damage as Failure {
            guard let index = try? PreparedCorpus.readIndex(folder),
                let source = try? unchangedSource(of: index, in: folder), source.contentDigest == index.contentDigest
            else { throw damage }
            return try make(source, at: folder, shardTokens: shardTokens, progress: progress)
        }
    }

    private static func unchangedSource(of index: CorpusIndex, in folder: URL) throws -> (any CorpusSource)? {
        if let calibration = index.calibration { return CalibrationSource(calibration) }
        guard let how = index.preparation else { return nil }
        let config = CorpusConfig(
            sources: index.sources.map { SourceConfig(name: $0.name, paths: $0.files.map(\.path)) }, field: how.field,
            invalid: how.invalid, filter: how.filter)
        let tokenizer = try Tokenizers.read(folder.appending(component: PreparedCorpus.tokenizerFile))
        return try TextCorpus(try ScannedText(config) { _ in }, tokenizer: tokenizer, config: config)
    }

    /// Renames before it removes, so that no process meets a folder that is half gone.
    private static func setAside(_ folder: URL) throws {
        let aside = folder.deletingLastPathComponent()
            .appending(component: ".\(folder.lastPathComponent).damaged-\(UUID().uuidString)")
        do {
            try FileManager.default.moveItem(at: folder, to: aside)
        } catch  where !FileManager.default.fileExists(atPath: folder.path) {
            return  // Another process was faster.
        } catch {
            throw unremovable(folder, error)
        }
        do {
            try FileManager.default.removeItem(at: aside)
        } catch {
            throw unremovable(aside, error)
        }
    }

    private static func unremovable(_ folder: URL, _ error: any Error) -> Failure {
        Failure(.worker, "Cannot remove \(folder.path) (\(error.reason)); remove it by hand.")
    }
}
