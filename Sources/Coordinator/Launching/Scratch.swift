import Experiment
import Foundation

/// The temporary folders of one launch, its own, so that launches side by side or one after a crash never meet:
/// Open MPI's session files, and its queues. Removed at the end; those of a launch that was killed, by a later one.
struct Scratch {
    /// Short, because sockets are named below it (at most 108 bytes).
    let session: URL
    /// Where Open MPI keeps the queues between ranks of one host.
    let sharedMemory: URL
    /// What was adapted to this machine, in a sentence.
    let note: String?

    init(ranks: Int, sharedMemoryRoot: String = "/dev/shm") throws {
        ScratchRemains.remove(below: [Self.temporaryRoot, sharedMemoryRoot])
        let name = ScratchRemains.newName()
        session = URL(fileURLWithPath: Self.temporaryRoot).appendingPathComponent(name)
        try Self.create(session)
        let needed = Self.sharedMemoryBytes(ranks: ranks)
        let free = Host.freeBytes(at: sharedMemoryRoot) ?? 0
        let inMemory = URL(fileURLWithPath: sharedMemoryRoot).appendingPathComponent(name)
        if free >= needed, (try? Self.create(inMemory)) != nil {
            (sharedMemory, note) = (inMemory, nil)
        } else {
            sharedMemory = session
            note =
                "\(sharedMemoryRoot) has \(free >> 20) MiB free, less than the \(needed >> 20) MiB that \(ranks) ranks may "
                + "need; their message queues go to files in \(session.path) instead."
        }
    }

    func remove() {
        try? FileManager.default.removeItem(at: session)
        try? FileManager.default.removeItem(at: sharedMemory)
    }

    /// Open MPI's queues take 4 MiB per rank and grow; a margin keeps a full /dev/shm from ending a run with SIGBUS.
    static func sharedMemoryBytes(ranks: Int) -> Int { (64 + 16 * ranks) << 20 }

    private static var temporaryRoot: String {
        let chosen = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let isUsable = chosen.utf8.count <= 34 && FileManager.default.isWritableFile(atPath: chosen)
        return isUsable ? chosen : "/tmp"
    }

    private static func create(_ folder: URL) throws {
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            try ScratchRemains.mark(folder)
        } catch {
            throw Failure(
                .worker,
                "Cannot create the temporary folder \(folder.path): \(error.localizedDescription); set TMPDIR to a folder "
                    + "that can be written.")
        }
    }
}
