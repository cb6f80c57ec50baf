import COpenBLAS

/// c = scale · a b, or c += scale · a b.     a: [m, k]   b: [k, n]   c: [m, n]
public func multiply(_ a: Matrix, _ b: Matrix, into c: Matrix, scale: Float = 1, adding: Bool = false) {
    precondition(a.columns == b.rows && a.rows == c.rows && b.columns == c.columns, "shapes of a product clash")
    gemm(CblasNoTrans, CblasNoTrans, a, b, c, inner: a.columns, scale, adding)
}

/// c = scale · a bᵀ, or c += scale · a bᵀ.   a: [m, k]   b: [n, k]   c: [m, n]
public func multiply(_ a: Matrix, _ b: Transposed, into c: Matrix, scale: Float = 1, adding: Bool = false) {
    precondition(
        a.columns == b.matrix.columns && a.rows == c.rows && b.matrix.rows == c.columns, "shapes of a product clash")
    gemm(CblasNoTrans, CblasTrans, a, b.matrix, c, inner: a.columns, scale, adding)
}

/// c = scale · aᵀ b, or c += scale · aᵀ b.   a: [k, m]   b: [k, n]   c: [m, n]
public func multiply(_ a: Transposed, _ b: Matrix, into c: Matrix, scale: Float = 1, adding: Bool = false) {
    precondition(
        a.matrix.rows == b.rows && a.matrix.columns == c.rows && b.columns == c.columns, "shapes of a product clash")
    gemm(CblasTrans, CblasNoTrans, a.matrix, b, c, inner: b.rows, scale, adding)
}

private func gemm(
    _ transposeA: CBLAS_TRANSPOSE, _ transposeB: CBLAS_TRANSPOSE, _ a: Matrix, _ b: Matrix, _ c: Matrix, inner: Int,
    _ scale: Float, _ adding: Bool
) {
    cblas_sgemm(
        CblasRowMajor, transposeA, transposeB, blasint(c.rows), blasint(c.columns), blasint(inner), scale, a.base,
        blasint(a.stride), b.base, blasint(b.stride), adding ? 1 : 0, c.base, blasint(c.stride))
}

/// What the linked OpenBLAS says of itself.
public enum BLAS {
    /// The core type whose kernels it chose, such as `SkylakeX`.
    public static var coreName: String { String(cString: openblas_get_corename()) }
    public static var threads: Int { Int(openblas_get_num_threads()) }
    /// Version and build options.
    public static var configuration: String { String(cString: openblas_get_config()) }
}
