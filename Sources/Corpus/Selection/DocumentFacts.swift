import Crypto
import Experiment

/// What decides whether a document is kept. 48 bytes, and 560 more with a signature.
struct DocumentFacts: Sendable, Equatable {
    /// Of the text's bytes; of token ids, each as four bytes, little-endian.
    let digest: ContentDigest
    /// Bytes of text; four per token id, which is also about what a token stands for in English text.
    let bytes: Int
    /// Share of the bytes that are in lines which came before (see `LineRepetition`); 0 for token ids, and where the
    /// filter has no `maxRepetition`.
    let repetition: Double
    /// Nil for fewer than five words, and where the filter has no `nearDuplicates`.
    let signature: MinHash?
}

/// The first 128 bits of the SHA-256 of a document's content. Two different ones among n documents are equal with a
/// probability of n^2 / 2^129: 10^-21 for a billion.
struct ContentDigest: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(_ digest: SHA256.Digest) {
        func word(_ from: Int) -> UInt64 {
            digest.dropFirst(from).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        high = word(0)
        low = word(8)
    }

    /// 32 digits.
    var hexadecimal: String {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) } }
            .hexadecimal
    }
}

/// Why a document is left out.
public enum DropReason: String, Codable, CaseIterable, Sendable, CodingKeyRepresentable {
    /// Equal to an earlier document that was kept.
    case duplicate
    /// Nearly equal to an earlier document that was kept.
    case nearDuplicate = "near_duplicate"
    case tooShort = "too_short"
    case tooLong = "too_long"
    /// Too much of it is in lines that came before in it.
    case repetitive
    /// Its bytes are no UTF-8. Found where text is read; selection never gives it.
    case notText = "not_text"
}
