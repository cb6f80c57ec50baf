/// How much of the held-out text is in the training text, as the share of its n-grams that occur there.
public struct OverlapCount: Codable, Equatable, Sendable {
    /// Tokens of an n-gram. Brown et al. 2020 ("Language models are few-shot learners", appendix C) used 13 words.
    public var ngram: Int
    /// Different n-grams of the held-out text that were looked for.
    public var heldOut: Int
    /// Of them, those that the training text has.
    public var found: Int
    /// One in how many of the n-grams was looked for: 1 for all.
    public var sampled: Int

    public init(ngram: Int, heldOut: Int, found: Int, sampled: Int) {
        self.ngram = ngram
        self.heldOut = heldOut
        self.found = found
        self.sampled = sampled
    }

    /// 0 without a held-out n-gram.
    public var share: Double { heldOut == 0 ? 0 : Double(found) / Double(heldOut) }

    private enum CodingKeys: String, CodingKey {
        case ngram, found, sampled
        case heldOut = "held_out"
    }
}

/// Counts the different n-grams of the held-out text, and those of them that the training text has. First all
/// held-out text, then all training text, each in chunks cut anywhere.
///
/// N-grams are known by 64-bit hashes, so that two of them in 2^64 are taken for one. Of more than `limit` different
/// ones, only those are kept whose hash is divisible by 2, or 4, 8, …: a sample that does not depend on their order.
/// Memory with the usual limit: 18 MiB of hashes (27 while they grow), 2 MiB of filter, 12 bytes per id of a chunk.
struct OverlapCounter {
    static let ngram = 13

    private let limit: Int
    private var windows: NGramWindows
    /// Of the n-grams in the chunk in work.
    private var hashes: [UInt64] = []
    private var heldOut = HashSet64()
    private var sampled = 1
    /// Made of the held-out n-grams when the first training text comes.
    private var filter: HashFilter?

    /// - Parameters:
    ///   - limit: most held-out n-grams kept, at least one.
    ///   - endOfText: the id between documents; an n-gram with it in does not count.
    init(limit: Int = 1 << 20, endOfText: Int? = nil) {
        precondition(limit > 0, "at least one n-gram must be kept")
        self.limit = limit
        windows = NGramWindows(length: Self.ngram, endOfText: endOfText.map(Int32.init))
    }

    /// Adds the next ids of the held-out text. Not after training text.
    mutating func addHeldOut(_ ids: [Int32]) {
        precondition(filter == nil, "held-out text comes before training text")
        windows.append(ids, into: &hashes)
        for hash in hashes where isSampled(hash) {
            if heldOut.insert(hash), heldOut.count > limit { thin() }
        }
    }

    /// Adds the next ids of the training text.
    mutating func addTrain(_ ids: [Int32]) {
        let filter = self.filter ?? startTraining()
        windows.append(ids, into: &hashes)
        for hash in hashes where filter.mayHold(hash) { heldOut.mark(hash) }
    }

    /// N-grams do not cross from the ids before this into those behind it.
    mutating func endStretch() { windows.endStretch() }

    var count: OverlapCount {
        OverlapCount(ngram: Self.ngram, heldOut: heldOut.count, found: heldOut.markedCount, sampled: sampled)
    }

    /// Bytes of the tables.
    var stateBytes: Int { heldOut.stateBytes + (filter?.stateBytes ?? 0) }

    private mutating func startTraining() -> HashFilter {
        var filter = HashFilter(capacity: heldOut.count)
        for hash in heldOut.hashes { filter.insert(hash) }
        self.filter = filter
        windows.endStretch()
        return filter
    }

    private func isSampled(_ hash: UInt64) -> Bool { hash & UInt64(sampled - 1) == 0 }

    private mutating func thin() {
        while heldOut.count > limit {
            sampled *= 2
            let mask = UInt64(sampled - 1)
            heldOut.keep { $0 & mask == 0 }
        }
    }
}
