import Foundation

/// Splits the time of a slot's work into parts: each lap gives the time since the last one to a part. A lap reads a
/// monotonic clock and adds: no allocation, no lock.
public final class LapClock {
    public enum Part: Int, Sendable, CaseIterable {
        /// Matrix products of linear layers and of the head.
        case products
        /// All of attention, its products too.
        case attention
        /// Norms, activations, biases, residuals, embeddings and dropout.
        case norms
        /// Cross-entropy.
        case loss
    }

    private var last = 0  // nanoseconds
    private var totals = SIMD4<Int>.zero  // nanoseconds of each part

    public init() {}

    /// What came before belongs to no part.
    public func start() { last = Self.now() }

    /// The time since the last lap, or the start, belongs to `part`.
    public func lap(_ part: Part) {
        let now = Self.now()
        totals[part.rawValue] += now - last
        last = now
    }

    public func seconds(of part: Part) -> Double { Double(totals[part.rawValue]) * 1e-9 }

    /// All parts begin at 0 again.
    public func reset() { totals = .zero }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
