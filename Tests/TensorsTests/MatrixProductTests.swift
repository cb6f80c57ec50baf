import Tensors
import Testing

@Suite("Matrix products")
struct MatrixProductTests {
    enum Kind: CaseIterable { case plain, secondTransposed, firstTransposed }

    /// m, n, k: one, odd ones, around the tiles of a library's kernels, and long.
    static let shapes = [
        (1, 1, 1), (1, 7, 3), (5, 1, 9), (3, 5, 1), (15, 17, 16), (16, 16, 16), (31, 33, 13), (64, 65, 6),
        (2, 100, 130),
    ]
    /// The library may add in any order and use fused multiply-adds: one rounding per term, some for scale and sum.
    static func roundings(_ inner: Int) -> Double { Double(inner) + 4 }

    /// One product on seeded operands inside of bigger matrices.
    private struct Product {
        let kind: Kind
        let m, n, k: Int
        let a, b, c: Matrix
        let inputs: Inputs

        /// - Parameter gap: floats between the rows of every operand.
        init(_ kind: Kind, _ shape: (Int, Int, Int), gap: Int, offset: Int = 0) {
            self.kind = kind
            (m, n, k) = shape
            let inputs = Inputs(start: 31 * m + n, offset: offset)
            func matrix(_ rows: Int, _ columns: Int) -> Matrix {
                Matrix(inputs.normals((rows + 2) * (columns + gap)), rows: rows + 2, columns: columns + gap)
                    .tile(rows: 1..<(rows + 1), columns: (gap / 2)..<(gap / 2 + columns))
            }
            a = kind == .firstTransposed ? matrix(k, m) : matrix(m, k)
            b = kind == .secondTransposed ? matrix(n, k) : matrix(k, n)
            c = matrix(m, n)
            self.inputs = inputs
        }

        func run(scale: Float, adding: Bool) {
            switch kind {
            case .plain: multiply(a, b, into: c, scale: scale, adding: adding)
            case .secondTransposed: multiply(a, b.transposed, into: c, scale: scale, adding: adding)
            case .firstTransposed: multiply(a.transposed, b, into: c, scale: scale, adding: adding)
            }
        }

        var rowsOfC: [[Float]] { (0..<m).map { c.row($0).array } }

        /// The plain triple loop, row by row.
        func twin(scale: Float, adding: Bool) -> [Expected] {
            (0..<m).flatMap { i in
                (0..<n).map { j in
                    let terms = (0..<k).map { l in
                        let x = kind == .firstTransposed ? a.row(l)[i] : a.row(i)[l]
                        let y = kind == .secondTransposed ? b.row(j)[l] : b.row(l)[j]
                        return Double(x) * Double(y) * Double(scale)
                    }
                    return PlainTwins.sum(terms + (adding ? [Double(c.row(i)[j])] : []))
                }
            }
        }
    }

    @Test("products agree with the plain triple loop, dense or strided", arguments: Kind.allCases)
    func agreesWithLoop(kind: Kind) {
        for shape in Self.shapes {
            for (gap, scale, adding) in [(0, 1, false), (0, 1, true), (6, 0.125, false), (5, -2, true)]
                as [(Int, Float, Bool)]
            {
                let product = Product(kind, shape, gap: gap)
                let expected = product.twin(scale: scale, adding: adding)
                product.run(scale: scale, adding: adding)
                let actual = product.rowsOfC.joined().map(Double.init)
                #expect(
                    Outcome(actual, expected).worstError <= Self.roundings(product.k),
                    "\(shape), gap \(gap), scale \(scale), adding \(adding)")
                #expect(product.inputs.areIntact)
            }
        }
    }

    @Test("a product writes its tile and nothing around it")
    func writesItsTileOnly() {
        let inputs = Inputs()
        let big = Matrix(inputs.constant(7, 8 * 9), rows: 8, columns: 9)
        let a = Matrix(inputs.normals(3 * 4), rows: 3, columns: 4)
        let b = Matrix(inputs.normals(4 * 5), rows: 4, columns: 5)
        multiply(a, b, into: big.tile(rows: 2..<5, columns: 1..<6))
        for row in 0..<8 {
            for column in 0..<9 where !((2..<5).contains(row) && (1..<6).contains(column)) {
                #expect(big.row(row)[column] == 7)
            }
        }
    }

    @Test("what was not a number in an overwritten result does not stay")
    func overwritesNaN() {
        let inputs = Inputs()
        let a = Matrix(inputs.normals(6), rows: 2, columns: 3)
        let c = Matrix(inputs.constant(.nan, 4), rows: 2, columns: 2)
        multiply(a, a.transposed, into: c)
        #expect(c.floats.array.allSatisfy { $0.isFinite })
    }

    @Test("equal shapes and strides give equal bits at every address", arguments: Kind.allCases)
    func bitsDoNotDependOnAddress(kind: Kind) {
        for shape in Self.shapes {
            for adding in [false, true] {
                func bits(offset: Int) -> [[Float]] {
                    let product = Product(kind, shape, gap: 3, offset: offset)
                    product.run(scale: 0.5, adding: adding)
                    return product.rowsOfC
                }
                let aligned = bits(offset: 0)
                for offset in [1, 2, 4, 9] { #expect(bits(offset: offset) == aligned, "\(shape) at \(offset)") }
            }
        }
    }
}
