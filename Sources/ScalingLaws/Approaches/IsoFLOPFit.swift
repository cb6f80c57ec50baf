import Foundation

/// Approach 2 of Hoffmann et al. 2022 (§3.2): at every budget a parabola of the loss in ln N, and a power law through
/// the minima: N* = k C^a, D* = k' C^b.
public struct IsoFLOPFit: Sendable {
    /// How profiles are made and intervals drawn.
    public struct Options: Sendable, Equatable {
        /// Runs belong to one budget when their compute is within this share of the smallest of them.
        public var tolerance: Double
        /// Draws of the losses behind the intervals.
        public var resamples: Int
        /// Of the draws.
        public var seed: UInt64

        /// Budgets within 10 %, 1,000 draws.
        public init(tolerance: Double = 0.1, resamples: Int = 1000, seed: UInt64 = 1) {
            self.tolerance = tolerance
            self.resamples = resamples
            self.seed = seed
        }
    }

    /// By rising budget; budgets with fewer than three sizes are left out.
    public let profiles: [IsoFLOPProfile]
    /// N* = k C^a through the interior minima, C in FLOPs.
    public let parameters: PowerLaw
    /// D* = k' C^b through the interior minima, tokens.
    public let tokens: PowerLaw
    /// The noise of ln L behind the intervals: the replicates' where given, else the scatter about the parabolas, of
    /// which their misfit is a part. nil when nothing tells it.
    public let noise: SeedNoise?
    /// 95 % of a under that noise, the whole way through the parabolas (Porian et al. 2024); its own uncertainty widens
    /// the interval as Student's t does. nil without noise.
    public let aInterval: ClosedRange<Double>?
    /// 95 % of b, likewise.
    public let bInterval: ClosedRange<Double>?
    /// Runs that share no budget with two other sizes.
    public let unusedPoints: Int
    /// How the profiles were made.
    public let options: Options

    /// a: the exponent of N*.
    public var a: Double { parameters.exponent }
    /// b: the exponent of D*.
    public var b: Double { tokens.exponent }
    /// The median of the profiles' half widths: sizes run from N/w to N w.
    public var gridWidth: Double {
        let widths = profiles.map(\.gridWidth).sorted()
        return widths[widths.count / 2]
    }

    /// Fits every budget, then the power laws, weighted by the minima's own errors where there is noise.
    /// - Throws: `TableError` when fewer than two budgets have a minimum between their sizes.
    public init(_ points: [FitPoint], noise: SeedNoise? = nil, options: Options = Options()) throws {
        var profiles = Self.profiles(points, options: options)
        self.options = options
        unusedPoints = points.count - profiles.reduce(0) { $0 + $1.points.count }
        let interior = profiles.count(where: \.isInterior)
        guard interior > 1 else {
            throw TableError(
                "an IsoFLOP fit needs a minimum inside the sizes of at least 2 budgets, and of \(profiles.count) "
                    + "\(profiles.count == 1 ? "budget" : "budgets") with 3 or more sizes \(interior) "
                    + "\(interior == 1 ? "has" : "have") one: add runs of smaller and larger models at equal compute")
        }
        let noise = noise ?? Self.scatter(about: profiles)
        self.noise = noise
        if let noise {
            var generator = NormalNoise(seed: options.seed)
            for _ in 0..<options.resamples {
                // One deviation for all budgets: it was estimated once, from all of them.
                let deviation = noise.standardDeviation * generator.scale(degreesOfFreedom: noise.degreesOfFreedom)
                for i in profiles.indices { profiles[i].drawVertex(deviation: deviation, from: &generator) }
            }
        }
        self.profiles = profiles
        let used = profiles.filter(\.isInterior)
        parameters = try Self.law(used, \.vertexParameters, \.n, options)
        tokens = try Self.law(used, \.vertexTokens, \.d, options)
        aInterval = Self.exponents(used, parameters, \.n)
        bInterval = Self.exponents(used, tokens, \.d)
    }

    /// The profiles alone, for a figure, also where no power law can be fitted.
    public static func profiles(_ points: [FitPoint], options: Options = Options()) -> [IsoFLOPProfile] {
        IsoFLOPProfile.grouped(points, tolerance: options.tolerance).filter { $0.overParameters != nil }
    }

    private static func scatter(about profiles: [IsoFLOPProfile]) -> SeedNoise? {
        let freedom = profiles.reduce(0) { $0 + max($1.points.count - 3, 0) }
        let squares = profiles.flatMap(\.residuals).reduce(0) { $0 + $1 * $1 }
        guard freedom > 0, squares > 1e-24 else { return nil }
        return SeedNoise(standardDeviation: (squares / Double(freedom)).squareRoot(), degreesOfFreedom: freedom)
    }

    private static func law(
        _ profiles: [IsoFLOPProfile], _ vertex: KeyPath<IsoFLOPProfile, Double?>,
        _ value: KeyPath<IsoFLOPProfile.Vertex, Double>, _ options: Options
    ) throws -> PowerLaw {
        let points = profiles.compactMap { profile in
            profile[keyPath: vertex].map {
                PowerLaw.Point(x: profile.budget, y: $0, logError: profile.logError(value))
            }
        }
        return try PowerLaw(points, resamples: options.resamples, seed: options.seed)
    }

    /// The k-th draw of every budget makes the k-th line.
    private static func exponents(
        _ profiles: [IsoFLOPProfile], _ law: PowerLaw, _ value: KeyPath<IsoFLOPProfile.Vertex, Double>
    ) -> ClosedRange<Double>? {
        let errors = law.points.compactMap(\.logError)
        let weights = errors.count == profiles.count ? errors.map { 1 / ($0 * $0) } : nil
        let x = profiles.map { log($0.budget) }
        let draws = profiles.map(\.vertices.count).min() ?? 0
        let slopes: [Double] = (0..<draws).compactMap { draw in
            let y = profiles.compactMap { profile in profile.vertices[draw].map { log($0[keyPath: value]) } }
            return y.count == x.count ? LinearRegression(x, y, weights: weights).slope : nil
        }
        return Percentiles.central(slopes)
    }
}
