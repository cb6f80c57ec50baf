import Experiment
import Foundation
import Tokenization

/// Writes the token streams of a corpus into a folder that is renamed when all is there; commits as it goes, so that
/// a later process goes on where a killed one stopped.
final class CorpusWriter {
    /// What a later process needs to go on: the content of the folder's journal.
    struct Journal: Codable, Equatable {
        /// Of the corpus that is being written; another one begins anew.
        let contentDigest: String
        /// What the position counts in.
        let layoutDigest: String
        let shardTokens: Int
        var position = WritingPosition()
        /// In the order of sources; training side first.
        var sides: [SideWriter.State] = []
    }

    /// The next stretch to write.
    private(set) var position: WritingPosition
    private let folder: URL
    private let sides: [[CorpusSide: SideWriter]]
    private var journal: Journal
    private var sinceCommit = Stopwatch()

    static let journalFile = "journal.json"
    /// Seconds of encoding that a kill may cost, besides reading the text and training a tokenizer once more.
    static let usualSecondsBetweenCommits = 1.0
    private let secondsBetweenCommits: Double

    /// Goes on with the folder's journal where it is of this corpus, else begins anew.
    init(folder: URL, source: any CorpusSource, shardTokens: Int, secondsBetweenCommits: Double) throws {
        self.folder = folder
        self.secondsBetweenCommits = secondsBetweenCommits
        let fresh = Journal(
            contentDigest: source.contentDigest, layoutDigest: source.layoutDigest, shardTokens: shardTokens)
        let left = try? JSONFile.read(Journal.self, from: folder.appending(component: Self.journalFile))
        if let left, left.contentDigest == fresh.contentDigest, left.layoutDigest == fresh.layoutDigest,
            left.shardTokens == shardTokens,
            left.sides.count == 2 * source.parts.count,
            let sides = try? Self.sides(folder, source, shardTokens, resuming: left.sides)
        {
            journal = left
            self.sides = sides
        } else {
            journal = fresh
            sides = try Self.sides(folder, source, shardTokens, resuming: [])
        }
        position = journal.position
    }

    /// The writers of all sources and sides.
    private static func sides(
        _ folder: URL, _ source: any CorpusSource, _ shardTokens: Int, resuming states: [SideWriter.State]
    ) throws -> [[CorpusSide: SideWriter]] {
        let element = CorpusIndex.ElementType(vocabulary: source.tokenizer.vocabulary)
        return try source.parts.enumerated().map { number, part in
            let prefix = source.parts.count == 1 ? "" : part.name + "-"
            var writers: [CorpusSide: SideWriter] = [:]
            for (i, side) in CorpusSide.allCases.enumerated() {
                writers[side] = try SideWriter(
                    folder: folder, prefix: prefix + side.rawValue, element: element,
                    endOfText: source.tokenizer.endOfText, shardTokens: shardTokens,
                    resuming: states.isEmpty ? SideWriter.State() : states[2 * number + i])
            }
            return writers
        }
    }

    /// Where the present source's text goes.
    func side(_ side: CorpusSide) -> SideWriter {
        guard let writer = sides[position.source][side] else { preconditionFailure("every source has two sides") }
        return writer
    }

    /// The stretch at `position` was ended.
    func endedStretch() throws {
        position.stretch += 1
        if sinceCommit.seconds > secondsBetweenCommits { try commit() }
    }

    /// All stretches of the file were ended.
    func endedFile() { position = WritingPosition(source: position.source, file: position.file + 1) }

    /// All files of the source were ended.
    func endedSource() { position = WritingPosition(source: position.source + 1) }

    private func commit() throws {
        journal.sides = try sides.flatMap { source in try CorpusSide.allCases.compactMap { try source[$0]?.commit() } }
        journal.position = position
        try DurableFile.replace(folder.appending(component: Self.journalFile), with: JSONFile.encode(journal))
        sinceCommit = Stopwatch()
    }

    /// Completes all files, and writes `tokenizer.json` and `index.json`.
    func finish(_ source: any CorpusSource) throws {
        let element = CorpusIndex.ElementType(vocabulary: source.tokenizer.vocabulary)
        var sources = try zip(source.parts, sides).map { try finish($0, $1, isText: source.kind == .text) }
        if source.kind == .text {
            let counts = try overlaps(of: sources, element: element, endOfText: source.tokenizer.endOfText)
            for i in sources.indices { sources[i].overlap = counts[i] }
        }
        let index = CorpusIndex(
            schema: CorpusIndex.currentSchema, kind: source.kind, contentDigest: source.contentDigest,
            layoutDigest: source.layoutDigest, dtype: element,
            vocabulary: source.tokenizer.vocabulary, endOfText: source.tokenizer.endOfText,
            tokenizerDigest: try source.tokenizer.digest, sources: sources, preparation: source.preparation,
            calibration: source.calibration)
        try DurableFile.replace(
            folder.appending(component: PreparedCorpus.tokenizerFile), with: source.tokenizer.serialized)
        try DurableFile.replace(folder.appending(component: PreparedCorpus.indexFile), with: JSONFile.encode(index))
    }

    private func finish(
        _ part: CorpusPart, _ sides: [CorpusSide: SideWriter], isText: Bool
    ) throws -> CorpusIndex.Source {
        func close(_ side: CorpusSide) throws -> CorpusIndex.Side {
            guard let writer = sides[side] else { preconditionFailure("every source has two sides") }
            return try writer.finish(documents: part.documents[side] ?? 0, isText: isText)
        }
        return CorpusIndex.Source(
            name: part.name, train: try close(.train), heldOut: try close(.heldOut), files: part.files,
            dropped: part.dropped, replaced: part.replaced)
    }

    /// Of each source's held-out text with the training text of all, which a model may have learnt it from.
    private func overlaps(
        of sources: [CorpusIndex.Source], element: CorpusIndex.ElementType, endOfText: Int?
    ) throws -> [OverlapCount] {
        // Shares within a seventh of a percent, from tables that stay in the cache.
        var counters = sources.map { _ in OverlapCounter(limit: 1 << 17, endOfText: endOfText) }
        for (i, source) in sources.enumerated() {
            try forEachChunk(of: source.heldOut, element) { counters[i].addHeldOut($0) }
            counters[i].endStretch()
        }
        for source in sources {
            try forEachChunk(of: source.train, element) { ids in
                for i in counters.indices { counters[i].addTrain(ids) }
            }
            for i in counters.indices { counters[i].endStretch() }
        }
        return counters.map(\.count)
    }

    private func forEachChunk(
        of side: CorpusIndex.Side, _ element: CorpusIndex.ElementType, _ body: ([Int32]) -> Void
    ) throws {
        for shard in side.shards {
            try FileChunks.forEach(of: folder.appending(component: shard.file)) { body(element.decode($0)) }
        }
    }
}
