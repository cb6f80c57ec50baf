import Foundation
import Testing

@testable import ScalingLaws

private let truth = ChinchillaLaw(irreducible: 1.69, capacity: 406.4, data: 410.7, alpha: 0.34, beta: 0.28)
private let sizes = [1e7, 3e7, 1e8, 4e8, 1.5e9]
private let lengths = [2e8, 1e9, 5e9, 3e10]
/// No bootstrap.
private let plain = FitOptions(resamples: 0)
/// How near noise-free losses give their parameters back, relative.
private let recovered = 1e-6

@Suite("Laws of every form")
struct LawFitTests {
    @Test(
        "every loss gives back a noise-free law",
        arguments: [
            FitLoss.huber(delta: 1e-3), .lad, .logMSE, .mse, .asymmetricMAE(ratio: 10),
        ])
    func losses(loss: FitLoss) throws {
        let points = syntheticRuns(truth, sizes: sizes, tokens: lengths)
        let fit = try LawFit(.chinchilla, points, options: FitOptions(loss: loss, resamples: 0))
        for (found, expected) in zip(fit.values, ChinchillaFit.values(of: truth)) {
            #expect(abs(found / expected - 1) < recovered, "\(loss)")
        }
    }

    @Test(
        "the gradients and Hessians of every loss are those of central differences",
        arguments: [FitLoss.huber(delta: 1e-2), .lad, .logMSE, .mse, .asymmetricMAE(ratio: 3)])
    func derivatives(loss: FitLoss) throws {
        var points = syntheticRuns(truth, sizes: sizes, tokens: lengths, noise: 0.05, seed: 3)
        for i in points.indices { points[i].weight = 0.5 + Double(i % 3) }
        let penalty = loss.penalty(smoothing: 0.02)
        let values = [1.7, 300, 500, 0.33, 0.29]
        check(ChinchillaModel(points), points, penalty, values)
        check(PowerTermModel(points.map(\.n), points, floorFirst: true), points, penalty, [1.8, 400, 0.33])
        let constants = [0.08, 0.1, 6e13, 2e13, 0.5]
        check(JointKaplanModel(points, hasIrreducible: false), points, penalty, Array(constants.prefix(4)))
        check(JointKaplanModel(points, hasIrreducible: true), points, penalty, constants)
        for i in points.indices { points[i].uniqueTokens = points[i].d / [1, 3, 20][i % 3] }
        check(DataConstrainedModel(points, given: nil, bases: []), points, penalty, values + [12, 4])
        check(DataConstrainedModel(points, given: truth, bases: []), points, penalty, values + [12, 4])
    }

    private func check<Model: FittableLaw>(
        _ model: Model, _ points: [FitPoint], _ penalty: Penalty, _ values: [Double]
    ) {
        let objective = LossObjective(model, points, penalty: penalty)
        let at = model.parameters(values)
        let here = objective.derivatives(at: at, .exact)
        for j in 0..<model.parameterCount {
            let h = 1e-6
            var (up, down) = (at, at)
            up[j] += h
            down[j] -= h
            let slope = (objective.value(at: up) - objective.value(at: down)) / (2 * h)
            #expect(abs(slope - here.gradient[j]) < 1e-7 * max(1, here.gradientScale[j]), "\(Model.self) \(j)")
            let (above, below) = (objective.derivatives(at: up, .exact), objective.derivatives(at: down, .exact))
            for k in 0..<model.parameterCount {
                let bend = (above.gradient[k] - below.gradient[k]) / (2 * h)
                let scale = max(1, abs(bend), here.gradientScale[k])
                #expect(abs(bend - here.curvature.rows[j][k]) < 1e-5 * scale, "\(Model.self) entry \(j), \(k)")
            }
        }
    }

    @Test("the law and its parameters are one: a model reads back what it writes")
    func roundTrip() {
        var points = syntheticRuns(truth, sizes: sizes, tokens: lengths)
        for i in points.indices { points[i].uniqueTokens = points[i].d / 2 }
        let values = [1.7, 300, 500, 0.33, 0.29, 12, 4]
        let model = DataConstrainedModel(points, given: nil, bases: [])
        for (found, expected) in zip(model.values(model.parameters(values)), values) {
            #expect(abs(found / expected - 1) < 1e-12)
        }
        for i in points.indices {
            let expected = log(LawForm.dataConstrained.loss(values, of: points[i]))
            #expect(abs(model.logLoss(model.parameters(values), i) - expected) < 1e-12)
        }
        let kaplan = JointKaplanModel(points, hasIrreducible: true)
        let constants = [0.08, 0.1, 6e13, 2e13, 0.5]
        for i in points.indices {
            let expected = log(LawForm.kaplanIrreducible.loss(constants, of: points[i]))
            #expect(abs(kaplan.logLoss(kaplan.parameters(constants), i) - expected) < 1e-12)
        }
    }

    @Test("least absolute deviations pass through as many points as there are parameters, whatever the wild ones say")
    func deviations() throws {
        var points = syntheticRuns(truth, sizes: sizes, tokens: lengths, noise: 0.003, seed: 5)
        let fit = try LawFit(.chinchilla, points, options: FitOptions(loss: .lad, resamples: 0))
        #expect(fit.residuals.count { abs($0) < 1e-8 } == 5)
        // A point above the law may go as high as it likes.
        let wild = try #require(fit.residuals.firstIndex { $0 < -1e-4 })
        points[wild].loss *= 2
        let other = try LawFit(.chinchilla, points, options: FitOptions(loss: .lad, resamples: 0))
        for (one, two) in zip(fit.values, other.values) { #expect(abs(one / two - 1) < 1e-5) }
    }

    @Test("Kaplan's form is found with and without an irreducible loss, and the one without shows that it bends")
    func kaplan() throws {
        let points = [1e6, 1e7, 1e8, 1e9].flatMap { n in
            [1e8, 1e9, 1e10, 1e11].map { d in
                FitPoint(n: n, d: d, loss: KaplanConstants.joint.loss(n: n, d: d) + 1.3)
            }
        }
        let fit = try LawFit(.kaplanIrreducible, points, options: plain)
        for (found, expected) in zip(fit.values, [0.076, 0.103, 6.4e13, 1.8e13, 1.3]) {
            #expect(abs(found / expected - 1) < 1e-3)
        }
        let straight = try LawFit(.kaplan, points, options: plain)
        #expect(straight.objective > 1e3 * fit.objective)
    }

    @Test("laws of one variable are found on the points given")
    func oneVariable() throws {
        let points = (0..<8).map { i in
            let compute = pow(10, 15 + Double(i))
            return FitPoint(n: 10, d: 10, c: compute, loss: 1.5 + 300 * pow(compute, -0.15))
        }
        let fit = try LawFit(.compute, points)
        #expect(abs(fit.values[1] - 0.15) < recovered && abs(fit.values[2] - 1.5) < recovered)
        #expect(abs(fit.loss(n: 1e9, d: 1e10) - (1.5 + 300 * pow(6e19, -0.15))) < recovered)
        let lengths = [1e8, 1e9, 1e10, 1e11].map { FitPoint(n: 1e6, d: $0, loss: 2 + 90 / pow($0, 0.25)) }
        #expect(abs(try LawFit(.tokensOnly, lengths, options: plain).values[2] - 0.25) < recovered)
        #expect(throws: TableError.self) { try LawFit(.parametersOnly, lengths, options: plain) }
    }

    @Test("repeated data: both constants are found, alone and with the law for fresh tokens, and none is invented")
    func dataConstrained() throws {
        let law = DataConstrainedLaw(base: truth, repetition: 15, excess: 5)
        var points: [FitPoint] = []
        for n in [1e7, 1e8, 1e9, 6e9] {
            for unique in [1e8, 1e9, 1e10] {
                for epochs in [1.0, 4, 30] {
                    let d = unique * epochs
                    let loss = law.loss(n: n, d: d, uniqueTokens: unique)
                    points.append(FitPoint(n: n, d: d, loss: loss, uniqueTokens: unique))
                }
            }
        }
        for fit in [
            try LawFit(.dataConstrained, points, options: plain),
            try LawFit(dataConstrainedFrom: truth, points, options: plain),
        ] {
            #expect(abs(fit.values[5] / 15 - 1) < 1e-5 && abs(fit.values[6] / 5 - 1) < 1e-5)
            #expect(abs(fit.loss(of: points[2]) / points[2].loss - 1) < recovered)
        }
        #expect(throws: TableError.self) {
            try LawFit(.dataConstrained, points.filter { $0.d == $0.uniqueTokens }, options: plain)
        }
        // Muennighoff et al.'s published constants give the losses that their notebook prints.
        let published = DataConstrainedLaw(
            base: ChinchillaLaw(
                irreducible: exp(0.6254804), capacity: exp(6.255414), data: exp(7.3049974), alpha: 0.3526596,
                beta: 0.3526596), repetition: 15.387756, excess: 5.309743)
        #expect(abs(published.loss(n: 6.34e9, d: 242e9, uniqueTokens: 25e9) - 2.2256440889984477) < 1e-12)
        #expect(abs(published.loss(n: 8.67e9, d: 178e9, uniqueTokens: 25e9) - 2.2269634075087867) < 1e-12)
    }

    @Test("a weight counts as so many points")
    func weights() throws {
        var points = syntheticRuns(truth, sizes: sizes, tokens: lengths, noise: 0.01, seed: 9)
        let doubled = try LawFit(.chinchilla, points + Array(points.prefix(7)), options: plain)
        for i in 0..<7 { points[i].weight = 2 }
        let weighted = try LawFit(.chinchilla, points, options: plain)
        #expect(abs(doubled.objective / weighted.objective - 1) < 1e-9)
        for (one, two) in zip(doubled.values, weighted.values) { #expect(abs(one / two - 1) < 1e-4) }
    }

    @Test("losses that no search can start from, and laws whose scale is beyond any number, are told and no trap")
    func runaway() throws {
        let huge = syntheticRuns(truth, sizes: sizes, tokens: lengths).map { point in
            FitPoint(n: point.n, d: point.d, loss: 1e160 * point.loss)
        }
        #expect(throws: TableError.self) {
            try LawFit(.chinchilla, huge, options: FitOptions(loss: .mse, resamples: 0))
        }
        // The longest runs of the two sizes end within 0.05 % of each other: N_c = e^1539.
        let flat = [1e7, 2e7].flatMap { n in
            [1e3, 1e4, 1e5].map { steps in
                FitPoint(n: n, d: steps, loss: (n == 1e7 ? 3.000 : 2.9985) + (1e5 - steps) / 1e5, steps: steps)
            }
        }
        do {
            _ = try StepsLaw(flat, options: plain)
            Issue.record("it was fitted")
        } catch let error as TableError {
            #expect(error.message.contains("N_c"), "\(error.message)")
        }
        #expect(throws: TableError.self) { try StepsLaw(flat.filter { $0.steps == 1e5 }, options: plain) }
    }

    @Test("a steps' law whose exponents the runs do not pin down says that it cannot be trusted")
    func untrustedSteps() throws {
        func law(noise: Double) throws -> StepsLaw {
            var generator = NormalNoise(seed: 3)
            let points = [1e5, 3e5, 1e6, 3e6].flatMap { n in
                [1e3, 3e3, 1e4, 1e5, 1e7].map { steps in
                    let loss = pow(6.5e13 / n, 0.077) + pow(2.1e3 / steps, 0.76)
                    return FitPoint(
                        n: n, d: 1e5 * steps, loss: loss * exp(noise * generator.next()), cluster: "\(n)", steps: steps)
                }
            }
            return try StepsLaw(points, options: FitOptions(resamples: 40))
        }
        let sharp = try law(noise: 1e-5)
        #expect(!sharp.warnings.contains { $0.isGrave }, "\(sharp.warnings)")
        #expect(sharp.conditionNumber > 1 && sharp.conditionNumber < 1e4 && sharp.drawn == 40)
        let vague = try law(noise: 0.1)
        #expect(vague.warnings.contains { $0.isGrave }, "\(vague.warnings)")
    }

    @Test("an interval that reaches down to none pins nothing down, however narrow; repeats are watched too")
    func pinned() {
        #expect(!FitCheck.pinned("alpha", 0.30, -0.01...0.28).isEmpty)
        #expect(!FitCheck.pinned("alpha", 0.30, 0.1...0.5).isEmpty)
        #expect(FitCheck.pinned("alpha", 0.30, 0.2...0.4).isEmpty && FitCheck.pinned("alpha", 0.3, nil).isEmpty)
    }

    @Test("the steps' law gives back Kaplan et al.'s constants in two stages")
    func steps() throws {
        var points: [FitPoint] = []
        for n in [1e5, 1e6, 1e7, 1e8] {
            for steps in [1e3, 3e3, 1e4, 1e5, 1e7, 1e11] {
                let loss = pow(6.5e13 / n, 0.077) + pow(2.1e3 / steps, 0.76)
                points.append(FitPoint(n: n, d: 1e5 * steps, loss: loss, cluster: "\(n)", steps: steps))
            }
        }
        let law = try StepsLaw(points, options: FitOptions(resamples: 20))
        #expect(abs(law.alphaN - 0.077) < 1e-5 && abs(law.alphaS - 0.76) < 1e-4)
        #expect(abs(law.scaleN / 6.5e13 - 1) < 1e-3 && abs(law.scaleS / 2.1e3 - 1) < 1e-3)
        #expect(law.interval("alpha_S")?.upperBound ?? 0 < 0.77)
        for i in points.indices { points[i].loss += 1.2 }
        let bent = try StepsLaw(points, hasIrreducible: true, options: plain)
        #expect(abs((bent.irreducible ?? 0) - 1.2) < 1e-3)
        points[3].steps = nil
        #expect(throws: TableError.self) { try StepsLaw(points, options: plain) }
    }
}
