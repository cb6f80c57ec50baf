import Foundation

/// The header of a safetensors file: which tensor lies where.
///
/// The format: 8 bytes that give the header's length (little-endian), a JSON object with `dtype`, `shape` and
/// `data_offsets` per tensor, then the data without holes (github.com/huggingface/safetensors, "Format").
struct SafetensorsHeader {
    struct Entry {
        let name: String
        let type: ElementType
        let shape: [Int]
        /// How many elements the shape makes.
        let count: Int
        /// Where the data begin in the file.
        let offset: Int
    }

    /// The element types that have a size; only some can be read (`SafetensorsFile`).
    enum ElementType: String {
        case bool = "BOOL"
        case uint8 = "U8"
        case int8 = "I8"
        case int16 = "I16"
        case uint16 = "U16"
        case float16 = "F16"
        case bfloat16 = "BF16"
        case int32 = "I32"
        case uint32 = "U32"
        case float32 = "F32"
        case float64 = "F64"
        case int64 = "I64"
        case uint64 = "U64"

        var byteCount: Int {
            switch self {
            case .bool, .uint8, .int8: 1
            case .int16, .uint16, .float16, .bfloat16: 2
            case .int32, .uint32, .float32: 4
            case .float64, .int64, .uint64: 8
            }
        }
    }

    /// The limit of the reference implementation.
    private static let largestSize = 100_000_000

    /// In the order of their data.
    let entries: [Entry]

    /// Reads and checks the header: every tensor must lie within the file, and all of them must fill it exactly.
    init(_ input: InputFile) throws {
        func damaged(_ reason: String) -> CheckpointError {
            CheckpointError(.damaged, "\(input.path) is not a sound safetensors file: \(reason); get it again")
        }
        guard input.byteCount >= 8 else { throw damaged("it has \(input.byteCount) bytes") }
        let length = try input.values(UInt64.self, at: 0, count: 1)[0]
        guard length <= UInt64(min(Self.largestSize, input.byteCount - 8)) else {
            throw damaged("its header claims \(length) bytes of the \(input.byteCount - 8) that follow")
        }
        let stored: Stored
        do {
            stored = try JSONDecoder().decode(Stored.self, from: Data(input.bytes(at: 8, count: Int(length))))
        } catch let error as DecodingError {
            throw damaged("its header is not the expected JSON (\(error.summary))")
        }
        let start = 8 + Int(length)
        var position = 0
        var entries: [Entry] = []
        for (name, tensor) in stored.tensors.sorted(by: { $0.value.sortKey < $1.value.sortKey }) {
            guard let type = ElementType(rawValue: tensor.dtype) else {
                throw damaged("\(name) has the unknown type \(tensor.dtype)")
            }
            guard let count = TensorSpecification.checkedCount(tensor.shape) else {
                throw damaged("\(name) has the shape \(tensor.shape)")
            }
            guard tensor.offsets.count == 2, tensor.offsets[0] == position, tensor.offsets[1] >= position,
                tensor.offsets[1] <= input.byteCount - start,
                tensor.offsets[1] - position == count * type.byteCount
            else {
                throw damaged(
                    "\(name) of type \(tensor.dtype) and shape \(tensor.shape) has the offsets \(tensor.offsets), "
                        + "expected \(position) to \(position + count * type.byteCount) within the file")
            }
            entries.append(
                Entry(name: name, type: type, shape: tensor.shape, count: count, offset: start + position))
            position = tensor.offsets[1]
        }
        guard position == input.byteCount - start else {
            throw damaged("its tensors fill \(position) of \(input.byteCount - start) bytes")
        }
        self.entries = entries
    }

    /// The header for float32 tensors in this order, padded with spaces so that data begin at a multiple of 8 bytes.
    static func rendered(for tensors: [TensorSpecification]) throws -> [UInt8] {
        var json = "{\"__metadata__\":{\"format\":\"pt\"}"
        var position = 0
        for tensor in tensors {
            let end = position + tensor.count * 4
            let name = String(decoding: try JSONEncoder().encode(tensor.name), as: UTF8.self)
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            json += ",\(name):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(position),\(end)]}"
            position = end
        }
        json += "}"
        json += String(repeating: " ", count: (8 - json.utf8.count % 8) % 8)
        let length = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) }
        return length + Array(json.utf8)
    }

    /// The JSON object: tensors by name, and free text under `__metadata__`.
    private struct Stored: Decodable {
        struct Tensor: Decodable {
            let dtype: String
            let shape: [Int]
            let offsets: [Int]

            /// Where an empty tensor meets another, the empty one comes first.
            var sortKey: (Int, Int) { (offsets.first ?? 0, offsets.last ?? 0) }

            enum CodingKeys: String, CodingKey {
                case dtype, shape
                case offsets = "data_offsets"
            }
        }

        struct Name: CodingKey {
            let stringValue: String
            let intValue: Int? = nil
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var tensors: [String: Tensor] = [:]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            for name in container.allKeys {
                if name.stringValue == "__metadata__" {
                    _ = try container.decode([String: String].self, forKey: name)
                } else {
                    tensors[name.stringValue] = try container.decode(Tensor.self, forKey: name)
                }
            }
        }
    }
}

extension DecodingError {
    /// Where and why, in a few words.
    var summary: String {
        switch self {
        case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
            .valueNotFound(_, let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return (path.isEmpty ? "" : "at \(path): ") + context.debugDescription
        @unknown default: return "\(self)"
        }
    }
}
