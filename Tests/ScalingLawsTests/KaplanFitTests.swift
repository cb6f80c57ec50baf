import Foundation
import Testing

@testable import ScalingLaws

@Suite("The power laws of Kaplan et al.")
struct KaplanFitTests {
    @Test("a table made from the published joint law gives back its constants")
    func joint() throws {
        let points = [1e6, 1e7, 1e8, 1e9].flatMap { n in
            [1e8, 1e9, 1e10, 1e11].map { d in
                FitPoint(n: n, d: d, loss: KaplanConstants.joint.loss(n: n, d: d))
            }
        }
        let joint = try LawFit(.kaplan, points, options: FitOptions(loss: .logMSE, resamples: 0)).values
        // The objective is quadratic around its zero, so the parameters stop at the root of its rounding.
        #expect(abs(joint[0] - 0.076) < 1e-6)
        #expect(abs(joint[1] - 0.103) < 1e-6)
        #expect(abs(log(joint[2] / 6.4e13)) < 1e-3)
        #expect(abs(log(joint[3] / 1.8e13)) < 1e-3)
    }

    @Test("L(N) takes the longest run of every size, L(D) the best run of every length")
    func rules() throws {
        let law = ChinchillaLaw(irreducible: 1, capacity: 50, data: 60, alpha: 0.3, beta: 0.3)
        var points = [1e6, 1e7, 1e8].flatMap { n in
            [1e8, 1e9, 1e10].map { d in FitPoint(n: n, d: d, loss: law.loss(n: n, d: d), label: "\(n) \(d)") }
        }
        points.append(FitPoint(n: 1e7, d: 1e10, loss: 9, label: "bad twin"))
        let fit = try KaplanFit(points)
        #expect(fit.lossOfParameters.points.map(\.label) == [1e6, 1e7, 1e8].map { "\($0) 10000000000.0" })
        // A length that differs by rounding is no other length.
        points[0].d *= 1.01
        #expect(try KaplanFit(points).lossOfTokens?.points.count == 3)
        #expect(fit.lossOfTokens?.points.map(\.label) == [1e8, 1e9, 1e10].map { "100000000.0 \($0)" })
    }

    @Test("a straight line in logarithms gives exponent and scale, and a bend gives E")
    func lines() throws {
        let straight = [1e6, 1e7, 1e8, 1e9, 1e10].map { n in
            FitPoint(n: n, d: 1e9, loss: pow(8.8e13 / n, 0.076))
        }
        let fit = try KaplanFit(straight)
        #expect(abs(fit.lossOfParameters.exponent - 0.076) < 1e-12)
        #expect(abs(fit.lossOfParameters.scale / 8.8e13 - 1) < 1e-9)
        #expect(fit.lossOfTokens == nil)
        #expect(!fit.isTrustworthy)
        let bent = straight.map { FitPoint(n: $0.n, d: $0.d, loss: 1.5 + 200 / pow($0.n, 0.35)) }
        let found = try #require(KaplanFit(bent).lossOfParameters.withIrreducible)
        #expect(abs(found.irreducible - 1.5) < 1e-6)
        #expect(abs(found.exponent - 0.35) < 1e-6)
        #expect(abs(found.coefficient - 200) < 1e-3)
    }

    @Test("the interval of a slope is Student's, and two points have none")
    func intervals() throws {
        let x = [0.0, 1, 2, 3, 4]
        let line = LinearRegression(x, [1, 2.9, 5.2, 6.8, 9.1])
        #expect(abs(line.slope - 2.01) < 1e-12)
        #expect(abs(line.intercept - 0.98) < 1e-12)
        #expect(abs(line.slopeError - 0.0574456264653806) < 1e-12)
        #expect(line.halfWidth == 3.1824)
        #expect(abs(StudentT.quantile975(degreesOfFreedom: 12) - 2.17881) < 2e-4)
        let two = try KaplanFit([FitPoint(n: 1, d: 1, loss: 3), FitPoint(n: 10, d: 1, loss: 2)])
        #expect(two.lossOfParameters.exponentInterval == nil)
        #expect(throws: TableError.self) { try KaplanFit([FitPoint(n: 1, d: 1, loss: 3)]) }
    }
}
