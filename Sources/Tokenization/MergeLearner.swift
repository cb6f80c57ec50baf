/// Finds merges among counted words, one a step: the pair that is most frequent, of several the one with the smaller
/// ids. Counts of pairs are kept up to date only around what was merged, and a heap's entries are renewed when they
/// come to its top.
///
/// Steps equal those of Hugging Face's BpeTrainer, also where two pairs spell the same token: the second gives the same
/// id, new pairs with it are found again in the words that got it, and a merge may come twice.
struct MergeLearner {
    /// By id: a byte, or the bytes of a merge.
    private(set) var tokens = ByteStringTable(capacity: 1 << 12)
    /// In the order in which they were found.
    private(set) var merges: [Merge] = []
    private let limit: Int
    /// The words' tokens, one word after the other; a word shrinks inside of its place.
    private var symbols: [Int32] = []
    /// Where a word begins.
    private var starts: [Int] = []
    /// Tokens that a word has left.
    private var lengths: [Int32] = []
    /// How often a word was seen.
    private let counts: [Int]
    private var pairs = PairCounts()
    private var heap = PairHeap()

    /// - Parameter tokens: how many ids there may be, bytes included.
    init(_ words: WordCounts, tokens limit: Int) {
        self.limit = limit
        counts = words.counts
        for byte in ByteLetters.order { _ = tokens.insert([byte]) }
        symbols = words.words.arena.map { ByteLetters.places[Int($0)] }
        for word in counts.indices {
            let range = words.words.range(word)
            starts.append(range.lowerBound)
            lengths.append(Int32(range.count))
            for position in range.dropFirst() {
                pairs.add(counts[word], to: symbols[position - 1], symbols[position], in: Int32(word))
            }
        }
        pairs.queueChanged(in: &heap)
    }

    /// Merges one pair everywhere; false when there are enough tokens, or no pair is left.
    mutating func step() -> Bool {
        guard tokens.count < limit else { return false }
        while let top = heap.popMaximum() {
            let count = pairs.count(top.pair)
            if count != top.count {
                heap.push(PairHeap.Entry(count: count, key: top.key, pair: top.pair, words: top.words))
                continue
            }
            guard count > 0 else { return false }
            merge(top)
            return true
        }
        return false
    }

    private mutating func merge(_ top: PairHeap.Entry) {
        let left = Int32(truncatingIfNeeded: top.key >> 32)
        let right = Int32(truncatingIfNeeded: top.key)
        let product = Int32(tokens.insert(Array(tokens[Int(left)] + tokens[Int(right)])))
        merges.append(Merge(left: left, right: right, product: product))
        for word in pairs.takeWords(top.words) { merge(left, right, product, in: word) }
        pairs.queueChanged(in: &heap)
    }

    /// Merges the pair in one word, from left to right. O(length).
    private mutating func merge(_ left: Int32, _ right: Int32, _ product: Int32, in word: Int32) {
        let start = starts[Int(word)]
        let end = start + Int(lengths[Int(word)])
        let count = counts[Int(word)]
        var write = start
        var read = start
        while read < end {
            let symbol = symbols[read]
            guard symbol == left, read + 1 < end, symbols[read + 1] == right else {
                symbols[write] = symbol
                write += 1
                read += 1
                continue
            }
            if write > start {
                pairs.remove(count, from: symbols[write - 1], left)
                pairs.add(count, to: symbols[write - 1], product, in: word)
            }
            read += 2
            if read < end {
                pairs.remove(count, from: right, symbols[read])
                pairs.add(count, to: product, symbols[read], in: word)
            }
            symbols[write] = product
            write += 1
        }
        lengths[Int(word)] = Int32(write - start)
    }
}
