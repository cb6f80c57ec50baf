import Crypto
import Foundation

/// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a counter in, four random words
/// out, the same whoever asks and in any order.
public struct Philox: Sendable, Equatable {
    public let key: SIMD2<UInt32>

    public init(key: SIMD2<UInt32>) { self.key = key }

    /// The four words at a counter.
    public func block(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
        var c = counter
        var k = key
        for _ in 0..<10 {
            let low = UInt64(c.x) * 0xD251_1F53
            let high = UInt64(c.z) * 0xCD9E_8D57
            c = SIMD4(
                UInt32(high >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: high),
                UInt32(low >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: low))
            k = k &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return c
    }
}

/// A stream of random numbers keyed by (seed, purpose, name): number `index` is a pure function of the four.
public struct RandomStream: Sendable, Equatable {
    public let generator: Philox

    public init(seed: UInt64, purpose: String, name: String = "") {
        let seedBytes = (0..<8).map { UInt8(truncatingIfNeeded: seed >> (8 * UInt64($0))) }
        let bytes = Array(SHA256.hash(data: Data(seedBytes) + Data("\(purpose)\u{0}\(name)".utf8)))
        func word(_ at: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) }
        }
        generator = Philox(key: SIMD2(word(0), word(4)))
    }

    /// 64 random bits.
    public func bits(_ index: UInt64) -> UInt64 {
        let block = generator.block(
            SIMD4(UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, 0))
        return UInt64(block.x) | UInt64(block.y) << 32
    }

    /// Uniform in the open interval (0, 1), on the centres of a grid of 2^52 cells.
    public func uniform(_ index: UInt64) -> Double {
        (Double(bits(index) >> 12) + 0.5) * 0x1p-52
    }

    /// Standard normal.
    public func normal(_ index: UInt64) -> Double {
        PortableMath.normalQuantile(uniform(index))
    }
}

/// A pseudo-random permutation of 0..<count as a pure function of its key: a Feistel network over the next power of
/// four, walked until it lands inside (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
public struct KeyedPermutation: Sendable {
    public let count: Int
    private let generator: Philox
    private let halfBits: UInt64

    /// - Precondition: `count` > 0.
    public init(count: Int, stream: RandomStream) {
        precondition(count > 0, "a permutation needs at least one element")
        self.count = count
        generator = stream.generator
        var bits: UInt64 = 1
        while bits < 31, UInt64(count) > 1 << (2 * bits) { bits += 1 }
        halfBits = bits
    }

    /// Where `index` goes. Expected cost: at most four walks of eight rounds.
    public subscript(index: Int) -> Int {
        precondition((0..<count).contains(index), "index \(index) is outside of 0..<\(count)")
        var value = UInt64(index)
        repeat { value = encrypt(value) } while value >= UInt64(count)
        return Int(value)
    }

    /// What goes to `value`: the inverse of the subscript, at the same cost.
    public func index(of value: Int) -> Int {
        precondition((0..<count).contains(value), "value \(value) is outside of 0..<\(count)")
        var index = UInt64(value)
        repeat { index = decrypt(index) } while index >= UInt64(count)
        return Int(index)
    }

    private func encrypt(_ value: UInt64) -> UInt64 {
        let mask: UInt64 = (1 << halfBits) - 1
        var left = value >> halfBits
        var right = value & mask
        for round in 0..<UInt32(8) {
            (left, right) = (right, left ^ (roundBits(right, round) & mask))
        }
        return left << halfBits | right
    }

    private func decrypt(_ value: UInt64) -> UInt64 {
        let mask: UInt64 = (1 << halfBits) - 1
        var left = value >> halfBits
        var right = value & mask
        for round in (0..<UInt32(8)).reversed() {
            (left, right) = (right ^ (roundBits(left, round) & mask), left)
        }
        return left << halfBits | right
    }

    private func roundBits(_ half: UInt64, _ round: UInt32) -> UInt64 {
        UInt64(generator.block(SIMD4(UInt32(half), round, UInt32(halfBits), 0x5045_524D)).x)
    }
}
