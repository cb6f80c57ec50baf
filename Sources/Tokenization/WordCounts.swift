/// How often each pre-token was seen.
struct WordCounts: Sendable {
    private(set) var words = ByteStringTable(capacity: 1 << 14)
    /// [words.count]
    private(set) var counts: [Int] = []

    /// Counts `text[range]`. A long one is counted in pieces, so that no merge passes over megabytes of one word.
    mutating func count(_ text: Span<UInt8>, _ range: Range<Int>) {
        var start = range.lowerBound
        while range.upperBound - start > Self.longestWord {
            add(1, to: words.insert(text, start..<start + Self.longestWord))
            start += Self.longestWord
        }
        add(1, to: words.insert(text, start..<range.upperBound))
    }

    /// In bytes. Hugging Face has no such limit; real text does not reach it.
    static let longestWord = 2_048

    /// Adds another count of words.
    mutating func add(_ other: WordCounts) {
        for index in 0..<other.words.count { add(other.counts[index], to: words.insert(index, of: other.words)) }
    }

    private mutating func add(_ count: Int, to index: Int) {
        if index == counts.count { counts.append(count) } else { counts[index] += count }
    }

    /// What the words take: their bytes, and a word's own costs as 32 of them.
    var weight: Int { words.arena.count + 32 * words.count }

    /// Lets the rarest words go until `limit` is met: all of a count, or none.
    mutating func keepMostFrequent(limit: Int) {
        var weights: [Int: Int] = [:]
        for (index, count) in counts.enumerated() { weights[count, default: 0] += words.range(index).count + 32 }
        var total = weight
        var least = 0
        for count in weights.keys.sorted() where total > limit {
            total -= weights[count] ?? 0
            least = count
        }
        var kept = WordCounts()
        for (index, count) in counts.enumerated() where count > least {
            kept.add(count, to: kept.words.insert(index, of: words))
        }
        self = kept
    }
}
