import Experiment
import Foundation
import Tokenization

/// The folder beside its place in which a corpus is prepared, held by one process at a time. It outlives a kill: the
/// next process with the same work goes on with it. The system lets go of the lock when a process ends, however it
/// ends.
final class PartialCorpus {
    let folder: URL
    private let lock: FileHandle

    private static let lockFile = ".lock"
    /// Nobody has come back for what is older.
    private static let secondsUntilAbandoned = 7.0 * 86_400

    /// Waits until no other process holds it.
    /// - Parameter key: names the work: the text, and how it is to be prepared.
    init(in parent: URL, key: String, progress: (CorpusProgress) -> Void) throws {
        let folder = parent.appending(component: ".partial-\(key.prefix(16))")
        self.folder = folder
        Self.removeAbandoned(in: parent)
        while true {
            try attempting("create", folder) {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            }
            let path = folder.appending(component: Self.lockFile).path
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            // The folder may have been renamed or removed in between.
            guard descriptor >= 0 || errno != ENOENT else { continue }
            guard descriptor >= 0 else {
                throw Failure(.worker, "Cannot open \(path) (errno \(errno)); check that you may write there.")
            }
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                progress(.message("Another process prepares the same corpus in \(folder.path); waiting for it."))
                guard flock(descriptor, LOCK_EX) == 0 else { continue }
            }
            guard Self.isSame(descriptor, path) else { continue }
            lock = file
            return
        }
    }

    /// Puts the folder in its place; of two that stand for the same corpus, the one that is there stays.
    func move(to place: URL) throws {
        try? FileManager.default.removeItem(at: folder.appending(component: Self.lockFile))
        do {
            try FileManager.default.moveItem(at: folder, to: place)
        } catch {
            let there = place.appending(component: PreparedCorpus.indexFile).path
            guard FileManager.default.fileExists(atPath: there) else {
                throw Failure(.worker, "Moving the prepared corpus to \(place.path) failed: \(error.reason).")
            }
            remove()
        }
    }

    /// Gives up what is in it.
    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// The path still leads to the file that was locked.
    private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
        var held = stat()
        var named = stat()
        guard unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &named) == 0 else { return false }
        return held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }

    private static func removeAbandoned(in parent: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(".partial-") {
            let left = parent.appending(component: name)
            let attributes = try? FileManager.default.attributesOfItem(atPath: left.path)
            guard let changed = attributes?[.modificationDate] as? Date,
                changed.timeIntervalSinceNow < -secondsUntilAbandoned
            else { continue }
            try? FileManager.default.removeItem(at: left)
        }
    }
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
