/// Central intervals of drawn values.
enum Percentiles {
    /// The central share `level` of the values; nil with fewer than two.
    static func central(_ values: [Double], level: Double = 0.95) -> ClosedRange<Double>? {
        guard values.count > 1, values.allSatisfy(\.isFinite) else { return nil }
        let sorted = values.sorted()
        return Bootstrap.quantile(sorted, (1 - level) / 2)...Bootstrap.quantile(sorted, (1 + level) / 2)
    }
}
