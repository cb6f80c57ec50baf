import Foundation

/// A safetensors file of float32 tensors that is being written, tensor by tensor, beside its final place.
public struct SafetensorsWriter: ~Copyable {
    private let tensors: [TensorSpecification]
    private let part: PartFile
    private var position: Int
    private var tensorIndex = 0

    /// Begins the file `url` for `tensors` in this order; their data follow by `write`.
    ///
    /// Throws `CheckpointError`: `cannotWrite`, or `unsuitable` for names and shapes that no file can hold.
    public init(_ url: URL, tensors: [TensorSpecification]) throws {
        try TensorSpecification.validate(tensors)
        let path = url.standardizedFileURL.path
        let header = try SafetensorsHeader.rendered(for: tensors)
        let part = try PartFile(path: path + ".part", finalPath: path)
        try part.requireFreeSpace(tensors.reduce(header.count) { $0 + $1.count * 4 })
        try part.write(header, at: 0)
        self.tensors = tensors
        self.part = part
        position = header.count
    }

    /// Writes the next tensor, whole.
    public mutating func write(_ floats: Span<Float>) throws {
        precondition(tensorIndex < tensors.count, "all tensors of the file have been written")
        precondition(
            floats.count == tensors[tensorIndex].count, "\(floats.count) floats are not \(tensors[tensorIndex])")
        try floats.withUnsafeBytes { try part.write($0, at: position) }
        position += floats.count * 4
        tensorIndex += 1
    }

    /// Gives the finished file its name; one of that name is replaced.
    public consuming func commit() throws {
        precondition(tensorIndex == tensors.count, "\(tensors.count - tensorIndex) tensors are missing")
        try part.publish()
    }
}
