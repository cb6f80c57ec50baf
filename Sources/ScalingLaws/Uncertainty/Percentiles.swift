/// Central intervals of drawn values.
enum Percentiles {
    /// The central share `level` of the values; nil with fewer than two.
    static func central(_ values: [Double], level: Double = 0.95) -> ClosedRange<Double>? {
        guard values.count > 1, values.allSatisfy(\.isFinite) else { return nil }
        let sorted = values.sorted()
        return quantile(sorted, (1 - level) / 2)...quantile(sorted, (1 + level) / 2)
    }

    /// Linear between order statistics (Hyndman and Fan 1996, type 7).
    private static func quantile(_ sorted: [Double], _ p: Double) -> Double {
        let place = p * Double(sorted.count - 1)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
}
