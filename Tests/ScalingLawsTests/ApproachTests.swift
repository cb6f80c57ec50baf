import Foundation
import Testing

@testable import ScalingLaws

private let law = ChinchillaLaw(irreducible: 1.69, capacity: 406.4, data: 410.7, alpha: 0.34, beta: 0.28)

/// Runs at equal compute on a grid of sizes from N/width to N width about the best, with noise of ln L.
private func isoFLOPRuns(
    budgets: [Double], sizes: Int, width: Double, noise: Double = 0, seed: UInt64 = 1
) -> [FitPoint] {
    var generator = NormalNoise(seed: seed)
    return budgets.flatMap { budget in
        (0..<sizes).map { i in
            let place = 2 * Double(i) / Double(sizes - 1) - 1
            let n = law.optimum.parameters(compute: budget) * pow(width, place)
            let d = budget / (6 * n)
            return FitPoint(n: n, d: d, loss: law.loss(n: n, d: d) * exp(noise * generator.next()))
        }
    }
}

@Suite("Power laws through points")
struct PowerLawTests {
    @Test("weights follow the errors: a point of no weight changes nothing, equal weights are ordinary least squares")
    func weights() throws {
        let exact = [1.0, 10, 100, 1000].map { PowerLaw.Point(x: $0, y: 3 * pow($0, 0.7), logError: 0.1) }
        let clean = try PowerLaw(exact)
        #expect(abs(clean.exponent - 0.7) < 1e-12 && abs(clean.coefficient / 3 - 1) < 1e-12)
        #expect(abs(clean.rSquared - 1) < 1e-12)
        let disturbed = try PowerLaw(exact + [PowerLaw.Point(x: 1e4, y: 1, logError: 1e6)])
        #expect(abs(disturbed.exponent - 0.7) < 1e-8)
        let line = LinearRegression([0, 1, 2, 3, 4], [1, 2.9, 5.2, 6.8, 9.1])
        let weighted = LinearRegression(
            [0, 1, 2, 3, 4], [1, 2.9, 5.2, 6.8, 9.1], weights: Array(repeating: 7, count: 5))
        #expect(abs(line.slope - weighted.slope) < 1e-14 && abs(line.slopeError - weighted.slopeError) < 1e-14)
        // A weight of 2 is the point twice.
        let doubled = LinearRegression([0, 1, 1, 2], [0, 1, 1, 5])
        let heavy = LinearRegression([0, 1, 2], [0, 1, 5], weights: [1, 2, 1])
        #expect(abs(doubled.slope - heavy.slope) < 1e-14 && abs(doubled.residualSum - heavy.residualSum) < 1e-12)
    }

    @Test("the noise interval has the width that the errors give")
    func noise() throws {
        let x = [1.0, 2, 4, 8, 16, 32]
        let fit = try PowerLaw(x.map { .init(x: $0, y: $0, logError: 0.05) }, resamples: 4000)
        let spread = x.map { log($0) - log(32) / 2 }.reduce(0) { $0 + $1 * $1 }
        let interval = try #require(fit.noiseInterval)
        let expected = 2 * 1.96 * 0.05 / spread.squareRoot()
        #expect(abs((interval.upperBound - interval.lowerBound) / expected - 1) < 0.06)
        #expect(try PowerLaw([.init(x: 1, y: 1), .init(x: 2, y: 3)]).exponentInterval == nil)
        #expect(throws: TableError.self) { try PowerLaw([.init(x: 1, y: 1), .init(x: 1, y: 3)]) }
        #expect(throws: TableError.self) { try PowerLaw([.init(x: 1, y: 1), .init(x: 2, y: -3)]) }
    }
}

@Suite("Approach 2, IsoFLOP profiles")
struct IsoFLOPTests {
    private let budgets = [1e17, 1e18, 1e19, 1e20, 1e21]

    @Test(
        "parabolas miss D* of a known surface as published, and the bias estimate says by how much",
        arguments: [(2.0, -0.0033), (4, -0.013), (8, -0.029), (16, -0.051)])
    func bias(width: Double, expected: Double) throws {
        let fit = try IsoFLOPFit(isoFLOPRuns(budgets: budgets, sizes: 15, width: width))
        // Czech 2026: D* at 1e24 FLOPs, extrapolated by the power law; printed with two digits.
        let miss = fit.tokens.value(at: 1e24) / law.optimum.tokens(compute: 1e24) - 1
        #expect(abs(miss - expected) < 1e-4)
        #expect(abs(fit.a - law.optimum.a) < 1e-9)
        let bias = try #require(fit.bias(under: law))
        #expect(abs(bias.tokens(at: 1e24) - miss) < 1e-6)
        #expect(abs(bias.a) < 1e-6)
        #expect(abs(fit.gridWidth / width - 1) < 1e-9)
        #expect(fit.warnings.contains { $0.text.contains("grids this wide") } || width < 6)
    }

    @Test("the intervals of a and b hold the truth in about 95 of 100 noisy tables")
    func coverage() throws {
        var held = 0
        for seed in UInt64(1)...60 {
            let runs = isoFLOPRuns(budgets: budgets, sizes: 7, width: 3, noise: 0.003, seed: seed)
            let fit = try IsoFLOPFit(runs, options: .init(resamples: 200))
            held += try #require(fit.aInterval).contains(law.optimum.a) ? 1 : 0
        }
        // 60 draws of a 95 % interval: 57 expected, 52 or fewer in one of a hundred.
        #expect(held >= 52, "\(held) of 60")
    }

    @Test("compute that differs by rounded steps is one budget, and a minimum outside the sizes is told, not used")
    func edges() throws {
        var runs = isoFLOPRuns(budgets: [1e17, 1e18, 1e19], sizes: 5, width: 4)
        for i in runs.indices { runs[i].d *= 1 + 0.01 * Double(i % 3) }
        let beyond = isoFLOPRuns(budgets: [1e20], sizes: 9, width: 4).suffix(4)
        let fit = try IsoFLOPFit(runs + beyond)
        #expect(fit.profiles.map(\.points.count) == [5, 5, 5, 4])
        #expect(fit.profiles.map(\.isInterior) == [true, true, true, false])
        #expect(fit.parameters.points.count == 3)
        #expect(fit.warnings.contains { $0.text.contains("no minimum between") })
        #expect(throws: TableError.self) { try IsoFLOPFit(Array(beyond)) }
        #expect(IsoFLOPFit.profiles(Array(beyond)).count == 1)
    }

    @Test("draws that leave a budget without a minimum, and noise that nothing tells, make the intervals untrusted")
    func lostDraws() throws {
        let narrow = isoFLOPRuns(budgets: [1e17, 1e18, 1e19], sizes: 5, width: 1.5)
        let noise = SeedNoise(standardDeviation: 0.02, degreesOfFreedom: 5)
        let fit = try IsoFLOPFit(narrow, noise: noise, options: .init(resamples: 200))
        #expect(fit.profiles.contains { $0.lostShare > 0.025 })
        #expect(fit.warnings.contains { $0.isGrave && $0.text.contains("without a minimum") })
        let few = try IsoFLOPFit(isoFLOPRuns(budgets: [1e17, 1e18, 1e19], sizes: 3, width: 3))
        #expect(few.aInterval == nil && few.warnings.contains { $0.isGrave && $0.text.contains("no intervals") })
        let wide = isoFLOPRuns(budgets: budgets, sizes: 7, width: 4, noise: 0.001)
        #expect(try IsoFLOPFit(wide, options: .init(resamples: 200)).isTrustworthy)
    }

    @Test("the same runs and seed give the same interval")
    func determinism() throws {
        let runs = isoFLOPRuns(budgets: budgets, sizes: 7, width: 4, noise: 0.003)
        let one = try IsoFLOPFit(runs)
        #expect(try one.aInterval == IsoFLOPFit(runs).aInterval)
        #expect(try one.aInterval != IsoFLOPFit(runs, options: .init(seed: 2)).aInterval)
        #expect(one.profiles.allSatisfy { $0.vertexInterval != nil })
    }
}

@Suite("Approach 1, the minimum over training curves")
struct EnvelopeTests {
    /// A run of every size at a constant rate, long enough to pass its best compute.
    private func curves(noise: Double, seed: UInt64 = 1) -> [LossCurve] {
        var generator = NormalNoise(seed: seed)
        return (0..<12).map { k in
            let n = 1e7 * pow(1e3, Double(k) / 11)
            let end = 600 * n * pow(n / 3e8, -0.2)
            return LossCurve(
                run: "run \(k)", n: n,
                points: (1...300).map { i in
                    let d = end * Double(i) / 300
                    return (d, 6 * n * d, law.loss(n: n, d: d) * exp(noise * generator.next()))
                })
        }
    }

    @Test("curves of a known law give its exponents and its lowest loss")
    func recovery() throws {
        let fit = try EnvelopeFit(curves(noise: 0), options: .init(budgets: 400, resamples: 100))
        #expect(abs(fit.a - law.optimum.a) < 0.03)
        #expect(abs(fit.a + fit.b - 1) < 1e-3)
        #expect(try #require(fit.aInterval).contains(law.optimum.a))
        // 400 readings of twelve curves are not 400 runs: the line through them knows too much.
        let spread = try #require(fit.spread)
        #expect(try spread.a.standardError > #require(fit.parameters.exponentError))
        let own = try #require(fit.parameters.coefficientInterval)
        #expect(
            spread.sizeFactor.interval.upperBound / spread.sizeFactor.interval.lowerBound > own.upperBound
                / own.lowerBound)
        for choice in fit.choices {
            let least = law.optimalLoss(compute: choice.compute)
            #expect(choice.loss > least * 0.9999 && choice.loss < least * 1.01)
        }
        #expect(fit.winners.count > 4 && fit.lateShare == 0)
        #expect(fit.warnings.contains { $0.text.contains("before the last 15 %") })
    }

    @Test("smoothing takes the noise out and leaves the end of a curve where it was")
    func smoothing() {
        let clean = curves(noise: 0)[5]
        let smooth = clean.smoothed(window: 10)
        for (a, b) in zip(clean.points, smooth.points).suffix(150) { #expect(abs(b.loss / a.loss - 1) < 1e-4) }
        let noisy = curves(noise: 0.01)[5].smoothed(window: 40)
        let spread = zip(clean.points, noisy.points).dropFirst(50).map { pow($1.loss / $0.loss - 1, 2) }
        #expect((spread.reduce(0, +) / Double(spread.count)).squareRoot() < 0.004)
    }

    @Test("with decayed rates only the ends of runs are compared, and few sizes or short runs are told")
    func poorDesigns() throws {
        let late = try EnvelopeFit(curves(noise: 0), options: .init(budgets: 200, usableShare: 0.9, resamples: 20))
        #expect(late.choices.allSatisfy { $0.progress > 0.0999 })
        #expect(throws: TableError.self) { try EnvelopeFit(Array(curves(noise: 0).prefix(2))) }
        #expect(throws: TableError.self) { try EnvelopeFit([]) }
        // Runs that end long before their best compute: the smallest model that is left always wins.
        let short = (0..<10).map { k in
            let n = 1e7 * pow(2, Double(k))
            return LossCurve(
                run: "\(k)", n: n,
                points: (1...50).map { i in
                    let d = 2 * n * Double(i) / 50
                    return (d, 6 * n * d, law.loss(n: n, d: d))
                })
        }
        let bounded = try EnvelopeFit(short, options: .init(budgets: 200, resamples: 20))
        #expect(bounded.usesEdges && !bounded.isTrustworthy)
    }
}

@Suite("The best learning rate and batch")
struct ScanTests {
    @Test("scans give the power law that their minima follow, and a scan that ends at its lowest run is left out")
    func law() throws {
        let best = { (c: Double) in 0.3 * pow(c, -0.125) }
        func scan(_ n: Double, _ factors: [Double]) -> [ScanOptimum.Point] {
            factors.map { factor in
                let d = 20 * n
                let value = best(6 * n * d) * factor
                return .init(n: n, d: d, value: value, loss: 3 + 0.1 * pow(log(factor), 2))
            }
        }
        let wide = [0.2, 0.45, 0.9, 1.9, 4]
        let points = scan(1e6, wide) + scan(1e7, wide) + scan(1e8, wide) + scan(1e9, [2, 4, 8])
        let scans = ScanOptimum.scans(points, noise: SeedNoise(standardDeviation: 0.003, degreesOfFreedom: 5))
        #expect(scans.map(\.isEdge) == [false, false, false, true])
        #expect(scans[3].best == nil)
        let found = try ScanOptimum.law(scans)
        #expect(abs(found.exponent + 0.125) < 1e-9 && abs(found.coefficient / 0.3 - 1) < 1e-7)
        #expect(found.noiseInterval?.contains(-0.125) == true)
        #expect(abs(try #require(scans[0].bestLoss) - 3) < 1e-9)
        #expect(throws: TableError.self) { try ScanOptimum.law([scans[3]]) }
    }

    @Test("a value at which training breaks down does not move the minimum, and what moves it over sizes is told")
    func transfer() throws {
        func scan(_ n: Double, best: Double) -> [ScanOptimum.Point] {
            [0.25, 0.5, 1, 2, 4, 8].map { factor in
                let distance = log(0.004 * factor / best)
                // From four times the best on nothing is learned.
                return .init(
                    n: n, d: 1e6, value: 0.004 * factor, loss: distance > 1.2 ? 5 : 3 + 0.1 * distance * distance)
            }
        }
        let scans = ScanOptimum.scans(scan(1e4, best: 0.0045) + scan(2.5e6, best: 0.0065))
        #expect(abs(try #require(scans[0].best) / 0.0045 - 1) < 1e-6)
        #expect(abs(try #require(scans[1].best) / 0.0065 - 1) < 1e-6)
        let transfer = try #require(ScanTransfer(scans))
        #expect(abs(transfer.ratio - 65.0 / 45) < 1e-6 && transfer.parameters == 1e4...2.5e6)
        #expect(ScanTransfer([scans[0]]) == nil)
        // With a breakdown on one side and a poor run on the other, the scan tells its best to a step.
        let coarse = ScanOptimum.scans(
            [(0.001, 4.0), (0.002, 3.0), (0.004, 5.0)].map { .init(n: 1, d: 1, value: $0, loss: $1) },
            noise: SeedNoise(standardDeviation: 0.001, degreesOfFreedom: 5))
        #expect(coarse[0].parabola == nil && coarse[0].best == 0.002 && coarse[0].bestLoss == 3)
        #expect(abs(try #require(coarse[0].logError) - log(2) / 12.0.squareRoot()) < 1e-12)
    }
}
