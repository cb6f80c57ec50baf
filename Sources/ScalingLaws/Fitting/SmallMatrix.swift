/// Up to eight parameters of a law; the unused lanes are zero.
typealias ParameterVector = SIMD8<Double>

/// A symmetric matrix of at most 8 × 8, kept row by row: all the linear algebra that a five-parameter law needs.
struct SmallMatrix: Sendable {
    /// Rows; only the first `size` of them, and of the lanes of each, are used.
    var rows: InlineArray<8, ParameterVector>
    let size: Int

    init(size: Int) {
        precondition(size <= ParameterVector.scalarCount, "a small matrix has at most 8 rows, not \(size)")
        rows = InlineArray(repeating: .zero)
        self.size = size
    }

    var diagonal: ParameterVector {
        var result = ParameterVector.zero
        for i in 0..<size { result[i] = rows[i][i] }
        return result
    }

    /// Adds `weight · v vᵀ`.
    mutating func addOuterProduct(_ v: ParameterVector, weight: Double) {
        let scaled = v * weight
        for i in 0..<size { rows[i] += scaled[i] * v }
    }

    /// x with (self + diag(damping)) x = b, by Cholesky; nil when that matrix is not positive definite.
    func solve(_ b: ParameterVector, damping: ParameterVector) -> ParameterVector? {
        guard let lower = choleskyFactor(damping: damping) else { return nil }
        var x = b
        for i in 0..<size {
            for k in 0..<i { x[i] -= lower[i][k] * x[k] }
            x[i] /= lower[i][i]
        }
        for i in stride(from: size - 1, through: 0, by: -1) {
            for k in (i + 1)..<max(size, i + 1) { x[i] -= lower[k][i] * x[k] }
            x[i] /= lower[i][i]
        }
        return x
    }

    private func choleskyFactor(damping: ParameterVector) -> InlineArray<8, ParameterVector>? {
        var lower = InlineArray<8, ParameterVector>(repeating: .zero)
        for i in 0..<size {
            for j in 0...i {
                var sum = rows[i][j] + (i == j ? damping[i] : 0)
                for k in 0..<j { sum -= lower[i][k] * lower[j][k] }
                if i == j {
                    guard sum > 0, sum.isFinite else { return nil }
                    lower[i][i] = sum.squareRoot()
                } else {
                    lower[i][j] = sum / lower[j][j]
                }
            }
        }
        return lower
    }

    /// The largest over the smallest eigenvalue after scaling the diagonal to one, so that units do not count;
    /// infinite when the matrix is singular.
    func scaledConditionNumber() -> Double {
        let scale = diagonal
        var scaled = self
        for i in 0..<size {
            for j in 0..<size {
                guard scale[i] > 0, scale[j] > 0 else { return .infinity }
                scaled.rows[i][j] /= (scale[i] * scale[j]).squareRoot()
            }
        }
        let values = scaled.eigenvalues()
        guard let largest = values.max(), let smallest = values.min(), smallest > 0 else { return .infinity }
        return largest / smallest
    }

    /// Eigenvalues by cyclic Jacobi rotations, in no particular order.
    func eigenvalues() -> [Double] {
        var m = self
        for _ in 0..<30 {
            for p in 0..<size {
                for q in (p + 1)..<max(size, p + 1) where m.rows[p][q] != 0 { m.rotate(p, q) }
            }
        }
        return (0..<size).map { m.rows[$0][$0] }
    }

    /// The Jacobi rotation that makes entry (p, q) zero (Golub and Van Loan, algorithm 8.4.1).
    private mutating func rotate(_ p: Int, _ q: Int) {
        let tau = (rows[q][q] - rows[p][p]) / (2 * rows[p][q])
        let t = (tau >= 0 ? 1.0 : -1.0) / (abs(tau) + (1 + tau * tau).squareRoot())
        let c = 1 / (1 + t * t).squareRoot()
        let s = t * c
        for k in 0..<size {
            let (kp, kq) = (rows[k][p], rows[k][q])
            rows[k][p] = c * kp - s * kq
            rows[k][q] = s * kp + c * kq
        }
        let (rowP, rowQ) = (rows[p], rows[q])
        rows[p] = c * rowP - s * rowQ
        rows[q] = s * rowP + c * rowQ
        rows[p][q] = 0
        rows[q][p] = 0
    }
}
