import Experiment
import Foundation
import Testing

@Suite("Elementary functions of our own")
struct PortableMathTests {
    /// A few units in the last place of a double (2.2e-16): the functions promise about 1e-15.
    static let tolerance = 1e-15
    static let seed: UInt64 = 11

    func isClose(_ value: Double, _ expected: Double, _ tolerance: Double = tolerance) -> Bool {
        abs(value - expected) <= tolerance * max(abs(expected), Double.leastNormalMagnitude)
    }

    @Test("log agrees with the C library's over all magnitudes")
    func log() {
        let stream = RandomStream(seed: Self.seed, purpose: "log test")
        for index in 0..<UInt64(20_000) {
            let x = Double(
                sign: .plus, exponent: Int(stream.bits(2 * index) % 2000) - 1000,
                significand: 1 + stream.uniform(2 * index + 1))
            #expect(isClose(PortableMath.log(x), Foundation.log(x)), "log \(x), seed \(Self.seed)")
        }
        for x in [
            1, 1.0.nextUp, 1.0.nextDown, 1.0001, 0.9999, 2, 0.5, 2.0.squareRoot(), .leastNormalMagnitude,
            .greatestFiniteMagnitude,
        ] {
            #expect(isClose(PortableMath.log(x), Foundation.log(x)), "log \(x)")
        }
    }

    @Test("exp agrees with the C library's")
    func exp() {
        let stream = RandomStream(seed: Self.seed, purpose: "exp test")
        for index in 0..<UInt64(20_000) {
            let x = (stream.uniform(index) - 0.5) * (index % 2 == 0 ? 1398 : 4)
            #expect(isClose(PortableMath.exp(x), Foundation.exp(x)), "exp \(x), seed \(Self.seed)")
        }
        #expect(PortableMath.exp(0) == 1)
    }

    @Test("cosines of half turns agree with the C library's")
    func cosine() {
        for step in 0...4096 {
            let x = Double(step) / 4096
            #expect(abs(PortableMath.cosineOfHalfTurns(x) - Foundation.cos(.pi * x)) <= Self.tolerance, "cos \(x) pi")
        }
    }

    @Test("power agrees with the C library's, to the error of its exponent")
    func power() {
        let stream = RandomStream(seed: Self.seed, purpose: "power test")
        for index in 0..<UInt64(20_000) {
            let base = Foundation.exp((stream.uniform(2 * index) - 0.5) * 30)
            let exponent = (stream.uniform(2 * index + 1) - 0.5) * 6
            // An error of 1e-15 in y log x is one of that size times |y log x| in the result.
            let tolerance = Self.tolerance * (1 + abs(exponent * Foundation.log(base)))
            #expect(
                isClose(PortableMath.power(base, exponent), Foundation.pow(base, exponent), tolerance),
                "\(base) to the \(exponent), seed \(Self.seed)")
        }
    }

    @Test(
        "normal quantiles are those of SciPy 1.17.1, scipy.special.ndtri",
        arguments: [
            (1.1102230246251565e-16, -8.209536151601387), (1e-15, -7.941345326170998), (1e-10, -6.361340902404056),
            (1e-05, -4.264890793922825), (0.01, -2.3263478740408408), (0.02425, -1.972961051311885),
            (0.075, -1.4395314709384563), (0.1, -1.2815515655446004), (0.25, -0.6744897501960817),
            (0.4, -0.2533471031357997), (0.5, 0.0), (0.6, 0.2533471031357997), (0.9, 1.2815515655446004),
            (0.975, 1.959963984540054), (0.999, 3.090232306167813), (0.999999999, 5.997807019601637),
        ])
    func quantiles(p: Double, expected: Double) {
        // SciPy's own error is a few units in the last place as well.
        #expect(
            isClose(PortableMath.normalQuantile(p), expected, 2 * Self.tolerance), "\(PortableMath.normalQuantile(p))")
    }

    @Test("quantiles rise, and are symmetric")
    func quantileOrder() {
        let grid = (1..<4096).map { Double($0) / 4096 }
        let values = grid.map(PortableMath.normalQuantile)
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
        #expect(zip(grid, values).allSatisfy { p, value in value == -PortableMath.normalQuantile(1 - p) })
    }
}
