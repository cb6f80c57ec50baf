import Crypto
import Experiment
import Foundation

/// Which side of the split tokens are on.
public enum CorpusSide: String, Sendable, CaseIterable {
    case train
    case heldOut = "held-out"
}

/// The split into training and held-out text (DESIGN §6): a unit is held out when its keyed hash is in the lowest 5 %.
/// The hash is over the unit's bytes alone, so equal text is always on one side, whatever file or machine it is on.
struct HeldOutSplit: Equatable {
    static let share = 0.05

    /// Units with hashes below this are held out.
    let limit: UInt64

    /// A split of units with these hashes that leaves at least one unit on each side.
    /// Throws `Failure(.badData)` when all text is one unit, or copies of one.
    init(hashes: some Sequence<UInt64>, source: String = SourceConfig.onlyName) throws {
        guard let smallest = hashes.min(), let largest = hashes.max(), smallest < largest else {
            throw Failure(
                .badData,
                "\(source == SourceConfig.onlyName ? "The corpus" : "The source \(source)") is a single piece of text (up to \(TextPieces.pieceBytes / 1024) KiB, or copies of it), so "
                    + "nothing can be held out for evaluation; give more text, or the text as several files.")
        }
        let usual = UInt64(Self.share * 0x1p64)
        limit = min(max(usual, smallest + 1), largest)
    }

    func side(of hash: UInt64) -> CorpusSide { hash < limit ? .heldOut : .train }

    /// HMAC-SHA-256 with a fixed key, not the run's seed: every run on a text holds out the same part of it.
    static func hash(_ unit: [UInt8]) -> UInt64 {
        let code = HMAC<SHA256>.authenticationCode(for: unit, using: key)
        return code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static let key = SymmetricKey(data: Data("apus held-out split, version 1".utf8))
}
