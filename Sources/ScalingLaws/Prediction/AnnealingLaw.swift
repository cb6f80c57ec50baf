import Foundation

/// L(s) = L0 + A S1(s)^−α − C S2(s): the loss of one run along its schedule (Tissue et al. 2024, eq. 1), S1 and S2 as
/// `AnnealingAreas` has them. Losses in nats per token, areas in updates at the peak rate.
public struct AnnealingLaw: Sendable, Equatable {
    /// L0, nats per token.
    public var level: Double
    /// A.
    public var coefficient: Double
    /// α.
    public var exponent: Double
    /// C, nats per unit of S2.
    public var annealing: Double
    /// λ of the momentum in S2.
    public var decay: Double

    func loss(forward: Double, annealed: Double) -> Double {
        level + coefficient * pow(forward, -exponent) - annealing * annealed
    }
}

/// What is known of α and of the annealing's part before a run tells: from complete siblings, or wide where there are
/// none. The annealing's part is the fall C S2 that a whole schedule brings, as a share of the loss.
struct AnnealingPrior: Sendable, Equatable {
    var exponent: (mean: Double, deviation: Double)
    var fall: (mean: Double, deviation: Double)
    var decay: Double

    /// With no sibling: exponents of curves lie between a fifth and one and a bit, and a decay to a tenth or to none
    /// lowers the loss by some percent. Wide on purpose; a schedule's fall that nobody has seen cannot be known well.
    static let unknown = AnnealingPrior(exponent: (0.5, 0.3), fall: (0.04, 0.03), decay: 0.99)

    static func == (a: Self, b: Self) -> Bool {
        a.exponent == b.exponent && a.fall == b.fall && a.decay == b.decay
    }
}

/// A curve after warm-up as means over equal stretches of steps, with the areas at each: what the law is fitted to.
struct BinnedCurve: Sendable {
    static let bins = 48
    /// The smallest α that is looked at: a fit that ends there found no power law.
    static let leastExponent = 0.02
    let losses: [Double]  // [bins]
    let forward: [Double]  // [bins]
    let annealed: [Double]  // [bins]
    /// Of a bin's mean, from the differences of neighbouring bins, and at least 0.1 % for what the law leaves out.
    let deviation: Double
    /// Areas at the end of the schedule.
    let end: (forward: Double, annealed: Double)

    /// nil with fewer than 16 steps after warm-up and the first twentieth, which no such law describes.
    init?(_ curve: ScheduledCurve, decay: Double) {
        let areas = AnnealingAreas(rates: curve.rates, decay: decay)
        let first = max(curve.peakStep + 1, curve.step / 20, 1)
        let count = curve.step - first
        guard count >= 16, let forwardEnd = areas.forward.last, let annealedEnd = areas.annealing.last else {
            return nil
        }
        let bins = min(Self.bins, count / 2)
        func means(_ values: [Double]) -> [Double] {
            (0..<bins).map { bin in
                let range = (first + bin * count / bins)..<(first + (bin + 1) * count / bins)
                return values[range].reduce(0, +) / Double(range.count)
            }
        }
        let losses = means(curve.losses)
        self.losses = losses
        forward = means(areas.forward)
        annealed = means(areas.annealing)
        end = (forwardEnd, annealedEnd)
        let second = losses.indices.dropFirst().dropLast().map { losses[$0 - 1] - 2 * losses[$0] + losses[$0 + 1] }
        let variance = second.reduce(0) { $0 + $1 * $1 } / (6 * Double(max(1, second.count)))
        let level = losses.reduce(0, +) / Double(bins)
        deviation = max(variance.squareRoot(), 1e-3 * level)
    }

    /// The most probable law under a prior: with α held it is linear in L0, A and C (least squares with one more
    /// observation for the prior's fall), and α is found by a grid and golden sections.
    func fit(_ prior: AnnealingPrior, losses: [Double]? = nil) -> AnnealingLaw {
        let losses = losses ?? self.losses
        func cost(_ exponent: Double) -> Double { solve(exponent, prior, losses).cost }
        let grid = stride(from: log(Self.leastExponent), through: log(3), by: 0.25).map { exp($0) }
        let best = grid.indices.min { cost(grid[$0]) < cost(grid[$1]) } ?? 0
        var (low, high) = (grid[max(0, best - 1)], grid[min(grid.count - 1, best + 1)])
        let ratio = (5.0.squareRoot() - 1) / 2
        for _ in 0..<24 {
            let (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
            if cost(left) < cost(right) { high = right } else { low = left }
        }
        return solve(0.5 * (low + high), prior, losses).law
    }

    private func solve(_ exponent: Double, _ prior: AnnealingPrior, _ losses: [Double]) -> (
        law: AnnealingLaw, cost: Double
    ) {
        // Scaled so that the columns are of one order: S1 by its mean, S2 by its end.
        let scale = forward.reduce(0, +) / Double(forward.count)
        let whole = max(end.annealed, 1e-12)
        var normal = SmallMatrix(size: 3)
        var right = ParameterVector.zero
        let weight = 1 / (deviation * deviation)
        for i in losses.indices {
            let row = ParameterVector(1, pow(forward[i] / scale, -exponent), -annealed[i] / whole, 0, 0, 0, 0, 0)
            normal.addOuterProduct(row, weight: weight)
            right += weight * losses[i] * row
        }
        let level = losses.last ?? 1
        let fallWeight = 1 / pow(prior.fall.deviation * level, 2)
        normal.rows[2][2] += fallWeight
        right[2] += fallWeight * prior.fall.mean * level
        let x = normal.solve(right, damping: normal.diagonal * 1e-12) ?? ParameterVector(level, 0, 0, 0, 0, 0, 0, 0)
        let law = AnnealingLaw(
            level: x[0], coefficient: x[1] * pow(scale, exponent), exponent: exponent, annealing: x[2] / whole,
            decay: prior.decay)
        var cost = pow((exponent - prior.exponent.mean) / prior.exponent.deviation, 2)
        cost += pow(x[2] / level - prior.fall.mean, 2) / pow(prior.fall.deviation, 2)
        for (i, residual) in residuals(law, losses).enumerated() where losses.indices.contains(i) {
            cost += residual * residual * weight
        }
        return (law, cost)
    }

    /// Observed minus fitted, nats.
    func residuals(_ law: AnnealingLaw, _ losses: [Double]) -> [Double] {
        losses.indices.map { losses[$0] - law.loss(forward: forward[$0], annealed: annealed[$0]) }
    }

    /// The law's loss at the end of the schedule.
    func final(_ law: AnnealingLaw) -> Double { law.loss(forward: end.forward, annealed: end.annealed) }
}
