import Foundation

extension ChinchillaModel: FittableLaw {
    /// Hoffmann et al. 2022, §D.2: α and β, e, and a and b.
    private static let exponents = [0.0, 0.5, 1, 1.5, 2]
    private static let irreducibles = [-1.0, -0.5, 0, 0.5, 1]
    private static let coefficients = [0.0, 5, 10, 15, 20, 25]

    /// The paper's grid of 4,500.
    var starts: [ParameterVector] {
        Self.exponents.flatMap { alpha in Self.exponents.flatMap { beta in grid(alpha: alpha, beta: beta) } }
    }

    /// The 180 of one (α, β).
    var startsPerRegion: Int { Self.coefficients.count * Self.coefficients.count * Self.irreducibles.count }

    private func grid(alpha: Double, beta: Double) -> [ParameterVector] {
        Self.coefficients.flatMap { a in
            Self.coefficients.flatMap { b in
                Self.irreducibles.map { e in centred(lnA: a, lnB: b, lnE: e, alpha: alpha, beta: beta) }
            }
        }
    }

    func values(_ p: ParameterVector) -> [Double] {
        let law = law(p)
        return [law.irreducible, law.capacity, law.data, law.alpha, law.beta]
    }

    func parameters(_ values: [Double]) -> ParameterVector {
        centred(
            lnA: log(values[1]), lnB: log(values[2]), lnE: log(values[0]), alpha: values[3], beta: values[4])
    }

    func isFittable(weights: [Double]) -> Bool {
        distinctCount(x, weights: weights) > 1 && distinctCount(y, weights: weights) > 1
    }
}
