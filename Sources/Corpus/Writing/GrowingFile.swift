import Crypto
import Experiment
import Foundation

/// A file that is written from its beginning to its end and hashed on the way. After a kill it goes on from its last
/// committed state: what was written behind that is cut off.
final class GrowingFile {
    /// What a later process needs to go on.
    struct State: Codable, Equatable {
        let file: String
        let bytes: Int
        /// Of those bytes, in hexadecimal.
        let sha256: String
    }

    let name: String
    private(set) var bytes = 0
    private let url: URL
    private let handle: FileHandle
    private var pending: [UInt8] = []
    private var hash = SHA256()

    private static let flushBytes = 1 << 20

    /// Creates an empty file; one that is there was not committed, and is cut.
    init(creating name: String, in folder: URL) throws {
        self.name = name
        let url = folder.appending(component: name)
        self.url = url
        handle = try Self.writing(url) {
            try Data().write(to: url)
            return try FileHandle(forWritingTo: url)
        }
    }

    /// Goes on with a committed file. Throws `Failure(.badData)` when it is not what was committed.
    init(resuming state: State, in folder: URL) throws {
        name = state.file
        let url = folder.appending(component: state.file)
        self.url = url
        handle = try Self.writing(url) { try FileHandle(forUpdating: url) }
        while bytes < state.bytes {
            let part = try Self.writing(url) { try handle.read(upToCount: min(Self.flushBytes, state.bytes - bytes)) }
            guard let part, !part.isEmpty else { break }
            hash.update(data: part)
            bytes += part.count
        }
        guard bytes == state.bytes, digest == state.sha256 else {
            throw Failure(.badData, "\(url.path) is not what an earlier preparation left there.")
        }
        try Self.writing(url) { try handle.truncate(atOffset: UInt64(bytes)) }
    }

    func append(_ more: ArraySlice<UInt8>) throws {
        pending += more
        bytes += more.count
        if pending.count >= Self.flushBytes { try flush() }
    }

    /// All that was appended is on the disk when this returns.
    func commit() throws -> State {
        try flush()
        try Self.writing(url) { try handle.synchronize() }
        return State(file: name, bytes: bytes, sha256: digest)
    }

    /// Commits and closes.
    func finish() throws -> State {
        let state = try commit()
        try Self.writing(url) { try handle.close() }
        return state
    }

    private var digest: String {
        let soFar = hash
        return soFar.finalize().hexadecimal
    }

    private func flush() throws {
        guard !pending.isEmpty else { return }
        hash.update(data: pending)
        try Self.writing(url) { try handle.write(contentsOf: Data(pending)) }
        pending.removeAll(keepingCapacity: true)
    }

    private static func writing<Value>(_ url: URL, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw Failure(
                .worker,
                "Writing \(url.path) failed (\(error.reason)); free some space there, or check that you may write there."
            )
        }
    }
}
