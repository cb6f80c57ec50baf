import Experiment
import Foundation

/// The folder beside its place in which a corpus is prepared, held by one process at a time. It outlives a kill: the
/// next process with the same work goes on with it. The system lets go of the lock when a process ends, however it
/// ends.
final class PartialCorpus {
    let folder: URL
    private let lock: FileHandle

    private static let prefix = ".apus-partial-"
    private static let lockFile = ".lock"
    /// Nobody has come back for what is older.
    private static let secondsUntilAbandoned = 7.0 * 86_400

    /// Waits until no other process holds it.
    /// - Parameter key: names the work: the text, and how it is to be prepared.
    /// - Throws: `Failure(.worker)` where the folder or its lock cannot be had.
    init(in parent: URL, key: String, progress: (CorpusProgress) -> Void) throws {
        folder = parent.appending(component: Self.prefix + key.prefix(16))
        Self.removeAbandoned(in: parent)
        lock = try Self.take(folder, progress: progress)
    }

    /// Makes the folder where it is missing, and locks it.
    private static func take(_ folder: URL, progress: (CorpusProgress) -> Void) throws -> FileHandle {
        while true {
            try attempting("create", folder) {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            }
            // Nil: the folder was renamed or removed in between.
            guard let file = try open(folder) else { continue }
            if try !lock(file, in: folder, waiting: false) {
                progress(.message("Another process prepares the same corpus in \(folder.path); waiting for it."))
                _ = try lock(file, in: folder, waiting: true)
            }
            if isSame(file, folder) { return file }
        }
    }

    /// Puts the folder in its place, where nothing is. False when something came there in between; then it stays.
    func move(to place: URL) throws -> Bool {
        do {
            // With the lock inside: nobody takes the folder for one that is still being written.
            try FileManager.default.moveItem(at: folder, to: place)
        } catch {
            guard FileManager.default.fileExists(atPath: place.path) else {
                throw Failure(.worker, "Moving the prepared corpus to \(place.path) failed: \(error.reason).")
            }
            return false
        }
        Self.tidy(place)
        return true
    }

    /// Removes from a whole corpus what was needed to prepare it.
    static func tidy(_ place: URL) {
        for name in [lockFile, CorpusWriter.journalFile] {
            try? FileManager.default.removeItem(at: place.appending(component: name))
        }
    }

    /// Gives up what is in it.
    func remove() { Self.remove(folder) }

    /// Renames first, so that nobody works in a folder that is half gone.
    private static func remove(_ folder: URL) {
        let aside = folder.deletingLastPathComponent().appending(component: prefix + UUID().uuidString)
        guard (try? FileManager.default.moveItem(at: folder, to: aside)) != nil else { return }
        try? FileManager.default.removeItem(at: aside)
    }

    private static func open(_ folder: URL) throws -> FileHandle? {
        let path = folder.appending(component: lockFile).path
        let descriptor = unsafe Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure(.worker, "Cannot open \(path) (\(POSIXError.last)); check that you may write there.")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// False when another process holds it and this one does not wait.
    private static func lock(_ file: FileHandle, in folder: URL, waiting: Bool) throws -> Bool {
        while flock(file.fileDescriptor, waiting ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            if errno == EWOULDBLOCK { return false }
            throw Failure(
                .worker,
                "Cannot lock \(folder.path) (\(POSIXError.last)); prepare the corpus on a file system that has locks.")
        }
        return true
    }

    /// The folder's lock is still the one that was taken.
    private static func isSame(_ file: FileHandle, _ folder: URL) -> Bool {
        var held = stat()
        var named = stat()
        guard unsafe fstat(file.fileDescriptor, &held) == 0,
            unsafe stat(folder.appending(component: lockFile).path, &named) == 0
        else { return false }
        return held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }

    private static func removeAbandoned(in parent: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let left = parent.appending(component: name)
            let attributes = try? FileManager.default.attributesOfItem(atPath: left.path)
            guard let changed = attributes?[.modificationDate] as? Date,
                changed.timeIntervalSinceNow < -secondsUntilAbandoned, let file = try? open(left),
                (try? lock(file, in: left, waiting: false)) == true
            else { continue }
            remove(left)
        }
    }
}

extension POSIXError {
    /// What the system says about the last call that failed.
    fileprivate static var last: String { POSIXError(.init(rawValue: errno) ?? .EIO).localizedDescription }
}

/// Runs `body`; an error becomes a `Failure` that names the folder.
func attempting(_ verb: String, _ folder: URL, _ body: () throws -> Void) throws {
    do {
        try body()
    } catch {
        throw Failure(
            .worker,
            "Cannot \(verb) the folder \(folder.path) (\(error.reason)); check that there is space and that you may write there."
        )
    }
}
