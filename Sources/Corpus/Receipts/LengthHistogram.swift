/// How long stretches are, in tokens without end-of-text, by powers of two.
public struct LengthHistogram: Sendable, Equatable, Encodable {
    /// Lengths from `from` on and below `below`.
    public struct Bin: Sendable, Equatable, Encodable {
        public let from: Int
        public let below: Int
        public fileprivate(set) var stretches: Int
    }

    /// From the first that is not empty to the last that is not.
    public private(set) var bins: [Bin]

    /// Of both sides of a source. Throws `Failure(.badData)` for places that do not fit the tokens.
    init(_ corpus: PreparedCorpus, source: Int) throws {
        var counts: [Int] = []
        for side in CorpusSide.allCases {
            let stretches = Stretches(corpus, source: source, side: side)
            for number in 0..<stretches.count {
                let bin = Self.bin(ofLength: try stretches.stretch(number).textTokens.count)
                while counts.count <= bin { counts.append(0) }
                counts[bin] += 1
            }
        }
        let first = counts.firstIndex { $0 > 0 } ?? 0
        bins = counts.indices.dropFirst(first).map { bin in
            Bin(from: bin == 0 ? 0 : 1 << (bin - 1), below: 1 << bin, stretches: counts[bin])
        }
    }

    /// 0 for no token, 1 for one, 2 for 2 and 3, 3 for 4 to 7.
    private static func bin(ofLength length: Int) -> Int { Int.bitWidth - length.leadingZeroBitCount }
}
