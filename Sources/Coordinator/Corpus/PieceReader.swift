import Experiment
import Foundation
import Synchronization
import Tokenization

/// A file or standard input, read front to back.
final class InputBytes: Sendable {
    private let handle: FileHandle
    private let path: String

    /// - Parameter path: `-` is standard input. Throws `Failure(.badData)` for a file that cannot be read.
    init(path: String) throws {
        self.path = path
        guard path != "-" else {
            handle = .standardInput
            return
        }
        do {
            handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } catch {
            throw Failure(.badData, "Cannot open \(path); check that it is there and that you may read it.")
        }
    }

    /// Some bytes; none at the end.
    func read(upTo count: Int) throws -> [UInt8] {
        do {
            return Array(try handle.read(upToCount: count) ?? Data())
        } catch {
            throw Failure(.badData, "Reading \(path) failed (\(error.localizedDescription)); give a readable file.")
        }
    }
}

/// A text in pieces that may be encoded apart.
final class PieceReader: Sendable {
    /// Bytes of a usual piece.
    private static let pieceBytes = 1 << 20
    /// Bytes in which there must be a place to cut.
    private static let largestPiece = 16 << 20

    private let input: InputBytes
    private let path: String
    private let tokenizer: any Tokenizer
    private let buffer = Mutex<[UInt8]>([])

    init(path: String, tokenizer: any Tokenizer) throws {
        input = try InputBytes(path: path)
        self.path = path
        self.tokenizer = tokenizer
    }

    /// The next piece, nil at the end. Throws `Failure(.badData)` where the text cannot be cut.
    func next() throws -> [UInt8]? {
        try buffer.withLock { buffer in
            var wanted = Self.pieceBytes
            while true {
                let isLast = try fill(&buffer, to: wanted + 4)
                if isLast {
                    defer { buffer = [] }
                    return buffer.isEmpty ? nil : buffer
                }
                if let cut = tokenizer.safeCut(buffer, upTo: wanted) {
                    defer { buffer.removeFirst(cut) }
                    return Array(buffer[..<cut])
                }
                guard wanted < Self.largestPiece else { throw uncuttable }
                wanted *= 2
            }
        }
    }

    private var uncuttable: Failure {
        Failure(
            .badData,
            "\(path) has \(Self.largestPiece >> 20) MiB without a place to cut, so it does not look like text; leave it out."
        )
    }

    /// True when the input ended.
    private func fill(_ buffer: inout [UInt8], to count: Int) throws -> Bool {
        while buffer.count < count {
            let read = try input.read(upTo: count - buffer.count)
            if read.isEmpty { return true }
            buffer += read
        }
        return false
    }
}
