import Dispatch
import Experiment
import Foundation
import Synchronization

/// SIGINT, SIGTERM, SIGUSR1 (what batch systems send before the end) and SIGHUP (a closed terminal), turned into calls.
/// Until somebody takes them over, the first one ends the process with the code of an interrupted command.
final class Interrupts: Sendable {
    static let shared = Interrupts()

    private struct State {
        var count = 0
        /// Of the launches that go on, in no order.
        var handlers: [Int: @Sendable (Int) -> Void] = [:]
        var taken = 0
    }

    private let state = Mutex(State())
    private let sources = Mutex<[any DispatchSourceSignal]>([])

    private init() {}

    /// Begins to listen; once.
    func listen() {
        sources.withLock { sources in
            guard sources.isEmpty else { return }
            for number in [SIGINT, SIGTERM, SIGUSR1, SIGHUP] {
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { [self] in received() }
                source.resume()
                sources.append(source)
            }
        }
    }

    /// Whether anybody asked this process to stop.
    var wasAsked: Bool { state.withLock { $0.count > 0 } }

    /// While `body` runs, signals call `handler` with how many there were so far, from 1. Several may run at once.
    func handled<Value>(by handler: @escaping @Sendable (Int) -> Void, during body: () async throws -> Value)
        async rethrows -> Value
    {
        let (key, earlier) = state.withLock { state in
            state.taken += 1
            state.handlers[state.taken] = handler
            return (state.taken, state.count)
        }
        if earlier > 0 { handler(earlier) }
        defer { state.withLock { $0.handlers[key] = nil } }
        return try await body()
    }

    /// Runs `body` as a task that a signal cancels, so that what it leaves on disks is removed.
    /// - Throws: `WorkerEnded` with the code of an interrupted command after a signal, else what `body` throws.
    func cancelling<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = Task { try await body() }
        let result = await handled { _ in
            task.cancel()
        } during: {
            await task.result
        }
        if wasAsked {
            throw WorkerEnded(code: .interrupted, sentence: "interrupted; the same command begins again where it can.")
        }
        return try result.get()
    }

    private func received() {
        let (count, handlers) = state.withLock { state in
            state.count += 1
            return (state.count, Array(state.handlers.values))
        }
        guard !handlers.isEmpty else {
            Console.tell("\napus: interrupted; the same command begins again where it can.")
            exit(Experiment.ExitCode.interrupted.rawValue)
        }
        for handler in handlers { handler(count) }
    }
}
