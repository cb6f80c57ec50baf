/// A view of consecutive floats that somebody else owns; valid as long as its owner lives.
@safe
public struct Floats: @unchecked Sendable {
    public let base: UnsafeMutablePointer<Float>
    public let count: Int

    public init(base: UnsafeMutablePointer<Float>, count: Int) {
        self.base = base
        self.count = count
    }

    public subscript(range: Range<Int>) -> Floats {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) is outside of 0..<\(count)")
        return Floats(base: base + range.lowerBound, count: range.count)
    }

    public subscript(index: Int) -> Float {
        get {
            precondition(index >= 0 && index < count, "\(index) is outside of 0..<\(count)")
            return base[index]
        }
        nonmutating set {
            precondition(index >= 0 && index < count, "\(index) is outside of 0..<\(count)")
            base[index] = newValue
        }
    }

    /// A region as a matrix; of its first `rows` rows only, when given.
    public func matrix(_ region: Region, rows: Int? = nil) -> Matrix {
        let rows = rows ?? region.rows
        precondition(rows <= region.rows, "\(rows) rows of a region of \(region.rows)")
        return Matrix(
            self[region.offset..<(region.offset + rows * region.columns)], rows: rows, columns: region.columns)
    }

    public func fill(_ value: Float) { base.update(repeating: value, count: count) }

    public func copy(from other: Floats) {
        precondition(count == other.count, "copy of \(other.count) floats into \(count)")
        base.update(from: other.base, count: count)
    }

    public func copy(from other: [Float]) {
        precondition(count == other.count, "copy of \(other.count) floats into \(count)")
        other.withUnsafeBufferPointer { if let from = $0.baseAddress { base.update(from: from, count: count) } }
    }

    public var array: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

    /// The floats as a span, to be used while their owner lives.
    public func withSpan<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
        try body(UnsafeBufferPointer(start: base, count: count).span)
    }
}

/// A view of rows in memory, `stride` floats apart.             [rows, columns]
@safe
public struct Matrix: @unchecked Sendable {
    public let base: UnsafeMutablePointer<Float>
    public let rows: Int
    public let columns: Int
    public let stride: Int

    init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int) {
        self.base = base
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// Dense rows.
    public init(_ floats: Floats, rows: Int, columns: Int) {
        precondition(floats.count == rows * columns, "\(floats.count) floats are not \(rows) x \(columns)")
        self.init(base: floats.base, rows: rows, columns: columns, stride: columns)
    }

    public var isDense: Bool { stride == columns }
    public var count: Int { rows * columns }

    /// Some rows and some columns.
    public func tile(rows: Range<Int>, columns: Range<Int>) -> Matrix {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= self.rows && columns.lowerBound >= 0
                && columns.upperBound <= self.columns, "a tile outside of its matrix")
        return Matrix(
            base: base + rows.lowerBound * stride + columns.lowerBound, rows: rows.count, columns: columns.count,
            stride: stride)
    }

    public func rows(_ range: Range<Int>) -> Matrix { tile(rows: range, columns: 0..<columns) }
    public func columns(_ range: Range<Int>) -> Matrix { tile(rows: 0..<rows, columns: range) }

    public func row(_ index: Int) -> Floats { rows(index..<(index + 1)).floatsOfOneRow }

    private var floatsOfOneRow: Floats { Floats(base: base, count: columns) }

    /// All elements of a dense matrix.
    public var floats: Floats {
        precondition(isDense, "only dense rows are consecutive floats")
        return Floats(base: base, count: count)
    }

    public var transposed: Transposed { Transposed(matrix: self) }
}

/// A matrix read by columns; only as an operand of a product.
@safe
public struct Transposed {
    let matrix: Matrix
}
