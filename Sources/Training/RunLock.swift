import Experiment
import Foundation

/// Held by rank 0 while a run goes on, so that no second launch works on the same folder. The system lets go of it
/// when the process ends, however it ends.
final class RunLock {
    private let file: FileHandle

    /// - Throws: `Failure(.worker)` when another process holds it.
    init(_ directory: RunDirectory) throws {
        let path = directory.url.appendingPathComponent(".lock").path
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(.worker, "Cannot open \(path) for the lock of the run.") }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(
                .worker, "\(directory.url.path) is in use by another launch of the run; wait for it, or stop it first.")
        }
    }
}
