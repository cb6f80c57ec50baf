import Foundation

/// y = k x^p: a straight line of ln y on ln x by weighted least squares, with the intervals that the scatter about the
/// line gives and those that the known errors of its points give.
public struct PowerLaw: Sendable, Equatable {
    /// A point of the line.
    public struct Point: Sendable, Equatable {
        /// Above 0.
        public var x: Double
        /// Above 0.
        public var y: Double
        /// The standard error of ln y, where it is known.
        public var logError: Double?

        /// A point, with the standard error of ln y where it is known.
        public init(x: Double, y: Double, logError: Double? = nil) {
            self.x = x
            self.y = y
            self.logError = logError
        }
    }

    /// k.
    public let coefficient: Double
    /// p.
    public let exponent: Double
    /// 95 % by Student's t; nil with fewer than three points.
    public let exponentInterval: ClosedRange<Double>?
    /// 95 % by Student's t; nil with fewer than three points.
    public let coefficientInterval: ClosedRange<Double>?
    /// Of p, from the scatter; nil with fewer than three points.
    public let exponentError: Double?
    /// 95 % of p when every ln y moves by its own error (a noise bootstrap); nil when an error is unknown.
    public let noiseInterval: ClosedRange<Double>?
    /// Share of the weighted variance of ln y that the line explains.
    public let rSquared: Double
    /// Σ w (ln ŷ − ln y)².
    public let objective: Double
    /// The points of the line.
    public let points: [Point]

    private let line: LinearRegression

    /// Fits the line, with weights 1/error² when every point has an error above 0, else with equal ones (Porian et al.
    /// 2024 weight their optima so).
    /// - Throws: `TableError` with fewer than two different x, or with a number that is not finite and above 0.
    public init(_ points: [Point], resamples: Int = 1000, seed: UInt64 = 1) throws {
        if let bad = points.first(where: { !($0.x > 0 && $0.y > 0 && $0.x.isFinite && $0.y.isFinite) }) {
            throw TableError(
                "a power law goes through numbers above 0, and one of its \(points.count) points is (\(bad.x), "
                    + "\(bad.y)): remove or correct it")
        }
        guard Set(points.map(\.x)).count > 1 else {
            throw TableError(
                "a power law needs points at two or more x, and \(points.count == 1 ? "there is 1" : "all \(points.count) are at one"): "
                    + "add points")
        }
        let weights = Self.weights(points)
        let x = points.map { log($0.x) }
        line = LinearRegression(x, points.map { log($0.y) }, weights: weights)
        self.points = points
        coefficient = exp(line.intercept)
        exponent = line.slope
        rSquared = line.rSquared
        objective = line.residualSum
        let known = line.halfWidth.isFinite
        let (reach, lift) = (line.halfWidth * line.slopeError, line.halfWidth * line.interceptError)
        exponentError = known ? line.slopeError : nil
        exponentInterval = known ? (line.slope - reach)...(line.slope + reach) : nil
        coefficientInterval = known ? exp(line.intercept - lift)...exp(line.intercept + lift) : nil
        noiseInterval = weights == nil ? nil : Self.noiseInterval(points, x, weights, resamples: resamples, seed: seed)
    }

    /// k and p without what they were fitted to.
    struct Numbers: Sendable {
        let coefficient: Double
        let exponent: Double
    }

    var numbers: Numbers { Numbers(coefficient: coefficient, exponent: exponent) }

    /// k x^p.
    public func value(at x: Double) -> Double { exp(line.intercept + line.slope * log(x)) }

    /// 95 % of the line at x by Student's t; nil with fewer than three points.
    public func interval(at x: Double) -> ClosedRange<Double>? {
        guard line.halfWidth.isFinite else { return nil }
        let reach = line.halfWidth * line.error(at: log(x))
        let middle = line.intercept + line.slope * log(x)
        return exp(middle - reach)...exp(middle + reach)
    }

    /// Equality of what the line was fitted to.
    public static func == (one: PowerLaw, other: PowerLaw) -> Bool { one.points == other.points }

    private static func weights(_ points: [Point]) -> [Double]? {
        let errors = points.compactMap(\.logError).filter { $0 > 0 && $0.isFinite }
        return errors.count == points.count ? errors.map { 1 / ($0 * $0) } : nil
    }

    private static func noiseInterval(
        _ points: [Point], _ x: [Double], _ weights: [Double]?, resamples: Int, seed: UInt64
    ) -> ClosedRange<Double>? {
        var noise = NormalNoise(seed: seed)
        let slopes = (0..<resamples).map { _ in
            LinearRegression(x, points.map { log($0.y) + ($0.logError ?? 0) * noise.next() }, weights: weights).slope
        }
        return Percentiles.central(slopes)
    }
}
