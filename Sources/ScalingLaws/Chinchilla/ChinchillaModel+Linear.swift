import Foundation

/// Variable projection (Golub and Pereyra 1973): with α and β held, the law is linear in E, A and B.
extension ChinchillaModel {
    /// Exponents of the two-dimensional grid: also the small and large ones that the paper's grid leaves out.
    static let exponentGrid = [0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.75, 1, 1.4, 2, 3, 5]
    private static let kept = 16

    /// For every pair of exponents the E, A and B ≥ 0 with the smallest squares of relative residuals; of these the
    /// places with the smallest absolute ones, best first.
    func linearStarts(weights: [Double]) -> [ParameterVector] {
        let used = weights.indices.filter { weights[$0] > 0 }
        let sizes = Self.exponentGrid.map { alpha in used.map { exp(-alpha * x[$0]) / loss[$0] } }
        let lengths = Self.exponentGrid.map { beta in used.map { exp(-beta * y[$0]) / loss[$0] } }
        let floors = used.map { 1 / loss[$0] }
        let w = used.map { weights[$0] }
        var found: [(value: Double, start: ParameterVector)] = []
        for (alpha, size) in zip(Self.exponentGrid, sizes) {
            for (beta, length) in zip(Self.exponentGrid, lengths) {
                let linear = NonNegativeLeastSquares(size, length, floors, weights: w)
                // A share that comes out as nothing is set to a thousandth, so that its logarithm exists.
                let c = linear.coefficients.replacing(with: 1e-3, where: linear.coefficients .< 1e-3)
                let start = ParameterVector(log(c[0]), log(c[1]), log(c[2]), alpha, beta, 0, 0, 0)
                found.append((linear.deviation(size, length, floors, weights: w), start))
            }
        }
        return found.sorted { $0.value < $1.value }.prefix(Self.kept).map(\.start)
    }
}

/// min Σ w (c₀ p + c₁ q + c₂ r − 1)² with c ≥ 0, by trying the sets of terms that are not zero.
struct NonNegativeLeastSquares {
    private(set) var coefficients = SIMD3<Double>.zero

    init(_ p: [Double], _ q: [Double], _ r: [Double], weights: [Double]) {
        var (rows, right) = (InlineArray<3, SIMD3<Double>>(repeating: .zero), SIMD3<Double>.zero)
        for i in weights.indices {
            let row = SIMD3(p[i], q[i], r[i])
            let weighted = weights[i] * row
            for j in 0..<3 { rows[j] += weighted[j] * row }
            right += weighted
        }
        // The free solution is the best of all where no share of it is negative.
        if let free = Self.solve(rows, right, set: 7), free.min() >= 0 {
            coefficients = free
            return
        }
        // The sum of squares at a solution is Σ w − c·right, so the largest c·right is best.
        var best = 0.0
        for set in 1..<7 {
            guard let c = Self.solve(rows, right, set: set), c.min() >= 0 else { continue }
            let gain = (c * right).sum()
            if gain > best { (best, coefficients) = (gain, c) }
        }
    }

    /// The unconstrained solution with the terms of the bit set `set`, the others zero.
    private static func solve(
        _ rows: InlineArray<3, SIMD3<Double>>, _ right: SIMD3<Double>, set: Int
    ) -> SIMD3<Double>? {
        var matrix = SmallMatrix(size: 3)
        var b = ParameterVector.zero
        for i in 0..<3 {
            let isIn = set & (1 << i) != 0
            for j in 0..<3 { matrix.rows[i][j] = isIn && set & (1 << j) != 0 ? rows[i][j] : 0 }
            if isIn { b[i] = right[i] } else { matrix.rows[i][i] = 1 }
        }
        return matrix.solve(b, damping: matrix.diagonal * 1e-12).map { SIMD3($0[0], $0[1], $0[2]) }
    }

    /// Σ w |c₀ p + c₁ q + c₂ r − 1|.
    func deviation(_ p: [Double], _ q: [Double], _ r: [Double], weights: [Double]) -> Double {
        let c = coefficients
        return weights.indices.reduce(0) { $0 + weights[$1] * abs(c[0] * p[$1] + c[1] * q[$1] + c[2] * r[$1] - 1) }
    }
}
