import Foundation

/// L(X) = (X_c / X)^α, a straight line of ln L on ln X (Kaplan et al. 2020, eq. 1.1 and 1.2), and the same with an
/// irreducible loss added.
public struct PowerLawFit: Sendable {
    /// What X is: N, D or C.
    public enum Variable: String, Sendable {
        case parameters = "N"
        case tokens = "D"
        case compute = "C"
    }

    /// What X is.
    public let variable: Variable
    /// The points of the line, by rising X.
    public let points: [(x: Double, loss: Double, label: String)]
    /// How the points were chosen, in words.
    public let rule: String
    /// α.
    public let exponent: Double
    /// X_c.
    public let scale: Double
    /// 95 %, by Student's t; nil with fewer than three points.
    public let exponentInterval: ClosedRange<Double>?
    /// 95 % of X_c; nil with fewer than three points, or when the interval is wider than any number.
    public let scaleInterval: ClosedRange<Double>?
    /// Of α; nil with fewer than three points.
    public let exponentError: Double?
    /// Σ (ln L̂ − ln L)².
    public let objective: Double
    /// L = E + (X_c/X)^α by the robust fit; nil with fewer than four points, which cannot show a bend.
    public let withIrreducible: BentPowerLaw?

    /// Fits the line.
    /// - Throws: `TableError` with fewer than two different X.
    init(
        _ variable: Variable, points: [(x: Double, loss: Double, label: String)], rule: String, huberDelta: Double
    ) throws {
        let points = points.sorted { $0.x < $1.x }
        guard Set(points.map(\.x)).count > 1 else {
            throw TableError(
                "L(\(variable.rawValue)) needs runs at two or more \(variable.rawValue), and after taking \(rule) there is "
                    + "\(points.count): add runs")
        }
        let line = LinearRegression(points.map { log($0.x) }, points.map { log($0.loss) })
        self.variable = variable
        self.points = points
        self.rule = rule
        exponent = -line.slope
        scale = exp(-line.intercept / line.slope)
        objective = line.residualSum
        let known = line.halfWidth.isFinite
        let reach = line.halfWidth * line.slopeError
        exponentError = known ? line.slopeError : nil
        exponentInterval = known ? (-line.slope - reach)...(-line.slope + reach) : nil
        scaleInterval = known ? Self.scaleInterval(points, line) : nil
        withIrreducible = points.count > 3 ? BentPowerLaw(points.map { ($0.x, $0.loss) }, huberDelta: huberDelta) : nil
    }

    /// The line's loss at x.
    public func loss(_ x: Double) -> Double { exp(exponent * (log(scale) - log(x))) }

    /// X_c is where the line crosses ln L = 0; its interval follows the slope's, turned about the centre of the points.
    private static func scaleInterval(
        _ points: [(x: Double, loss: Double, label: String)], _ line: LinearRegression
    ) -> ClosedRange<Double>? {
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + log($1.x) } / count
        let meanY = points.reduce(0) { $0 + log($1.loss) } / count
        let reach = line.halfWidth * line.slopeError
        let steep = meanX - meanY / (line.slope - reach)
        let flat = meanX - meanY / (line.slope + reach)
        let (low, high) = (exp(min(steep, flat)), exp(max(steep, flat)))
        return line.slope + reach < 0 && high.isFinite ? low...high : nil
    }
}

/// L(X) = E + A/X^α: what a power law looks like when the loss cannot fall to nothing.
public struct BentPowerLaw: Sendable, Equatable {
    /// E, nats per token.
    public let irreducible: Double
    /// A.
    public let coefficient: Double
    /// α.
    public let exponent: Double
    /// The summed Huber loss of ln L.
    public let objective: Double

    /// The robust fit; nil with fewer than three x, or where the points run away from any such law.
    init?(_ points: [(x: Double, loss: Double)], huberDelta: Double) {
        let values = points.map { FitPoint(n: $0.x, d: 1, loss: $0.loss) }
        let options = FitOptions(huberDelta: huberDelta, resamples: 0)
        guard let fit = try? LawFit(.parametersOnly, values, options: options) else { return nil }
        irreducible = fit.values[0]
        coefficient = fit.values[1]
        exponent = fit.values[2]
        objective = fit.objective
    }
}
