import Experiment
import Foundation

/// What n-grams reach on a corpus: counted on a part of its training side, scored on a part of its held-out side. It is
/// what a report draws as levels, and what `baseline.json` keeps.
public struct NGramBaseline: Codable, Equatable, Sendable {
    /// Of the corpus that was counted.
    public let corpusDigest: String
    /// Training tokens counted: the first of every source.
    public let trainTokens: Int
    /// Held-out tokens scored.
    public let heldOutTokens: Int
    /// Nats per token of order 1, 2, 3, …
    public let losses: [Double]

    /// How much of a corpus is read.
    public struct Limits: Sendable, Equatable {
        /// The longest n-gram.
        public var order = 5
        /// Of the training side, over all sources at their shares of the corpus.
        public var trainTokens = 2_000_000
        /// Of the held-out side, likewise.
        public var heldOutTokens = 50_000

        /// Five orders on two million tokens: a few seconds and some hundred MB.
        public init() {}
    }

    /// Counts and scores. Orders above the first need tokens that go on from document to document, as training does.
    /// - Throws: `Failure(.badData)` when the held-out side is shorter than the longest n-gram.
    public init(_ corpus: PreparedCorpus, limits: Limits = Limits()) throws {
        let train = Self.first(limits.trainTokens, of: corpus.sources.map(\.train))
        let heldOut = Self.first(limits.heldOutTokens, of: corpus.sources.map(\.heldOut))
        guard heldOut.count >= limits.order, train.count >= limits.order else {
            throw Failure(
                .badData,
                "n-grams of order \(limits.order) need as many tokens on each side, and the corpus at "
                    + "\(corpus.folder.path) has \(train.count) to train on and \(heldOut.count) held out; give more text."
            )
        }
        let model = NGramModel(train, order: limits.order, vocabulary: corpus.vocabulary)
        corpusDigest = corpus.contentDigest
        trainTokens = train.count
        heldOutTokens = heldOut.count
        losses = model.losses(on: heldOut)
    }

    /// The first `limit` tokens of all streams, each at its share.
    private static func first(_ limit: Int, of streams: [TokenStream]) -> [Int32] {
        let all = streams.reduce(0) { $0 + $1.count }
        return streams.flatMap { stream in
            stream[0..<(all <= limit ? stream.count : Int(Double(limit) * Double(stream.count) / Double(all)))]
        }
    }
}
