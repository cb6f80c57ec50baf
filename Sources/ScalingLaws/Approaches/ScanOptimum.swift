import Foundation

/// The best learning rate or batch of one model and length, from runs that differ in it alone: the minimum of a parabola
/// of the loss in ln x through the lowest run and its neighbours, for such curves are steep where training breaks down.
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
    /// Loss in nats over ln x, through the lowest point and up to two neighbours on either side; nil with fewer than 3.
    public let parabola: Parabola?
    /// The standard error of ln(best value) under the noise of the losses; nil without noise.
    public let logError: Double?
    /// Whether the lowest run is the first or the last of the scan: the best value may lie beyond.
    public let isEdge: Bool

    /// Parameters of the scan.
    public var n: Double { points[0].n }
    /// Training tokens of the scan.
    public var d: Double { points[0].d }
    /// Training FLOPs of the scan.
    public var compute: Double { points[0].compute }

    /// The best value: the parabola's minimum where it lies within the scan; nil at an edge.
    public var best: Double? {
        guard !isEdge, let vertex = parabola?.vertex, let low = points.first?.value, let high = points.last?.value,
            log(low) < vertex, vertex < log(high)
        else { return nil }
        return exp(vertex)
    }

    /// The loss there; nil at an edge.
    public var bestLoss: Double? { best.flatMap { value in parabola?.value(at: log(value)) } }

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
        let x = near.map { log($0.value) }
        parabola = Parabola(x, near.map(\.loss))
        logError = noise.flatMap { noise in
            var generator = NormalNoise(seed: seed)
            let vertices = (0..<resamples).compactMap { _ in
                Parabola(x, near.map { $0.loss * exp(noise.standardDeviation * generator.next()) })?.vertex
            }
            return Percentiles.central(vertices, level: 0.6827).map { ($0.upperBound - $0.lowerBound) / 2 }
        }
    }

    /// The scans among runs: those of one N and D with at least three values, by rising compute.
    public static func scans(_ points: [Point], noise: SeedNoise? = nil) -> [ScanOptimum] {
        struct Key: Hashable {
            let n: Double
            let d: Double
        }
        return Dictionary(grouping: points) { Key(n: $0.n, d: $0.d) }.values
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
