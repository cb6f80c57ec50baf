/// 64-bit hashes that are the same on every machine and in every process, unlike those of `Hasher`. Not for keeping
/// adversaries out: where that counts, SHA-256 decides.
enum MixedHash {
    /// A bijection of 64-bit words in which every bit of the input moves half of the output: the finaliser of
    /// SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
    static func mix(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// FNV-1a's start (Fowler, Noll and Vo): the hash of no bytes, before it is mixed.
    static let start: UInt64 = 0xCBF2_9CE4_8422_2325

    /// FNV-1a's step. Its low bits are weak; `mix` what comes out of the last one.
    static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
}

/// A hash over the last `window` words of a sequence: sum of word(i) · multiplier^(age of i), modulo 2^64 (Karp and
/// Rabin 1987). Equal windows have equal hashes, wherever they stand. Mix it before its bits are used.
struct RollingHash {
    /// Any odd number without a pattern: the fraction of the golden ratio.
    static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

    private(set) var value: UInt64 = 0
    /// multiplier^window: what a word is weighed with when it leaves.
    private let leavingWeight: UInt64

    init(window: Int) {
        leavingWeight = (0..<window).reduce(1) { power, _ in power &* Self.multiplier }
    }

    /// - Parameter leaving: the word that entered `window` words ago; 0 while there is none.
    mutating func roll(entering: UInt64, leaving: UInt64) {
        value = value &* Self.multiplier &+ entering &- leaving &* leavingWeight
    }
}
