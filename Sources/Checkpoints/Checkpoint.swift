import Foundation

/// A committed checkpoint that has been verified and is open for reading.
///
/// Its file was compared with its commit record before HDF5 saw it. Reading needs no HDF5: tensors are runs of floats
/// at known offsets, so any thread and any rank may read any part.
public final class Checkpoint: Sendable {
    /// Counters, configuration and further attributes.
    public let header: CheckpointHeader
    /// The digest that was computed while the tensors were written.
    public let digest: String
    /// The parameters in Hugging Face's order; both moments have the same names and shapes.
    public let tensors: [TensorSpecification]
    /// What was committed.
    public let record: CommitRecord

    private let input: InputFile
    private let offsets: [TensorGroup: [Int]]
    private let indices: [String: Int]

    /// How many updates the parameters have seen.
    public var step: Int { header.step }
    /// How many tokens they have seen.
    public var tokens: Int { header.tokens }
    /// The resolved configuration of the run, YAML.
    public var config: String { header.config }
    /// Where the file lies.
    public var file: URL { URL(fileURLWithPath: input.path) }

    /// Opens the checkpoint at `file` after verifying every byte of it against the commit record beside it.
    ///
    /// Throws `CheckpointError`: `cannotRead`, `uncommitted`, `damaged`, or `unsuitable` for another schema.
    public convenience init(_ file: URL) throws {
        let path = file.standardizedFileURL.path
        // A wrong path is told as such, before its missing record.
        _ = try InputFile(path)
        try self.init(VerifiedFile(path, record: CommitRecord(for: path)))
    }

    init(_ verified: VerifiedFile) throws {
        let contents = try CheckpointContents(verified.input)
        input = verified.input
        record = verified.record
        header = contents.header
        digest = contents.digest
        tensors = contents.tensors
        offsets = contents.offsets
        indices = Dictionary(uniqueKeysWithValues: zip(tensors.map(\.name), 0...))
        if (header.step, header.tokens, digest) != (record.step, record.tokens, record.digest) {
            throw CheckpointError(
                .damaged, "\(input.path) holds step \(header.step) and its record is of step \(record.step)")
        }
    }

    /// A whole tensor, row by row.
    ///
    /// Throws `CheckpointError`: `unsuitable` for an unknown name, `damaged` when the disk fails.
    public func read(_ name: String, group: TensorGroup = .parameters) throws -> [Float] {
        let index = try index(of: name)
        var floats = [Float](repeating: 0, count: tensors[index].count)
        var span = floats.mutableSpan
        try read(name, group: group, into: &span)
        return floats
    }

    /// Fills `floats` with those of a tensor that begin at float `start`; they must lie within the tensor.
    public func read(
        _ name: String, group: TensorGroup = .parameters, from start: Int = 0, into floats: inout MutableSpan<Float>
    ) throws {
        let index = try index(of: name)
        precondition(
            start >= 0 && floats.count <= tensors[index].count - start,
            "floats \(start)..<\(start + floats.count) are not all in \(tensors[index])")
        guard let offset = offsets[group]?[index] else { preconditionFailure("a checkpoint has all groups") }
        try floats.withUnsafeMutableBytes { try input.read(into: $0, at: offset + start * 4) }
    }

    /// Computes the digest anew from the tensors; throws `damaged` when it is not the stored one.
    public func verifyDigest() throws {
        var computed = TensorDigest()
        for group in TensorGroup.allCases {
            for tensor in tensors {
                try read(tensor.name, group: group).withUnsafeBytes { computed.update($0) }
                computed.finishTensor()
            }
        }
        let found = computed.finalize()
        if found != digest {
            throw CheckpointError(
                .damaged, "the tensors of \(input.path) have the digest \(found), it says \(digest); use another one")
        }
    }

    private func index(of name: String) throws -> Int {
        if let index = indices[name] { return index }
        throw CheckpointError(
            .unsuitable, "\(input.path) holds no tensor \(name); it holds \(tensors.count), such as \(tensors[0].name)")
    }
}
