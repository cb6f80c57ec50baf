import Experiment
import Tokenization

/// How much of its vocabulary a corpus uses.
public struct VocabularyUse: Sendable, Equatable, Encodable {
    /// Ids that there are.
    public let ids: Int
    /// Of them, those that occur.
    public let used: Int
    /// How many of the most frequent ids make a share of all tokens.
    public let cover: [Cover]
    /// The most frequent ids, most frequent first; of equal ones the lower first.
    public let mostFrequent: [Token]

    /// The fewest ids that make a share of all tokens.
    public struct Cover: Sendable, Equatable, Encodable {
        public let share: Double
        public let ids: Int
    }

    /// An id and how often it occurs.
    public struct Token: Sendable, Equatable, Encodable {
        public let id: Int
        public let count: Int
        /// Of all tokens.
        public let share: Double
        /// Control characters are made visible.
        public let text: String
    }

    static let shares = [0.5, 0.9, 0.99]
    static let listed = 20

    /// Counts every token of a corpus, both sides of all sources, end-of-text included. 8 bytes per id of memory. The
    /// corpus must have been verified.
    init(_ corpus: PreparedCorpus) throws {
        var counts = [Int](repeating: 0, count: corpus.vocabulary)
        for source in corpus.sources {
            for side in CorpusSide.allCases { Self.add(source.stream(side), to: &counts) }
        }
        try self.init(counts: counts, tokenizer: corpus.tokenizer)
    }

    init(counts: [Int], tokenizer: any Tokenizer) throws {
        ids = counts.count
        let order = counts.indices.filter { counts[$0] > 0 }.sorted { (-counts[$0], $0) < (-counts[$1], $1) }
        let total = counts.reduce(0, +)
        used = order.count
        cover = Self.shares.map { share in
            var sum = 0
            let last = order.firstIndex { id in
                sum += counts[id]
                return Double(sum) >= share * Double(total)
            }
            return Cover(share: share, ids: last.map { $0 + 1 } ?? 0)
        }
        mostFrequent = try order.prefix(Self.listed).map { id in
            Token(
                id: id, count: counts[id], share: Double(counts[id]) / Double(total),
                text: VisibleText.escaped(try tokenizer.decode([Int32(id)], keepingSpecialTokens: true)))
        }
    }

    private static func add(_ stream: TokenStream, to counts: inout [Int]) {
        let chunk = 1 << 16
        var ids = [Int32](repeating: 0, count: chunk)
        for start in stride(from: 0, to: stream.count, by: chunk) {
            let end = min(start + chunk, stream.count)
            stream.copy(start..<end, into: &ids, at: 0)
            for i in 0..<end - start { counts[Int(ids[i])] += 1 }
        }
    }
}
