/// Seconds since it was made, by a clock that never jumps.
struct Stopwatch {
    private let begun = ContinuousClock.now

    var seconds: Double { Double((ContinuousClock.now - begun).attoseconds) * 1e-18 }
}

extension Duration {
    fileprivate var attoseconds: Int128 {
        Int128(components.seconds) * 1_000_000_000_000_000_000 + Int128(components.attoseconds)
    }
}
