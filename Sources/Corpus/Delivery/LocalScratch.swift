import Experiment
import Foundation

/// A host's own disk, where corpora are kept that were sent to it: below `apus-corpora-<user id>`, a folder for each, by
/// content digest. They stay for the next launch.
public struct LocalScratch: Sendable {
    /// This host's name, for messages.
    public let host: String
    /// The user's choice, and in it the folder of all corpora.
    let root: URL
    /// Holds one folder per corpus; nobody else may read or write it.
    public let parent: URL

    /// - Parameter root: an existing folder.
    public init(host: String, root: URL) {
        self.host = host
        self.root = root
        parent = root.appending(component: "apus-corpora-\(getuid())")
    }

    /// The one that the environment names: this host's `APUS_SCRATCH`, else the launch's, else `TMPDIR`, else /tmp.
    /// - Parameter launch: `APUS_SCRATCH` of the first rank: `mpirun` takes no variables along to other hosts by itself.
    public init(
        host: String, launch: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let named = [environment[Self.variable], launch, environment["TMPDIR"]].compactMap { $0 }.first { !$0.isEmpty }
        self.init(host: host, root: URL(fileURLWithPath: named ?? "/tmp"))
    }

    public static let variable = "APUS_SCRATCH"

    /// Where the corpus with this digest is kept.
    func place(of contentDigest: String) -> URL { parent.appending(component: String(contentDigest.prefix(16))) }

    /// The folder of an earlier delivery of the very same files, each of them hashed anew; nil when there is none.
    public func delivered(_ manifest: CorpusManifest) -> URL? {
        let place = place(of: manifest.contentDigest)
        return isOwn && manifest.isHeldWhole(by: place) ? place : nil
    }

    /// Creates the folder of all corpora where it is missing.
    /// - Parameter bytes: that are to be kept there, for the message.
    /// - Throws: `Failure(.worker)` when it cannot be created, or is not this user's alone.
    func create(for bytes: Int) throws {
        if unsafe mkdir(parent.path, 0o700) != 0, errno != EEXIST {
            throw failure(bytes: bytes, "it cannot be created (\(POSIXError(.init(rawValue: errno) ?? .EIO).reason))")
        }
        guard isOwn else {
            throw failure(bytes: bytes, "it is no folder, or not this user's alone (mode 0700)")
        }
    }

    /// - Throws: `Failure(.worker)` naming host, folder, bytes needed and free, when `bytes` more do not fit.
    func requireRoom(for bytes: Int) throws {
        if let free = freeBytes, free < bytes { throw failure(bytes: bytes, "there is no room for it") }
    }

    /// One sentence for whatever kept the corpus from being written.
    func failure(bytes: Int, _ reason: String) -> Failure {
        let free = freeBytes.map { "\($0) bytes are free" } ?? "how much is free cannot be told"
        return Failure(
            .worker,
            "\(host) does not see the corpus and cannot keep a copy in \(parent.path): \(reason); it needs \(bytes) bytes, "
                + "\(free). Make room there, or name another folder with \(Self.variable).")
    }

    /// Bytes that this user may still write; nil where the system does not tell.
    private var freeBytes: Int? {
        var status = statvfs()
        guard unsafe statvfs(root.path, &status) == 0 else { return nil }
        return Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// A folder, no link, this user's, and closed to others: in a /tmp for all, somebody may have been there first.
    private var isOwn: Bool {
        var status = stat()
        guard unsafe lstat(parent.path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == getuid() && status.st_mode & 0o077 == 0
    }
}
