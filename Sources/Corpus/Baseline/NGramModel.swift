import Foundation

/// Interpolated Kneser-Ney n-grams of every order up to `order` (Kneser and Ney 1995; Chen and Goodman 1999, §2.7): what
/// counting alone reaches on a corpus, to set a model's loss beside.
public struct NGramModel: Sendable {
    /// The longest n-gram.
    public let order: Int
    /// Ids are 0..<vocabulary.
    public let vocabulary: Int
    /// Tokens that were counted.
    public let trainTokens: Int
    /// Index n − 1: of n-grams as they occur, for the model of order n.
    private let occurring: [GramCounts]
    /// Index n − 1: in how many different contexts an n-gram occurs, for the lower orders of a model.
    private let continuing: [GramCounts]

    /// Counts all n-grams of `tokens`. Memory is about 40 bytes per token and order at most, time O(n log n).
    public init(_ tokens: [Int32], order: Int, vocabulary: Int) {
        precondition(order > 0 && vocabulary > 0, "an n-gram model needs an order and a vocabulary above 0")
        self.order = order
        self.vocabulary = vocabulary
        trainTokens = tokens.count
        occurring = (1...order).map { n in GramCounts(Self.occurrences(of: n, in: tokens)) }
        continuing = (1..<max(order, 1)).map { n in GramCounts(Self.continuations(of: n, in: tokens)) }
    }

    /// The mean loss of each order on `tokens`, in nats per token, over all tokens with a full context of `order` − 1.
    /// Index n − 1 is of the model of order n. Empty where `tokens` are fewer than `order`.
    public func losses(on tokens: [Int32]) -> [Double] {
        guard tokens.count >= order else { return [] }
        var sums = Array(repeating: 0.0, count: order)
        for end in order...tokens.count {
            var lower = 1 / Double(vocabulary)
            for n in 1...order {
                let context = GramHash.of(tokens[end - n..<end - 1])
                let gram = GramHash.appending(tokens[end - 1], to: context)
                sums[n - 1] -= log(occurring[n - 1].probability(gram: gram, context: context, lower: lower))
                guard n < order else { continue }
                lower = continuing[n - 1].probability(gram: gram, context: context, lower: lower)
            }
        }
        return sums.map { $0 / Double(tokens.count - order + 1) }
    }

    private static func occurrences(of n: Int, in tokens: [Int32]) -> [(gram: UInt64, context: UInt64)] {
        guard tokens.count >= n else { return [] }
        return (n...tokens.count).map { end in
            let context = GramHash.of(tokens[end - n..<end - 1])
            return (GramHash.appending(tokens[end - 1], to: context), context)
        }
    }

    /// One occurrence of an n-gram for every different token before it.
    private static func continuations(of n: Int, in tokens: [Int32]) -> [(gram: UInt64, context: UInt64)] {
        guard tokens.count > n else { return [] }
        let longer = (n + 1...tokens.count).map { end in (hash: GramHash.of(tokens[end - n - 1..<end]), end: end) }
            .sorted { ($0.hash, $0.end) < ($1.hash, $1.end) }
        return longer.indices.filter { $0 == 0 || longer[$0 - 1].hash != longer[$0].hash }.map { index in
            let end = longer[index].end
            let context = GramHash.of(tokens[end - n..<end - 1])
            return (GramHash.appending(tokens[end - 1], to: context), context)
        }
    }
}
