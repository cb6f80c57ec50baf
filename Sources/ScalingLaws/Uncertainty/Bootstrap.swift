/// The pair bootstrap of a parametric fit: runs drawn with replacement, each resample fitted from the optimum
/// (Efron 1979; Besiroglu et al. 2024, §3). The draws are a pure function of the seed.
public struct Bootstrap: Sendable {
    /// The laws of the resamples that could be fitted.
    public let laws: [ChinchillaLaw]
    /// Resamples without at least two N, two D and a finite optimum.
    public let skipped: Int

    /// nil when no resamples are asked for or none could be fitted.
    init?(_ objective: ChinchillaObjective, from best: Minimum, options: ChinchillaOptions) {
        var generator = SplitMix64(seed: options.seed)
        var resample = objective
        var laws: [ChinchillaLaw] = []
        for _ in 0..<options.resamples {
            resample.weights = Self.counts(of: objective.weights.count, using: &generator)
            guard resample.hasTwoOfEach else { continue }
            let end = Minimizer(majorizingSteps: 15, exactSteps: 60, tolerance: 1e-8)
                .minimize(resample, from: best.parameters)
            let law = objective.law(end.parameters)
            guard ChinchillaFit.values(of: law).allSatisfy(\.isFinite) else { continue }
            laws.append(law)
        }
        guard !laws.isEmpty else { return nil }
        self.laws = laws
        skipped = options.resamples - laws.count
    }

    /// How often each of `count` points is drawn in `count` draws with replacement.
    private static func counts(of count: Int, using generator: inout SplitMix64) -> [Double] {
        var counts = Array(repeating: 0.0, count: count)
        for _ in 0..<count { counts[Int.random(in: 0..<count, using: &generator)] += 1 }
        return counts
    }

    /// The values of a named parameter (`ChinchillaFit.parameterNames`) over the resamples.
    public func values(_ name: String) -> [Double] {
        guard let index = ChinchillaFit.parameterNames.firstIndex(of: name) else { return [] }
        return laws.map { ChinchillaFit.values(of: $0)[index] }
    }

    /// The central 95 % of a parameter.
    public func interval(_ name: String) -> ClosedRange<Double>? { Self.centralInterval(values(name)) }

    /// The standard deviation of a parameter over the resamples.
    public func standardError(_ name: String) -> Double? {
        let values = values(name)
        guard values.count > 1 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }

    /// The central 95 % of the predicted loss at (n, d): the spread of the law, not of a single run.
    public func lossInterval(n: Double, d: Double) -> ClosedRange<Double>? {
        Self.centralInterval(laws.map { $0.loss(n: n, d: d) })
    }

    static func centralInterval(_ values: [Double]) -> ClosedRange<Double>? {
        guard values.count > 1 else { return nil }
        let sorted = values.sorted()
        return quantile(sorted, 0.025)...quantile(sorted, 0.975)
    }

    /// Linear between order statistics (Hyndman and Fan 1996, type 7).
    private static func quantile(_ sorted: [Double], _ p: Double) -> Double {
        let place = p * Double(sorted.count - 1)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
}

/// Vigna's SplitMix64: 64 random bits per call, the same sequence for the same seed everywhere.
struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
