import Experiment
import Foundation

/// A named part of a prepared corpus, open for reading.
public struct PreparedSource: Sendable {
    /// Counts, files and what was left out.
    public let index: CorpusIndex.Source
    /// The tokens to train on.
    public let train: TokenStream
    /// The tokens to evaluate on.
    public let heldOut: TokenStream
    private let trainPlaces: Places
    private let heldOutPlaces: Places

    /// Throws `Failure(.badData)` for a shard that is missing, or of another size than the index says.
    init(_ index: CorpusIndex.Source, in folder: URL, element: CorpusIndex.ElementType) throws {
        self.index = index
        for side in CorpusSide.allCases {
            let counts = index.side(side)
            for shard in counts.shards { try Self.checkSize(shard, in: folder, bytesEach: element.bytes) }
            try Self.checkSize(counts.places, in: folder, bytesEach: Places.recordBytes)
        }
        train = try TokenStream(folder: folder, side: index.train, element: element)
        heldOut = try TokenStream(folder: folder, side: index.heldOut, element: element)
        trainPlaces = try Places(folder.appending(component: index.train.places.file))
        heldOutPlaces = try Places(folder.appending(component: index.heldOut.places.file))
    }

    /// What the configuration calls it; "text" where it is the only one.
    public var name: String { index.name }

    /// One side's tokens.
    public func stream(_ side: CorpusSide) -> TokenStream { side == .train ? train : heldOut }

    /// Where one side's tokens come from.
    public func places(_ side: CorpusSide) -> Places { side == .train ? trainPlaces : heldOutPlaces }

    /// Bytes of held-out text per token, for bits per byte = loss / ln 2 / bytesPerToken; nil where tokens are not text.
    public var heldOutBytesPerToken: Double? {
        index.heldOut.bytes.map { Double($0) / Double(index.heldOut.tokens) }
    }

    /// Characters of held-out text per token; nil where tokens are not text.
    public var heldOutCharactersPerToken: Double? {
        index.heldOut.characters.map { Double($0) / Double(index.heldOut.tokens) }
    }

    private static func checkSize(_ shard: CorpusIndex.Shard, in folder: URL, bytesEach: Int) throws {
        let path = folder.appending(component: shard.file).path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let size = (attributes?[.size] as? NSNumber)?.intValue else {
            throw Failure(.badData, "The token shard \(path) is missing; prepare the corpus again.")
        }
        let (expected, overflow) = shard.tokens.multipliedReportingOverflow(by: bytesEach)
        guard !overflow, size == expected else {
            throw Failure(
                .badData,
                "The token shard \(path) has \(size) bytes instead of the \(shard.tokens) × \(bytesEach) of its "
                    + "index; prepare the corpus again.")
        }
    }
}
