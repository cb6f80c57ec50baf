import Foundation

/// Writing a small file so that either the old or the new content survives a crash.
public enum DurableFile {
    /// Writes beside, syncs, renames over, and syncs the folder.
    public static func replace(_ url: URL, with data: Data) throws {
        let part = url.appendingPathExtension("part")
        do {
            try data.write(to: part)
            let file = try FileHandle(forWritingTo: part)
            try file.synchronize()
            try file.close()
            guard unsafe rename(part.path, url.path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
            let folder = unsafe open(url.deletingLastPathComponent().path, O_RDONLY)
            guard folder >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
            defer { close(folder) }
            guard fsync(folder) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        } catch {
            try? FileManager.default.removeItem(at: part)
            throw Failure(.worker, "Cannot write \(url.path): \(error.localizedDescription)")
        }
    }

    /// Appends whole lines to a file, creating it where there is none.
    public static func append(_ text: String, to url: URL) throws {
        let descriptor = unsafe open(url.path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard descriptor >= 0 else {
            throw Failure(
                .worker, "Cannot open \(url.path): \(POSIXError(.init(rawValue: errno) ?? .EIO).localizedDescription)")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(text.utf8))
        } catch {
            throw Failure(.worker, "Cannot write to \(url.path): \(error.localizedDescription)")
        }
    }
}
