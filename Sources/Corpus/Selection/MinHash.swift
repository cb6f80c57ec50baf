/// The signature of a document's set of shingles: 128 values, of which two documents share about as large a part as
/// their sets have in common (Broder 1997, "On the resemblance and containment of documents").
struct MinHash: Sendable, Equatable {
    /// Values of a signature.
    static let count = 128

    /// `count` values.
    let values: [UInt32]

    /// The share of equal values: an estimate of the Jaccard similarity J of the two sets (size of what both have
    /// over size of what either has), with a standard deviation of about √(J(1 - J) / 128), 0.044 at most.
    func similarity(to other: MinHash) -> Double { Double(equalValues(other)) / Double(Self.count) }

    func equalValues(_ other: MinHash) -> Int {
        var equal = 0
        for i in 0..<Self.count { equal &+= values[i] == other.values[i] ? 1 : 0 }
        return equal
    }
}

extension MinHash {
    /// The signature from one permutation (Li, Owen and Zhang 2012, "One permutation hashing"): the smallest shingle
    /// hash in each bin; nil when all bins are empty.
    /// - Parameter smallest: `count` of them, the bin in the highest seven bits; `UInt64.max` in an empty bin.
    init?(smallest: [UInt64]) {
        // A bit per bin.
        var filled: UInt128 = 0
        for bin in 0..<Self.count where smallest[bin] != .max { filled |= 1 << UInt128(bin) }
        guard filled != 0 else { return nil }
        // The low bits: the high ones of a minimum are mostly zero.
        var values = smallest.map { UInt32(truncatingIfNeeded: $0) }
        var empty = ~filled
        for distance in Self.distances where empty != 0 {
            var taking = (filled << UInt128(distance) | filled >> UInt128(Self.count - distance)) & empty
            empty &= ~taking
            while taking != 0 {
                let bin = taking.trailingZeroBitCount
                values[bin] = values[(bin + Self.count - distance) % Self.count]
                taking &= taking - 1
            }
        }
        self.values = values
    }

    /// From how far below it an empty bin takes the value of a filled one: the first distance at which there is one.
    /// The order is the same in all documents, so two of them agree in such a bin with probability J, as in a filled
    /// one. That is the rotation of Shrivastava and Li 2014 ("Densifying one permutation hashing via rotation") with
    /// the distances shuffled, since with 1, 2, 3, … a run of empty bins takes all its values from one bin, which makes
    /// estimates of short documents less exact (Shrivastava 2017, "Optimal densification for fast and accurate minwise
    /// hashing").
    private static let distances: [Int] = (1..<count).sorted {
        MixedHash.mix(UInt64($0)) < MixedHash.mix(UInt64($1))
    }
}
