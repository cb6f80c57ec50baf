import Foundation

/// Seeded standard normal numbers (Box and Muller 1958), and a noise whose size is itself only estimated.
struct NormalNoise: Sendable {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func next() -> Double {
        let u = Double.random(in: Double.leastNonzeroMagnitude...1, using: &generator)
        let v = Double.random(in: 0..<1, using: &generator)
        return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
    }

    /// √(ν/χ²_ν): a deviation that was estimated with ν degrees of freedom, times this, is drawn from what the true one
    /// may be; normal numbers times it are Student's.
    mutating func scale(degreesOfFreedom: Int) -> Double {
        precondition(degreesOfFreedom > 0, "a deviation needs a degree of freedom")
        let sum = (0..<degreesOfFreedom).reduce(0.0) { sum, _ in
            let z = next()
            return sum + z * z
        }
        return (Double(degreesOfFreedom) / max(sum, 1e-12)).squareRoot()
    }
}
