import Foundation

/// A safetensors file that is open for reading; its header has been checked, its data are read when asked for.
public struct SafetensorsFile: Sendable {
    /// The tensors' names in the order of their data.
    public let names: [String]

    private let input: InputFile
    private let entries: [String: SafetensorsHeader.Entry]

    /// Opens `url` and checks its header.
    ///
    /// Throws `CheckpointError`: `cannotRead`, or `damaged` for anything that is not the format.
    public init(_ url: URL) throws {
        input = try InputFile(url.resolvingSymlinksInPath().path)
        let header = try SafetensorsHeader(input)
        names = header.entries.map(\.name)
        entries = Dictionary(header.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The extents of a tensor, outermost first; nil when there is no tensor of this name.
    public func shape(_ name: String) -> [Int]? { entries[name]?.shape }

    /// A tensor of float32 values, row by row; bfloat16 and float16 are widened, which loses nothing.
    ///
    /// Throws `CheckpointError`: `unsuitable` for an unknown name or another type, `damaged` when the disk fails.
    public func floats(_ name: String) throws -> [Float] {
        let entry = try entry(name)
        switch entry.type {
        case .float32: return try values(Float.self, of: entry)
        case .bfloat16: return try values(UInt16.self, of: entry).map { Float(bitPattern: UInt32($0) << 16) }
        case .float16: return try values(UInt16.self, of: entry).map { Float(Float16(bitPattern: $0)) }
        default: throw unsuitable(entry, as: "float32")
        }
    }

    /// A tensor of float64 values, or one that `floats` can read, widened.
    public func doubles(_ name: String) throws -> [Double] {
        let entry = try entry(name)
        if entry.type == .float64 { return try values(Double.self, of: entry) }
        return try floats(name).map(Double.init)
    }

    /// A tensor of integers, signed or not, of 8 to 64 bits; booleans are 0 and 1.
    public func integers(_ name: String) throws -> [Int] {
        let entry = try entry(name)
        switch entry.type {
        case .bool, .uint8: return try values(UInt8.self, of: entry).map(Int.init)
        case .int8: return try values(Int8.self, of: entry).map(Int.init)
        case .int16: return try values(Int16.self, of: entry).map(Int.init)
        case .uint16: return try values(UInt16.self, of: entry).map(Int.init)
        case .int32: return try values(Int32.self, of: entry).map(Int.init)
        case .uint32: return try values(UInt32.self, of: entry).map(Int.init)
        case .int64: return try values(Int64.self, of: entry).map(Int.init)
        default: throw unsuitable(entry, as: "integer")
        }
    }

    private func values<Value: BitwiseCopyable & Numeric>(
        _ type: Value.Type, of entry: SafetensorsHeader.Entry
    ) throws -> [Value] {
        try input.values(type, at: entry.offset, count: entry.count)
    }

    private func entry(_ name: String) throws -> SafetensorsHeader.Entry {
        if let entry = entries[name] { return entry }
        throw CheckpointError(.unsuitable, "\(input.path) holds no tensor \(name); it holds \(names.count) others")
    }

    private func unsuitable(_ entry: SafetensorsHeader.Entry, as wanted: String) -> CheckpointError {
        CheckpointError(
            .unsuitable, "\(entry.name) in \(input.path) has the type \(entry.type.rawValue), not \(wanted)")
    }
}
