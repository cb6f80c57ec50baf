import Dispatch
import Synchronization

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
        // Filled by signals: a semaphore that is let go below the value that it was made with traps.
        let room = DispatchSemaphore(value: 0)
        for _ in 0..<piecesPerJob * jobs { room.signal() }
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
