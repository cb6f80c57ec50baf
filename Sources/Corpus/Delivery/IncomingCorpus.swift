import Experiment
import Foundation

/// A corpus that another host sends, written beside its place in local scratch, file by file, and moved there when it is
/// whole. What a killed launch left is removed by the next one that receives on this host.
public final class IncomingCorpus {
    private let manifest: CorpusManifest
    private let scratch: LocalScratch
    private let folder: URL
    /// Shared by all that receive on this host: who gets it alone knows that nobody else is at work.
    private let lock: FileHandle
    /// The file that is arriving.
    private var file: GrowingFile?
    /// Why nothing is written any more; told when the file ends, since the sender goes on until then.
    private var failure: Failure?

    private static let partialPrefix = ".partial-"

    /// Makes the folder to write into.
    /// - Throws: `Failure(.worker)` naming host, folder, bytes needed and free; `.badData` for names that lead elsewhere.
    public init(_ manifest: CorpusManifest, in scratch: LocalScratch) throws {
        try manifest.requireHarmlessNames()
        self.manifest = manifest
        self.scratch = scratch
        folder = scratch.parent.appending(component: Self.partialPrefix + UUID().uuidString)
        try scratch.create(for: manifest.bytes)
        lock = try Self.locked(scratch, bytes: manifest.bytes)
        try scratch.requireRoom(for: manifest.bytes)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        } catch {
            throw scratch.failure(bytes: manifest.bytes, "it cannot be written (\(error.reason))")
        }
    }

    /// A file is to arrive.
    public func begin(_ file: CorpusManifest.File) {
        attempt { self.file = try GrowingFile(creating: file.name, in: folder) }
    }

    /// Some bytes of it have. An error is told by `end`.
    public func append(_ piece: ArraySlice<UInt8>) {
        attempt { try file?.append(piece) }
    }

    /// All of it has; it is on the disk when this returns.
    /// - Throws: `Failure(.worker)` when it could not be written, `Failure(.badData)` when it is not the file of the
    ///   manifest.
    public func end(_ file: CorpusManifest.File) throws {
        var state: GrowingFile.State?
        attempt { state = try self.file?.finish() }
        self.file = nil
        if let failure { throw failure }
        guard state?.bytes == file.bytes, state?.sha256 == file.sha256 else {
            throw Failure(
                .badData,
                "\(file.name) of the corpus \(manifest.folder) reached \(scratch.host) altered: its SHA-256 is not that of "
                    + "the index. Launch again; when it stays so, verify the corpus, and prepare it again.")
        }
    }

    /// Puts the folder in its place, when it is whole; a corpus that is there already stays if it is good.
    /// - Returns: the place.
    public func move() throws -> URL {
        guard try CorpusManifest(of: PreparedCorpus(opening: folder, verifying: false)).describesSameFiles(as: manifest)
        else {
            throw Failure(
                .badData,
                "What reached \(scratch.host) is not the corpus \(manifest.folder): its index.json names other files. Launch "
                    + "again.")
        }
        let place = scratch.place(of: manifest.contentDigest)
        do {
            try Self.synchronize(folder)
            try settle(at: place)
            try Self.synchronize(scratch.parent)
        } catch {
            throw scratch.failure(bytes: manifest.bytes, "it cannot be put in its place (\(error.reason))")
        }
        return place
    }

    /// Gives up what has arrived.
    public func remove() { try? FileManager.default.removeItem(at: folder) }

    private func settle(at place: URL) throws {
        for _ in 0..<2 {
            if unsafe rename(folder.path, place.path) == 0 { return }
            let error = POSIXError(.init(rawValue: errno) ?? .EIO)
            guard FileManager.default.fileExists(atPath: place.path) else { throw error }
            // Another launch was faster, or an earlier delivery is damaged or cut into other shards.
            if manifest.isHeldWhole(by: place) { return remove() }
            let aside = scratch.parent.appending(component: Self.partialPrefix + UUID().uuidString)
            try FileManager.default.moveItem(at: place, to: aside)
            try FileManager.default.removeItem(at: aside)
        }
        throw POSIXError(.EEXIST)
    }

    /// After an error, nothing more is written: the first one counts.
    private func attempt(_ body: () throws -> Void) {
        guard failure == nil else { return }
        do {
            try body()
        } catch let error as Failure {
            failure = scratch.failure(bytes: manifest.bytes, Self.inner(error.message))
        } catch {
            failure = scratch.failure(bytes: manifest.bytes, "it cannot be written (\(error.reason))")
        }
    }

    /// The part of a sentence before its advice, to stand inside of another.
    private static func inner(_ message: String) -> String {
        let fact = message.prefix { $0 != ";" }
        return fact.prefix(1).lowercased() + fact.dropFirst()
    }

    /// - Returns: the lock, shared, after what nobody works on any more has been removed.
    private static func locked(_ scratch: LocalScratch, bytes: Int) throws -> FileHandle {
        let path = scratch.parent.appending(component: ".lock").path
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let reason = POSIXError(.init(rawValue: errno) ?? .EIO).reason
            throw scratch.failure(bytes: bytes, "\(path) cannot be opened (\(reason))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { removeAbandoned(in: scratch.parent) }
        // Held alone only while removing: this wait is short. Where locks do not work, abandoned folders stay.
        _ = flock(descriptor, LOCK_SH)
        return file
    }

    private static func removeAbandoned(in parent: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(partialPrefix) {
            try? FileManager.default.removeItem(at: parent.appending(component: name))
        }
    }

    private static func synchronize(_ folder: URL) throws {
        let descriptor = unsafe open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }
}
