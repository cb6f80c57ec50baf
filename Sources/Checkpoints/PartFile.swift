import Foundation

/// A file that is being written beside its final place; it disappears unless it is published.
///
/// Until `publish()` its name ends in `.part`, so no reader takes it for finished, and a kill leaves only that.
struct PartFile: ~Copyable {
    /// The path that `publish()` gives the file.
    let finalPath: String
    let path: String
    private let descriptor: Int32
    private var isPublished = false

    /// Creates an empty file at `path` on its way to `finalPath`; a stale one of a killed process is removed first.
    init(path: String, finalPath: String) throws {
        if unlink(path) != 0 && errno != ENOENT {
            throw CheckpointError.system(.cannotWrite, "remove the stale", path, errorNumber: errno)
        }
        let opened = retryingInterrupts { open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644) }
        if opened < 0 { throw CheckpointError.system(.cannotWrite, "create", path, errorNumber: errno) }
        descriptor = opened
        self.path = path
        self.finalPath = finalPath
    }

    deinit {
        if !isPublished {
            close(descriptor)
            unlink(path)
        }
    }

    /// Writes all of `bytes` at `offset`, however many calls the system needs.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = retryingInterrupts { pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done)) }
            if count < 0 { throw CheckpointError.system(.cannotWrite, "write", path, errorNumber: errno) }
            if count == 0 { throw CheckpointError.system(.cannotWrite, "write", path, errorNumber: ENOSPC) }
            done += count
        }
    }

    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: [UInt8], at offset: Int) throws {
        try bytes.withUnsafeBytes { try write($0, at: offset) }
    }

    /// Throws when the file system has fewer than `byteCount` bytes left: better now than after minutes of writing.
    func requireFreeSpace(_ byteCount: Int) throws {
        var status = statvfs()
        guard retryingInterrupts({ fstatvfs(descriptor, &status) }) == 0 else { return }
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard !free.overflow, free.partialValue < UInt64(byteCount) else { return }
        throw CheckpointError(
            .cannotWrite,
            "cannot write \(finalPath): it needs \(byteCount) bytes and its file system has \(free.partialValue) left; "
                + "free space there, or keep fewer checkpoints", errorNumber: ENOSPC)
    }

    /// Brings everything written so far to the disk. A failure is final: the system may have dropped the pages.
    func synchronize() throws {
        if retryingInterrupts({ fsync(descriptor) }) != 0 {
            throw CheckpointError.system(.cannotWrite, "bring to the disk", path, errorNumber: errno)
        }
    }

    /// Gives the synchronised file its final name, in place of any older one, and brings the name to the disk.
    consuming func publish() throws {
        try synchronize()
        if rename(path, finalPath) != 0 {
            throw CheckpointError.system(.cannotWrite, "rename to \(finalPath) the file", path, errorNumber: errno)
        }
        isPublished = true
        close(descriptor)
        try synchronizeFolder(of: finalPath)
    }
}

/// Brings the names in the folder of `path` to the disk.
func synchronizeFolder(of path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = retryingInterrupts { open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    if descriptor < 0 { throw CheckpointError.system(.cannotWrite, "open", folder, errorNumber: errno) }
    defer { close(descriptor) }
    // Some file systems have no fsync for folders, and say so.
    if retryingInterrupts({ fsync(descriptor) }) != 0 && errno != EINVAL {
        throw CheckpointError.system(.cannotWrite, "bring to the disk", folder, errorNumber: errno)
    }
}

/// Writes a small file so that it is there whole or not at all.
func writeAtomically(_ bytes: [UInt8], to path: String) throws {
    let part = try PartFile(path: path + ".part", finalPath: path)
    try part.write(bytes, at: 0)
    try part.publish()
}
