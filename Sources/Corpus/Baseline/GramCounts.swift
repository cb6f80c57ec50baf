/// How often each n-gram of one order occurs, and how its contexts go on. An n-gram is known by a 64-bit hash of its
/// tokens, and all counts are sorted arrays: 16 bytes per different n-gram, no dictionary. Among ten million n-grams
/// two different ones share a hash once in some hundred thousand corpora.
struct GramCounts {
    /// Of each different n-gram, rising.
    private let grams: [UInt64]
    /// Its count.
    private let counts: [Int32]
    /// Of each different context, the n-gram without its last token, rising.
    private let contexts: [UInt64]
    /// The counts of the context's n-grams added.
    private let totals: [Int32]
    /// How many different tokens follow the context.
    private let followers: [Int32]
    /// D = n₁/(n₁ + 2 n₂), n_r n-grams occurring r times (Ney, Essen and Kneser 1994, eq. 26).
    private let discount: Double

    /// Counts of a list of occurrences. O(n log n).
    init(_ occurrences: [(gram: UInt64, context: UInt64)]) {
        var counted: [(gram: UInt64, context: UInt64, count: Int32)] = []
        for occurrence in occurrences.sorted(by: { $0.gram < $1.gram }) {
            if let last = counted.last, last.gram == occurrence.gram {
                counted[counted.count - 1].count += 1
            } else {
                counted.append((occurrence.gram, occurrence.context, 1))
            }
        }
        grams = counted.map(\.gram)
        counts = counted.map(\.count)
        let once = Double(counts.count { $0 == 1 })
        let twice = Double(counts.count { $0 == 2 })
        // Without singletons nothing is known about unseen n-grams: half a count, as good as any.
        discount = once > 0 ? once / (once + 2 * twice) : 0.5
        var groups: [(context: UInt64, total: Int32, followers: Int32)] = []
        for gram in counted.sorted(by: { $0.context < $1.context }) {
            if let last = groups.last, last.context == gram.context {
                groups[groups.count - 1].total += gram.count
                groups[groups.count - 1].followers += 1
            } else {
                groups.append((gram.context, gram.count, 1))
            }
        }
        contexts = groups.map(\.context)
        totals = groups.map(\.total)
        followers = groups.map(\.followers)
    }

    /// Different n-grams.
    var count: Int { grams.count }

    /// p(token | context), what the discount leaves over given to the `lower` order's probability; that alone where the
    /// context never occurred. O(log n).
    func probability(gram: UInt64, context: UInt64, lower: Double) -> Double {
        guard let place = Self.index(of: context, in: contexts) else { return lower }
        let total = Double(totals[place])
        let count = Self.index(of: gram, in: grams).map { Double(counts[$0]) } ?? 0
        return (max(count - discount, 0) + discount * Double(followers[place]) * lower) / total
    }

    private static func index(of value: UInt64, in sorted: [UInt64]) -> Int? {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low] == value ? low : nil
    }
}

/// Hashes of n-grams, a token at a time: the context's hash goes into the n-gram's.
enum GramHash {
    static let empty: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Of the tokens of `hash` with one more behind them (the finalizer of Steele, Lea and Flood 2014).
    static func appending(_ token: Int32, to hash: UInt64) -> UInt64 {
        var z = (hash &+ UInt64(UInt32(bitPattern: token)) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    static func of(_ tokens: ArraySlice<Int32>) -> UInt64 { tokens.reduce(empty) { appending($1, to: $0) } }
}
