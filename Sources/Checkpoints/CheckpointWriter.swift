import Foundation

/// A checkpoint that is being written, tensor by tensor, beside its final place.
///
/// The order is: all parameters, all first moments, all second moments, each in the order of `tensors`. Nothing with
/// the final name exists before `commit()`; a writer that is dropped earlier leaves nothing behind.
public struct CheckpointWriter: ~Copyable {
    private let file: String
    private let header: CheckpointHeader
    private let tensors: [TensorSpecification]
    private let layout: FileLayout
    private let part: PartFile
    private var digest = TensorDigest()
    /// Among all tensors of the three groups, the one that the next floats belong to.
    private var tensorIndex = 0
    /// How many floats of it are there.
    private var floatsWritten = 0

    /// Begins the checkpoint of `header.step` in `folder`, which is made when it is not there.
    ///
    /// - Parameter tensors: the parameters in Hugging Face's order.
    /// - Throws: `CheckpointError`: `cannotWrite`, or `unsuitable` for names, shapes or texts that no file can hold.
    public init(folder: URL, header: CheckpointHeader, tensors: [TensorSpecification]) throws {
        try self.init(file: CheckpointFolder(folder).file(step: header.step), header: header, tensors: tensors)
    }

    /// Begins the checkpoint `file`, whose name must end in `.h5`.
    public init(file: URL, header: CheckpointHeader, tensors: [TensorSpecification]) throws {
        let path = file.standardizedFileURL.path
        guard file.pathExtension == "h5" else {
            throw CheckpointError(.unsuitable, "a checkpoint cannot be called \(path): end its name in .h5")
        }
        try header.validate()
        try TensorSpecification.validate(tensors)
        let layout = try FileLayout(header: header, digest: String(repeating: "0", count: 64), tensors: tensors)
        try makeFolder(file.standardizedFileURL.deletingLastPathComponent())
        let part = try PartFile(path: (path as NSString).deletingPathExtension + ".part", finalPath: path)
        try part.requireFreeSpace(layout.byteCount)
        self.file = path
        self.header = header
        self.tensors = tensors
        self.layout = layout
        self.part = part
    }

    /// How many floats are still to come before `commit()`.
    public var floatsRemaining: Int {
        (tensorIndex..<tensorCount).reduce(-floatsWritten) { $0 + count(ofTensor: $1) }
    }

    /// Writes the next floats: a whole tensor, or a piece of any length that ends where its tensor ends or before.
    ///
    /// Throws `CheckpointError` of kind `cannotWrite`; the checkpoint cannot be finished after that.
    public mutating func write(_ floats: Span<Float>) throws {
        precondition(tensorIndex < tensorCount, "all tensors of the checkpoint have been written")
        let count = count(ofTensor: tensorIndex)
        precondition(
            floats.count <= count - floatsWritten,
            "\(floats.count) floats do not fit in the rest of \(tensors[tensorIndex % tensors.count])")
        try floats.withUnsafeBytes { bytes in
            try part.write(bytes, at: layout.dataOffsets[tensorIndex] + floatsWritten * 4)
            digest.update(bytes)
        }
        floatsWritten += floats.count
        if floatsWritten == count {
            digest.finishTensor()
            tensorIndex += 1
            floatsWritten = 0
        }
    }

    /// Writes zeros for all floats that remain: the moments of a model that no optimizer has seen.
    public mutating func writeZeros() throws {
        let zeros = [Float](repeating: 0, count: 1 << 16)
        while tensorIndex < tensorCount {
            let count = min(zeros.count, count(ofTensor: tensorIndex) - floatsWritten)
            try write(zeros.span.extracting(0..<count))
        }
    }

    /// Finishes the checkpoint: metadata, disk, hash of what the disk's cache gives back, name, commit record.
    ///
    /// A checkpoint of the same name that is good and has the same bytes stays as it is; another one is replaced.
    /// - Returns: the record that now lies beside the file.
    /// - Throws: `CheckpointError` of kind `cannotWrite`; then nothing of this checkpoint remains.
    public consuming func commit() throws -> CommitRecord {
        precondition(tensorIndex == tensorCount, "\(floatsRemaining) floats of the checkpoint are missing")
        let digest = digest.finalize()
        try writeMetadata(digest: digest)
        try part.synchronize()
        let record = try record(digest: digest)
        if Self.isGood(file, as: record) { return record }
        try Self.withdrawRecord(of: file)
        let file = file
        do {
            try part.publish()
            try writeAtomically(record.rendered, to: CommitRecord.path(for: file))
        } catch {
            // Without a durable record the file is not committed, and only takes room.
            unlink(CommitRecord.path(for: file))
            unlink(file)
            throw error
        }
        return record
    }

    /// The digest is an attribute inside the file and known only now, so the file is laid out once more.
    private func writeMetadata(digest: String) throws {
        let final = try FileLayout(header: header, digest: digest, tensors: tensors)
        precondition(
            final.byteCount == layout.byteCount && final.dataOffsets == layout.dataOffsets,
            "HDF5 laid out two equal files differently")
        for run in final.metadata { try part.write(run.bytes, at: run.offset) }
    }

    /// The record of what the part holds now, read back.
    private func record(digest: String) throws -> CommitRecord {
        do {
            let written = try InputFile(part.path)
            return CommitRecord(
                file: (file as NSString).lastPathComponent, bytes: written.byteCount, sha256: try written.sha256(),
                step: header.step, tokens: header.tokens, digest: digest)
        } catch let error as CheckpointError {
            throw error.during("read back what was written", .cannotWrite)
        }
    }

    /// Whether the checkpoint `file` is there, unharmed and equal to what `record` describes.
    private static func isGood(_ file: String, as record: CommitRecord) -> Bool {
        guard let existing = try? CommitRecord(for: file), existing == record else { return false }
        return (try? VerifiedFile(file, record: existing)) != nil
    }

    /// An older checkpoint of the same name stops counting before its file is replaced.
    private static func withdrawRecord(of file: String) throws {
        let path = CommitRecord.path(for: file)
        if unlink(path) == 0 { return try synchronizeFolder(of: path) }
        if errno != ENOENT { throw CheckpointError.system(.cannotWrite, "remove", path, errorNumber: errno) }
    }

    private var tensorCount: Int { TensorGroup.allCases.count * tensors.count }

    private func count(ofTensor index: Int) -> Int { tensors[index % tensors.count].count }
}

/// Makes `folder` and those above it.
func makeFolder(_ folder: URL) throws {
    do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
        throw CheckpointError(
            .cannotWrite, "cannot make the folder \(folder.path): \(error.localizedDescription); check its parent")
    }
}
