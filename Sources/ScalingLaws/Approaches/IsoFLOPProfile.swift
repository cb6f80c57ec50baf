import Foundation

/// The runs of one compute budget, and the parabola of their loss in ln N (Hoffmann et al. 2022, approach 2).
public struct IsoFLOPProfile: Sendable {
    /// FLOPs: the geometric mean of the runs'.
    public let budget: Double
    /// By rising N.
    public let points: [FitPoint]
    /// Loss in nats over ln N; nil with fewer than three different N.
    public let overParameters: Parabola?
    /// Loss in nats over ln D; nil with fewer than three different D.
    public let overTokens: Parabola?
    /// 95 % of N* under the noise of the losses; nil without a minimum.
    public var vertexInterval: ClosedRange<Double>? { Percentiles.central(vertices.compactMap { $0?.n }) }
    /// Where the minimum went each time the losses were drawn again with their noise; nil where it went away.
    private(set) var vertices: [Vertex?] = []

    /// Of the draws, the share that left the budget without a minimum.
    var lostShare: Double { Double(vertices.count { $0 == nil }) / Double(max(vertices.count, 1)) }

    struct Vertex: Sendable {
        var n: Double
        var d: Double
    }

    init(_ points: [FitPoint]) {
        let points = points.sorted { ($0.n, $0.d) < ($1.n, $1.d) }
        self.points = points
        budget = exp(points.reduce(0) { $0 + log($1.compute) } / Double(points.count))
        let losses = points.map(\.loss)
        let weights = points.map(\.weight)
        overParameters = Parabola(points.map { log($0.n) }, losses, weights: weights)
        overTokens = Parabola(points.map { log($0.d) }, losses, weights: weights)
    }

    /// N*, the parameters at the minimum; nil when the parabola has none.
    public var vertexParameters: Double? { overParameters?.vertex.map(exp) }
    /// D*, the tokens at the minimum; nil when the parabola has none.
    public var vertexTokens: Double? { overTokens?.vertex.map(exp) }
    /// The loss at the minimum, nats per token; nil when the parabola has none.
    public var vertexLoss: Double? {
        guard let parabola = overParameters, let vertex = parabola.vertex else { return nil }
        return parabola.value(at: vertex)
    }

    /// Whether the minimum lies between the smallest and the largest model: beyond them it is a guess.
    public var isInterior: Bool {
        guard let vertex = vertexParameters, let low = points.first?.n, let high = points.last?.n else { return false }
        return vertex > low && vertex < high && vertexTokens != nil
    }

    /// The half width w of the grid of sizes: from N/w to N w about its middle.
    public var gridWidth: Double { ((points.last?.n ?? 1) / (points.first?.n ?? 1)).squareRoot() }

    /// Residuals of ln L about the parabola; empty without one.
    var residuals: [Double] {
        guard let parabola = overParameters else { return [] }
        return points.map { log($0.loss / parabola.value(at: log($0.n))) }
    }

    /// The profile with other losses at the same runs.
    func replacingLosses(_ loss: (FitPoint) -> Double) -> IsoFLOPProfile {
        IsoFLOPProfile(
            points.map { point in
                var point = point
                point.loss = loss(point)
                return point
            })
    }

    /// Draws the losses again, with normal noise of ln L around them, and keeps the minimum.
    mutating func drawVertex(deviation: Double, from generator: inout NormalNoise) {
        let drawn = replacingLosses { $0.loss * exp(deviation * generator.next()) }
        // A parabola that is nearly flat has its minimum beyond any number: as good as none.
        guard let n = drawn.vertexParameters, let d = drawn.vertexTokens, n.isNormal, d.isNormal else {
            return vertices.append(nil)
        }
        vertices.append(Vertex(n: n, d: d))
    }

    /// Half the central 68 % of ln N* (or ln D*) under noise: a standard error that a few wild draws do not move.
    func logError(_ value: KeyPath<Vertex, Double>) -> Double? {
        Percentiles.central(vertices.compactMap { $0.map { log($0[keyPath: value]) } }, level: 0.6827).map {
            ($0.upperBound - $0.lowerBound) / 2
        }
    }
}

extension IsoFLOPProfile {
    /// Runs whose compute is within `tolerance` of the smallest of their group: steps are rounded to whole batches.
    static func grouped(_ points: [FitPoint], tolerance: Double) -> [IsoFLOPProfile] {
        var groups: [[FitPoint]] = []
        for point in points.sorted(by: { $0.compute < $1.compute }) {
            if let first = groups.last?.first, point.compute <= (1 + tolerance) * first.compute {
                groups[groups.count - 1].append(point)
            } else {
                groups.append([point])
            }
        }
        return groups.map(IsoFLOPProfile.init)
    }
}
