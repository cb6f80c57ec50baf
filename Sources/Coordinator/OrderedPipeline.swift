import Dispatch
import Experiment
import Foundation
import Synchronization
import Tokenization

/// Pieces of work taken in order, done on several cores at once, and finished in the same order. What waits is bounded,
/// whoever is slow.
enum OrderedPipeline {
    /// Pieces on their way, for each job.
    private static let piecesPerJob = 4

    private struct Taking: Sendable {
        var count = 0
        var isDone = false
    }

    private struct Finishing<Output: Sendable>: Sendable {
        var waiting: [Int: Output] = [:]
        var next = 0
        var error: (any Error)?
    }

    /// - Parameters:
    ///   - take: the next piece, nil at the end; never called twice at once.
    ///   - work: on any thread.
    ///   - finish: in the order of taking; never called twice at once.
    /// Throws what one of them throws; nothing is finished behind it.
    static func run<Input: Sendable, Output: Sendable>(
        jobs: Int, take: @Sendable () throws -> Input?, work: @Sendable (Input) throws -> Output,
        finish: @Sendable (Output) throws -> Void
    ) throws {
        let room = DispatchSemaphore(value: piecesPerJob * jobs)
        let taking = Mutex(Taking())
        let finishing = Mutex(Finishing<Output>())
        @Sendable func takeOne() throws -> (Int, Input)? {
            try taking.withLock { state in
                guard !state.isDone, let input = try take() else {
                    state.isDone = true
                    return nil
                }
                defer { state.count += 1 }
                return (state.count, input)
            }
        }
        @Sendable func finishOne(_ number: Int, _ output: Output) throws {
            try finishing.withLock { state in
                state.waiting[number] = output
                while state.error == nil, let ready = state.waiting.removeValue(forKey: state.next) {
                    try finish(ready)
                    state.next += 1
                    room.signal()
                }
            }
        }
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            do {
                while true {
                    room.wait()
                    guard let (number, input) = try takeOne() else { break }
                    try finishOne(number, try work(input))
                }
            } catch {
                taking.withLock { $0.isDone = true }
                finishing.withLock { $0.error = $0.error ?? error }
            }
            // Whoever waits for room finds that there is no more to take.
            room.signal()
        }
        if let error = finishing.withLock({ $0.error }) { throw error }
    }
}

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

/// Bytes for other programs.
enum StandardOutput {
    /// Throws `Failure(.worker)` when nobody takes them.
    static func write(_ bytes: [UInt8]) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(bytes))
        } catch {
            throw Failure(.worker, "Cannot write to standard output (\(error.localizedDescription)).")
        }
    }
}
