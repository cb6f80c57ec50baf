/// The signatures of the documents that were kept, found again by those that resemble them: near duplicates as in Lee
/// et al. 2022 ("Deduplicating training data makes language models better"), by the estimated similarity alone.
///
/// A signature is cut into bands of equal length; documents that agree in a whole band are compared (Leskovec,
/// Rajaraman and Ullman, "Mining of massive datasets", §3.4). Time for a document: one comparison per band and earlier
/// document that agrees in it.
///
/// Memory per kept document: 568 bytes of signature, and per band 4 to 8 of chain and 11 to 21 of table: 1.0 to 1.5 kB
/// at thresholds of 0.7 and 0.8, which have 32 bands.
struct NearDuplicateIndex {
    /// Equal values, of 128, that make a near duplicate.
    private let fewestEqual: Int
    private let bands: Int
    private var signatures: [MinHash] = []
    /// Per band, from a tag of the values in it to the newest document with it, plus one.
    private var newest: [BandTable]
    /// For document d and band b at [d · bands + b]: the one before it with the same tag, plus one; 0 for none.
    private var previous: [UInt32] = []

    /// - Parameter threshold: similarity, in (0, 1], from which a document is a near duplicate.
    init(threshold: Double) {
        precondition(threshold > 0 && threshold <= 1, "the threshold is a similarity in (0, 1]")
        fewestEqual = Int((threshold * Double(MinHash.count)).rounded(.up))
        bands = Self.bands(threshold: threshold)
        newest = Array(repeating: BandTable(), count: bands)
    }

    /// The fewest bands with which a pair of exactly the threshold's similarity is missed less than once in a
    /// thousand: 64 for 0.6, 32 for 0.7 and 0.8, 16 for 0.9.
    static func bands(threshold: Double) -> Int {
        // By plain products, which are the same on every machine.
        func power(_ base: Double, _ exponent: Int) -> Double {
            (0..<exponent).reduce(1) { product, _ in product * base }
        }
        let choices = [4, 8, 16, 32, 64]
        return choices.first { power(1 - power(threshold, MinHash.count / $0), $0) < 0.001 } ?? MinHash.count
    }

    /// Adds a document unless it is a near duplicate of an earlier one. False when it is.
    mutating func insert(_ signature: MinHash) -> Bool {
        let tags = (0..<bands).map { tag(signature, band: $0) }
        for band in 0..<bands where resembles(signature, chain: newest[band].document(tags[band]), band: band) {
            return false
        }
        guard let number = UInt32(exactly: signatures.count + 1) else {
            preconditionFailure("an index holds fewer than 2^32 documents")
        }
        signatures.append(signature)
        for band in 0..<bands { previous.append(newest[band].replace(tags[band], by: number)) }
        return true
    }

    /// Earlier documents that a band compares with. Text from one template would otherwise be compared each with all.
    private static let longestChain = 256

    /// Whether `signature` nearly equals one of the newest documents of the band's chain from `number` on.
    private func resembles(_ signature: MinHash, chain number: UInt32, band: Int) -> Bool {
        var number = number
        for _ in 0..<Self.longestChain where number != 0 {
            let document = Int(number - 1)
            if signatures[document].equalValues(signature) >= fewestEqual { return true }
            number = previous[document * bands + band]
        }
        return false
    }

    /// 32 bits for the values in a band. Bands with one tag but other values cost a comparison, nothing else.
    private func tag(_ signature: MinHash, band: Int) -> UInt32 {
        let rows = MinHash.count / bands
        let hash = signature.values[band * rows..<(band + 1) * rows].reduce(0) { MixedHash.mix($0 &+ UInt64($1)) }
        return UInt32(truncatingIfNeeded: hash)
    }
}
