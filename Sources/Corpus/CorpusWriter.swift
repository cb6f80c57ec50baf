import Experiment
import Foundation
import Tokenization

/// Writes a prepared corpus to a folder beside its place, and puts it there in one rename when it is complete. Of two
/// processes that prepare the same corpus, the later one uses the other's.
final class CorpusWriter {
    private let endOfText: Int?
    private let sides: [CorpusSide: Side]

    private final class Side {
        let shards: ShardWriter
        var documents = 0
        var stretches = 0
        var bytes = 0

        init(_ shards: ShardWriter) { self.shards = shards }
    }

    private init(folder: URL, tokenizer: any Tokenizer, shardTokens: Int) {
        endOfText = tokenizer.endOfText
        let element = CorpusIndex.ElementType(vocabulary: tokenizer.vocabulary)
        sides = Dictionary(
            uniqueKeysWithValues: CorpusSide.allCases.map {
                ($0, Side(ShardWriter(folder: folder, side: $0, element: element, shardTokens: shardTokens)))
            })
    }

    /// Appends tokens that stand for `textBytes` bytes of text.
    func append(_ ids: [Int32], textBytes: Int, to side: CorpusSide) throws {
        try sides[side]?.shards.append(ids)
        sides[side]?.bytes += textBytes
    }

    /// Counts a document with text on `side`.
    func countDocument(on side: CorpusSide) { sides[side]?.documents += 1 }

    /// Ends a stretch of text, with end-of-text where the tokenizer has it.
    func endStretch(on side: CorpusSide) throws {
        sides[side]?.stretches += 1
        if let endOfText { try sides[side]?.shards.append([Int32(endOfText)]) }
    }

    /// Writes a source's corpus so that it stands at `folder`, complete; replaces nothing that is there.
    static func write(
        _ source: any CorpusSource, to folder: URL, shardTokens: Int, progress: (CorpusProgress) -> Void
    ) throws {
        let partial = folder.deletingLastPathComponent()
            .appending(component: ".\(folder.lastPathComponent).partial-\(UUID().uuidString)")
        removeAbandoned(beside: folder)
        try attempting("create", partial) {
            try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(at: partial) }
        let writer = CorpusWriter(folder: partial, tokenizer: source.tokenizer, shardTokens: shardTokens)
        try source.write(into: writer, progress: progress)
        let index = try writer.finish(source)
        try attempting("write", partial) {
            try source.tokenizer.serialized.write(to: partial.appending(component: PreparedCorpus.tokenizerFile))
            try JSONFile.encode(index).write(to: partial.appending(component: PreparedCorpus.indexFile))
        }
        do {
            try FileManager.default.moveItem(at: partial, to: folder)
        } catch {
            // Another process was faster: its corpus is complete, since it too came by a rename.
            let there = folder.appending(component: PreparedCorpus.indexFile).path
            guard FileManager.default.fileExists(atPath: there) else {
                throw Failure(.worker, "Moving the prepared corpus to \(folder.path) failed: \(error.reason).")
            }
        }
    }

    /// Removes what a killed process left of this corpus. A living one makes a new shard at least every few minutes.
    private static func removeAbandoned(beside folder: URL) {
        let parent = folder.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(".\(folder.lastPathComponent).partial-") {
            let left = parent.appending(component: name)
            let attributes = try? FileManager.default.attributesOfItem(atPath: left.path)
            guard let changed = attributes?[.modificationDate] as? Date, changed.timeIntervalSinceNow < -3600 else {
                continue
            }
            try? FileManager.default.removeItem(at: left)
        }
    }

    private func finish(_ source: any CorpusSource) throws -> CorpusIndex {
        func close(_ side: CorpusSide) throws -> CorpusIndex.Side {
            guard let written = sides[side] else { preconditionFailure("there is a writer for each side") }
            try written.shards.finish()
            return CorpusIndex.Side(
                tokens: written.shards.tokens, documents: written.documents, stretches: written.stretches,
                bytes: source.kind == .text ? written.bytes : nil, shards: written.shards.shards)
        }
        return CorpusIndex(
            schema: CorpusIndex.currentSchema, kind: source.kind, contentDigest: source.contentDigest,
            dtype: CorpusIndex.ElementType(vocabulary: source.tokenizer.vocabulary),
            vocabulary: source.tokenizer.vocabulary, endOfText: source.tokenizer.endOfText,
            tokenizerDigest: try source.tokenizer.digest, train: try close(.train), heldOut: try close(.heldOut),
            sources: source.files, calibration: source.calibration)
    }

    private static func attempting(_ verb: String, _ folder: URL, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            throw Failure(
                .worker,
                "Cannot \(verb) the folder \(folder.path) (\(error.reason)); check that there is space and that you may write there."
            )
        }
    }
}
