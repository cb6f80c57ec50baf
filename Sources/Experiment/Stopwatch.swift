/// Seconds since it was made, by a clock that never jumps.
public struct Stopwatch: Sendable {
    private let begun = ContinuousClock.now

    public init() {}

    public var seconds: Double { (ContinuousClock.now - begun) / .seconds(1) }
}
