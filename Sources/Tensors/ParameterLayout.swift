/// One layout for parameters, gradients and both moments: named tensors in forward order, each aligned to 64 bytes,
/// the whole padded to full blocks.
public struct ParameterLayout: Sendable {
    /// Floats of a block: the unit of gradient norms and of shards.
    public static let blockSize = 4_096

    /// A named tensor and where it lies.
    public struct Tensor: Sendable, Equatable {
        public let name: String
        public let shape: [Int]
        public let region: Region
    }

    public private(set) var tensors: [Tensor] = []
    private var layout = ArenaLayout()

    public init() {}

    /// A matrix [rows, columns].
    public mutating func matrix(_ name: String, rows: Int, columns: Int) -> Region {
        let region = layout.reserve(rows: rows, columns: columns)
        tensors.append(Tensor(name: name, shape: [rows, columns], region: region))
        return region
    }

    /// A vector [count].
    public mutating func vector(_ name: String, count: Int) -> Region {
        let region = layout.reserve(columns: count)
        tensors.append(Tensor(name: name, shape: [count], region: region))
        return region
    }

    /// Blocks of an arena.
    public var blocks: Int { (layout.count + Self.blockSize - 1) / Self.blockSize }
    /// Floats of an arena.
    public var arenaCount: Int { blocks * Self.blockSize }
    /// Parameters: the tensors' elements without padding.
    public var parameterCount: Int { tensors.reduce(0) { $0 + $1.region.count } }

    /// The tensor that holds element `index` of an arena; nil in padding.
    public func tensor(at index: Int) -> Tensor? { tensors.first { $0.region.range.contains(index) } }
}
