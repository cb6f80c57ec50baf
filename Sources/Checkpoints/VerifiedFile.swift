/// A checkpoint's file that is byte for byte what its commit record says; only such a file is shown to HDF5.
struct VerifiedFile {
    let input: InputFile
    let record: CommitRecord

    /// Opens `file` and compares size and SHA-256 with `record`; throws `damaged` when they differ.
    init(_ file: String, record: CommitRecord) throws {
        input = try InputFile(file)
        self.record = record
        if input.byteCount != record.bytes {
            throw CheckpointError(
                .damaged,
                "\(file) is damaged: it has \(input.byteCount) bytes, \(record.bytes) were committed; use another checkpoint"
            )
        }
        let hash = try input.sha256()
        if hash != record.sha256 {
            throw CheckpointError(
                .damaged,
                "\(file) is damaged: its SHA-256 is \(hash), \(record.sha256) was committed; use another checkpoint")
        }
    }
}
