import Experiment
import Tensors

/// What a kernel must give: the value in Double, and the magnitude that float32's rounding errors on the way to it are
/// proportional to (the sum of the absolute values of what is added, times the condition of what follows).
struct Expected {
    /// Below this, float32 has no more bits: its subnormals.
    static let smallest = 0x1p-120

    let value: Double
    let magnitude: Double

    init(_ value: Double, magnitude: Double) {
        self.value = value
        self.magnitude = magnitude + Self.smallest
    }

    /// A value that takes one rounding, or none.
    init(_ value: Double) { self.init(value, magnitude: abs(value)) }
}

/// What a kernel gave beside what its plain twin says.
struct Outcome {
    let actual: [Double]
    let expected: [Expected]

    init(_ actual: [Double], _ expected: [Expected]) {
        precondition(actual.count == expected.count, "the twin has another size")
        self.actual = actual
        self.expected = expected
    }

    init(_ actual: Floats, _ expected: [Expected]) { self.init(actual.array.map(Double.init), expected) }

    /// Half the distance of neighbouring floats, relative: the error of one rounding.
    static let rounding = 0x1p-24

    /// The largest error, in roundings of the magnitude; infinite where a NaN came out.
    var worstError: Double {
        zip(actual, expected).reduce(0) { worst, pair in
            let error = abs(pair.0 - pair.1.value) / (pair.1.magnitude * Self.rounding)
            return error.isNaN ? .infinity : max(worst, error)
        }
    }
}

/// Seeded normal numbers, cut from one table: a number by itself costs microseconds in a debug build.
struct Numbers {
    static let seed: UInt64 = 20_261_121
    private static let table: [Float] = {
        let stream = RandomStream(seed: seed, purpose: "tests", name: "tensors")
        return (0..<8_191).map { Float(stream.normal($0)) }
    }()

    private var place: Int
    let scale: Float

    init(start: Int = 0, scale: Float = 1) {
        place = start % Self.table.count
        self.scale = scale
    }

    private mutating func next() -> Float {
        place = (place + 1) % Self.table.count
        return Self.table[place]
    }

    /// Normal numbers of the deviation `scale`.
    mutating func normals(_ count: Int) -> [Float] { (0..<count).map { _ in next() * scale } }

    /// Integers in 0..<bound.
    mutating func integers(_ count: Int, below bound: Int) -> [Int32] {
        (0..<count).map { _ in Int32(abs(next()) * 10_000) % Int32(bound) }
    }
}

/// The arrays of one call: seeded, `offset` floats behind a 64-byte boundary, with guards on both sides.
final class Inputs {
    private static let guardCount = 32
    private static let guardValue: Float = 12_345.5

    private var numbers: Numbers
    private let offset: Int
    private var buffers: [(arena: Arena, range: Range<Int>)] = []

    init(start: Int = 0, scale: Float = 1, offset: Int = 0) {
        numbers = Numbers(start: start, scale: scale)
        self.offset = offset
    }

    /// A copy of `values` that lives as long as these inputs.
    func place(_ values: [Float]) -> Floats {
        let first = Self.guardCount + offset
        let arena = Arena(count: first + values.count + Self.guardCount)
        arena.floats.fill(Self.guardValue)
        let range = first..<(first + values.count)
        arena.floats[range].copy(from: values)
        buffers.append((arena, range))
        return arena.floats[range]
    }

    func normals(_ count: Int) -> Floats { place(numbers.normals(count)) }
    func positives(_ count: Int) -> Floats { place(numbers.normals(count).map { abs($0) }) }
    func constant(_ value: Float, _ count: Int) -> Floats { place(Array(repeating: value, count: count)) }
    func integers(_ count: Int, below bound: Int) -> [Int32] { numbers.integers(count, below: bound) }

    /// Nothing was written beside an array.
    var areIntact: Bool {
        buffers.allSatisfy { buffer in
            let before = buffer.arena.floats[0..<buffer.range.lowerBound].array
            let after = buffer.arena.floats[buffer.range.upperBound..<buffer.arena.count].array
            return (before + after).allSatisfy { $0 == Self.guardValue }
        }
    }
}

extension KernelSet {
    /// The sets that this machine runs.
    static var supported: [KernelSet] { allCases.filter(\.isSupported) }
}
