import Foundation

/// The best learning rate or batch of one model and length, from runs that differ in it alone: the minimum of a parabola
/// of the loss in ln x through the lowest run and its neighbours. Such curves are steep where training breaks down, so only
/// runs near the lowest loss count; with fewer than three of them the lowest run itself is the best, as well as the scan's
/// steps can tell.
public struct ScanOptimum: Sendable {
    /// A run of a scan.
    public struct Point: Sendable, Equatable {
        /// Parameters.
        public var n: Double
        /// Training tokens.
        public var d: Double
        /// Training FLOPs.
        public var compute: Double
        /// The learning rate, or tokens of a batch.
        public var value: Double
        /// Nats per token.
        public var loss: Double

        /// A run of `n` parameters and `d` tokens that reached `loss` with `value`.
        public init(n: Double, d: Double, compute: Double? = nil, value: Double, loss: Double) {
            self.n = n
            self.d = d
            self.compute = compute ?? 6 * n * d
            self.value = value
            self.loss = loss
        }
    }

    /// By rising value, those of a value averaged.
    public let points: [Point]
    /// Loss in nats over ln x, through the lowest point and up to two neighbours on either side that lie within `flat`; nil
    /// with fewer than 3.
    public let parabola: Parabola?
    /// The standard error of ln(best value): under the noise of the losses, or of a value within half a step of the scan
    /// where there is no parabola; nil without noise.
    public let logError: Double?
    /// Whether the lowest run is the first or the last of the scan: the best value may lie beyond.
    public let isEdge: Bool

    /// Parameters of the scan.
    public var n: Double { points[0].n }
    /// Training tokens of the scan.
    public var d: Double { points[0].d }
    /// Training FLOPs of the scan.
    public var compute: Double { points[0].compute }

    /// The best value: the parabola's minimum where it lies within the scan, the lowest run's without a parabola; nil at an
    /// edge.
    public var best: Double? {
        guard !isEdge, let low = points.first?.value, let high = points.last?.value else { return nil }
        guard let parabola else { return lowest.value }
        guard let vertex = parabola.vertex, log(low) < vertex, vertex < log(high) else { return nil }
        return exp(vertex)
    }

    /// The lowest run.
    public var lowest: Point { points.min { $0.loss < $1.loss } ?? points[0] }

    /// The loss there; nil at an edge.
    public var bestLoss: Double? { best.map { value in parabola?.value(at: log(value)) ?? lowest.loss } }

    /// The share of the lowest loss above it up to which a curve is taken for a parabola.
    static let flat = 0.05

    /// Reads one scan. `points` has at least one run; all of one model and length.
    init(_ points: [Point], noise: SeedNoise?, resamples: Int = 200, seed: UInt64 = 1) {
        let values = Dictionary(grouping: points, by: \.value).values.map { runs in
            var mean = runs[0]
            mean.loss = runs.map(\.loss).sorted().reduce(0, +) / Double(runs.count)
            return mean
        }.sorted { $0.value < $1.value }
        self.points = values
        let lowest = values.indices.min { values[$0].loss < values[$1].loss } ?? 0
        isEdge = lowest == 0 || lowest == values.count - 1
        let near = values[max(0, lowest - 2)...min(values.count - 1, lowest + 2)]
            .filter { $0.loss < (1 + Self.flat) * values[lowest].loss }
        let x = near.map { log($0.value) }
        parabola = near.count > 2 ? Parabola(x, near.map(\.loss)) : nil
        if parabola == nil {
            let steps = values[max(0, lowest - 1)...min(values.count - 1, lowest + 1)].map { log($0.value) }
            // Anywhere within half a step to both sides: the deviation of a uniform distribution.
            logError = noise == nil ? nil : (steps[steps.count - 1] - steps[0]) / 2 / 12.0.squareRoot()
        } else {
            logError = noise.flatMap { noise in
                var generator = NormalNoise(seed: seed)
                let vertices = (0..<resamples).compactMap { _ in
                    Parabola(x, near.map { $0.loss * exp(noise.standardDeviation * generator.next()) })?.vertex
                }
                return Percentiles.central(vertices, level: 0.6827).map { ($0.upperBound - $0.lowerBound) / 2 }
            }
        }
    }

    /// The scans among runs: those of one N and (to 3 %) D with at least three values, by rising compute.
    public static func scans(_ points: [Point], noise: SeedNoise? = nil) -> [ScanOptimum] {
        struct Key: Hashable {
            let n: Double
            let d: Double
        }
        let lengths = ScanGroups.lengthsMadeOne(points.map(\.d))
        return Dictionary(grouping: points.indices) { Key(n: points[$0].n, d: lengths[$0]) }.values
            .map { $0.map { points[$0] } }
            .filter { Set($0.map(\.value)).count > 2 }
            .map { ScanOptimum($0, noise: noise) }
            .sorted { ($0.compute, $0.n) < ($1.compute, $1.n) }
    }

    /// The power law of the best value against compute in FLOPs, through the scans that have one.
    /// - Throws: `TableError` when fewer than two scans have their best value inside.
    public static func law(_ scans: [ScanOptimum]) throws -> PowerLaw {
        let points = scans.compactMap { scan in
            scan.best.map { PowerLaw.Point(x: scan.compute, y: $0, logError: scan.logError) }
        }
        guard Set(points.map(\.x)).count > 1 else {
            throw TableError(
                "a power law of the best value needs 2 scans with their minimum inside, at different compute, and of "
                    + "\(scans.count) \(scans.count == 1 ? "scan" : "scans") \(points.count) "
                    + "\(points.count == 1 ? "has" : "have") one: widen the scans that end at their lowest run")
        }
        return try PowerLaw(points)
    }
}

/// Whether the best value of one size is that of others too, as muP has it (Yang et al. 2022).
public struct ScanTransfer: Sendable, Equatable {
    /// The lowest and the highest best value.
    public let best: ClosedRange<Double>
    /// The smallest and the largest N.
    public let parameters: ClosedRange<Double>
    /// Highest over lowest.
    public var ratio: Double { best.upperBound / best.lowerBound }

    /// Of the scans that have their minimum inside; nil when they are of fewer than two sizes.
    public init?(_ scans: [ScanOptimum]) {
        let found = scans.compactMap { scan in scan.best.map { (n: scan.n, best: $0) } }
        guard let low = found.map(\.best).min(), let high = found.map(\.best).max(),
            let smallest = found.map(\.n).min(), let largest = found.map(\.n).max(), smallest < largest
        else { return nil }
        best = low...high
        parameters = smallest...largest
    }
}
