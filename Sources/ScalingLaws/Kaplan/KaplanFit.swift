import Foundation

/// The power laws of Kaplan et al. 2020 in one variable: L(N) over the longest runs, L(D) over the largest models. Their
/// joint L(N, D) is a `LawFit`.
public struct KaplanFit: Sendable {
    /// Eq. 1.1: of every N the run with the most tokens. It takes those runs for converged; where they are not, α_N
    /// comes out too small.
    public let lossOfParameters: PowerLawFit
    /// Eq. 1.2: of every D the run with the lowest loss. It takes the model for large enough; where it is not, α_D comes
    /// out too small. nil with fewer than two D.
    public let lossOfTokens: PowerLawFit?
    /// All the runs, before the rules choose.
    public let points: [FitPoint]

    /// Fits both.
    /// - Throws: `TableError` when there are fewer than two N.
    public init(_ points: [FitPoint], huberDelta: Double = 1e-3) throws {
        guard points.count > 1 else {
            throw TableError("a power law needs at least 2 complete runs, and there are \(points.count): add runs")
        }
        self.points = points
        lossOfParameters = try PowerLawFit(
            .parameters, points: Self.longest(points), rule: "of every N (within 5 %) the run with the most tokens",
            huberDelta: huberDelta)
        let tokens = Self.groups(points, by: \.d).count
        lossOfTokens =
            tokens > 1
            ? try PowerLawFit(
                .tokens, points: Self.best(points), rule: "of every D (within 5 %) the run with the lowest loss",
                huberDelta: huberDelta) : nil
    }

    private static func longest(_ points: [FitPoint]) -> [(x: Double, loss: Double, label: String)] {
        groups(points, by: \.n).compactMap { runs in
            runs.max { ($0.d, -$0.loss) < ($1.d, -$1.loss) }.map { ($0.n, $0.loss, $0.label) }
        }
    }

    private static func best(_ points: [FitPoint]) -> [(x: Double, loss: Double, label: String)] {
        groups(points, by: \.d).compactMap { runs in
            runs.min { $0.loss < $1.loss }.map { ($0.d, $0.loss, $0.label) }
        }
    }

    /// Elements whose value is within 5 % of the smallest of their group: lengths are rounded to whole batches, and tables
    /// read off figures hold no two equal numbers.
    static func groups<Element>(_ elements: [Element], by value: (Element) -> Double) -> [[Element]] {
        var groups: [[Element]] = []
        for element in elements.sorted(by: { value($0) < value($1) }) {
            if let first = groups.last?.first, value(element) <= 1.05 * value(first) {
                groups[groups.count - 1].append(element)
            } else {
                groups.append([element])
            }
        }
        return groups
    }

    /// What a reader must know before trusting the numbers.
    public var warnings: [FitWarning] {
        var result: [FitWarning] = []
        for line in [lossOfParameters, lossOfTokens].compactMap({ $0 }) { result += Self.warnings(of: line) }
        if lossOfTokens == nil {
            result.append(.grave("all runs have one D: L(D) is not measured"))
        }
        return result
    }

    /// No warning says that a parameter cannot be trusted.
    public var isTrustworthy: Bool { !warnings.contains(where: \.isGrave) }

    private static func warnings(of line: PowerLawFit) -> [FitWarning] {
        let axis = line.variable.rawValue
        var result: [FitWarning] = []
        if line.points.count < 3 {
            result.append(.grave("L(\(axis)) goes through \(line.points.count) points: a line always fits them"))
        }
        let range = (line.points.last?.x ?? 1) / (line.points.first?.x ?? 1)
        if range < 10 {
            result.append(.caution("\(axis) spans only a factor of \(Number.short(range)) in L(\(axis))"))
        }
        if line.exponent <= 0 {
            result.append(.grave("the loss does not fall with \(axis): alpha_\(axis) = \(Number.short(line.exponent))"))
        }
        if let bent = line.withIrreducible, bent.irreducible > 0.1 * (line.points.last?.loss ?? 0) {
            result.append(
                .caution(
                    "Kaplan's L(\(axis)) bends: with an irreducible loss of \(Number.short(bent.irreducible)) the exponent is "
                        + "\(Number.short(bent.exponent)) instead of \(Number.short(line.exponent))"))
        }
        return result
    }
}
