import Experiment
import Foundation

/// Bytes from start to end.
protocol ByteStream: AnyObject {
    /// The next `count` bytes; fewer only at the end, where it has been found whole. Throws `Failure(.badData)`.
    func read(_ count: Int) throws -> [UInt8]
}

/// The bytes of a file.
final class FileBytes: ByteStream {
    private let shown: String
    private let handle: FileHandle
    private var offset = 0

    /// - Parameter shown: what errors call the file.
    init(path: String, shown: String) throws {
        self.shown = shown
        handle = try Self.open(path, shown: shown)
    }

    static func open(_ path: String, shown: String) throws -> FileHandle {
        do {
            return try FileHandle(forReadingFrom: URL(filePath: path))
        } catch {
            throw Failure(.badData, "Cannot open \(shown); check that you may read it.")
        }
    }

    func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let data: Data?
            do {
                data = try handle.read(upToCount: count - bytes.count)
            } catch {
                throw Failure(
                    .badData, "Reading \(shown) failed at byte \(offset + bytes.count): \(error.reason); try again.")
            }
            guard let data, !data.isEmpty else { break }
            bytes += data
        }
        offset += bytes.count
        return bytes
    }
}
