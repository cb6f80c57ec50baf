import Dispatch
import Foundation
import Synchronization

/// Remembers that somebody asked this rank to stop: SIGUSR1 (which mpirun forwards at once), SIGTERM or SIGINT. The
/// step that is under way is finished, and saved.
final class StopSignals {
    private let raised = Flag()
    private let sources: [any DispatchSourceSignal]

    init() {
        let raised = raised
        sources = [SIGUSR1, SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { raised.value.store(true, ordering: .relaxed) }
            source.resume()
            return source
        }
    }

    var isRaised: Bool { raised.value.load(ordering: .relaxed) }

    private final class Flag: Sendable {
        let value = Atomic<Bool>(false)
    }
}
