import Foundation

/// How much ln L moves when nothing but the seed of a run changes.
public struct SeedNoise: Sendable, Equatable {
    /// Runs that are equal but for their seed.
    public struct Replicates: Sendable, Equatable {
        /// Parameters.
        public let n: Double
        /// Training tokens.
        public let d: Double
        /// The mean loss, nats per token.
        public let loss: Double
        /// Runs.
        public let count: Int
        /// Of ln L, with count − 1 degrees of freedom.
        public let standardDeviation: Double
    }

    /// Of ln L: a relative deviation of the loss.
    public let standardDeviation: Double
    /// Behind `standardDeviation`.
    public let degreesOfFreedom: Int
    /// The groups that it was pooled over; empty where it was given.
    public let replicates: [Replicates]

    /// A noise that is known from elsewhere.
    public init(standardDeviation: Double, degreesOfFreedom: Int) {
        precondition(standardDeviation > 0 && degreesOfFreedom > 0, "a noise is above 0 and has a degree of freedom")
        self.standardDeviation = standardDeviation
        self.degreesOfFreedom = degreesOfFreedom
        replicates = []
    }

    /// Pools the variance over all groups of runs with the same N, D, batch and unique tokens and different seeds:
    /// σ² = Σ Σ (ln L − mean)² / Σ (runs − 1). A group in which a seed comes twice differs in something that the table
    /// does not tell (a scanned learning rate, say) and is left out. nil when there are no replicates.
    public init?(_ points: [FitPoint]) {
        struct Key: Hashable {
            let n: Double
            let d: Double
            let batch: Double?
            let unique: Double?
        }
        let groups = Dictionary(grouping: points.filter { $0.seed != nil }) {
            Key(n: $0.n, d: $0.d, batch: $0.batchTokens, unique: $0.uniqueTokens)
        }
        let found = groups.values.filter { group in
            group.count > 1 && Set(group.compactMap(\.seed)).count == group.count
        }.map(Self.replicates).sorted { ($0.n, $0.d, $0.loss) < ($1.n, $1.d, $1.loss) }
        let freedom = found.reduce(0) { $0 + $1.count - 1 }
        let squares = found.reduce(0) { $0 + Double($1.count - 1) * $1.standardDeviation * $1.standardDeviation }
        guard freedom > 0, squares > 0 else { return nil }
        standardDeviation = (squares / Double(freedom)).squareRoot()
        degreesOfFreedom = freedom
        replicates = found
    }

    private static func replicates(_ group: [FitPoint]) -> Replicates {
        let count = Double(group.count)
        let mean = group.reduce(0) { $0 + log($1.loss) } / count
        // In a fixed order, so that the sum has the same bits however the runs were listed.
        let squares = group.map { (log($0.loss) - mean) * (log($0.loss) - mean) }.sorted().reduce(0, +)
        return Replicates(
            n: group[0].n, d: group[0].d, loss: group.reduce(0) { $0 + $1.loss } / count, count: group.count,
            standardDeviation: (squares / (count - 1)).squareRoot())
    }

    /// 95 % of the deviation: s √(ν/χ²) between the 97.5 % and the 2.5 % point of χ² with ν degrees of freedom.
    public var interval: ClosedRange<Double> {
        let freedom = Double(degreesOfFreedom)
        func bound(_ p: Double) -> Double {
            standardDeviation * (freedom / ChiSquared.quantile(p, degreesOfFreedom: degreesOfFreedom)).squareRoot()
        }
        return bound(0.975)...bound(0.025)
    }

    /// Half of a 95 % interval for a single run's ln L, by Student's t.
    public var halfWidth: Double { StudentT.quantile975(degreesOfFreedom: degreesOfFreedom) * standardDeviation }
}

/// The χ² distribution.
enum ChiSquared {
    /// The share below x: the regularised incomplete gamma function by its series, which always converges.
    static func share(below x: Double, degreesOfFreedom: Int) -> Double {
        guard x > 0 else { return 0 }
        let (a, half) = (Double(degreesOfFreedom) / 2, x / 2)
        var term = 1 / a
        var sum = term
        var k = a
        while term > sum * 1e-16 {
            k += 1
            term *= half / k
            sum += term
        }
        return min(1, sum * exp(a * log(half) - half - lgamma(a)))
    }

    /// The x below which the share is p, by bisection.
    static func quantile(_ p: Double, degreesOfFreedom: Int) -> Double {
        var (low, high) = (0.0, 10 * Double(degreesOfFreedom) + 50)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if share(below: middle, degreesOfFreedom: degreesOfFreedom) < p { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
