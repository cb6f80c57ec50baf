import Experiment
import Foundation
import Synchronization

/// Shows one run: a status line that redraws itself on a terminal; elsewhere a plain line every few seconds, and one
/// for everything that a person may look for later.
final class TrainDisplay: RunDisplay {
    private struct State {
        var shown: ContinuousClock.Instant?
        var isDrawn = false
        var run = ""
    }

    private let isQuiet: Bool
    private let state = Mutex(State())

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ event: RunEvent) {
        guard !isQuiet else { return }
        switch event {
        case .step(let step): showStep(step)
        case .started(let started):
            state.withLock { $0.run = started.run }
            line(EventText.started(started))
        case .evaluated(let evaluated): line(EventText.evaluated(evaluated))
        case .checkpointed(let checkpoint): line(EventText.checkpointed(checkpoint))
        case .message(let message): complain("apus: \(message.text)")
        case .ended: break
        }
    }

    func pass(_ line: String) { self.line(line) }

    func complain(_ line: String) {
        clear()
        Console.tell(line)
    }

    func finish() { clear() }

    private func line(_ text: String) {
        clear()
        Console.show(text + "\n")
    }

    private func showStep(_ step: RunEvent.Step) {
        let interval: Duration = Console.outputIsTerminal ? .milliseconds(100) : .seconds(5)
        let isDue = state.withLock { state in
            let isDue = state.shown.map { .now - $0 >= interval } ?? true || step.step == step.steps
            if isDue { (state.shown, state.isDrawn) = (.now, Console.outputIsTerminal) }
            return isDue
        }
        guard isDue else { return }
        let text = EventText.step(step)
        Console.show(Console.outputIsTerminal ? "\r\u{1B}[K\(text)" : text + "\n")
    }

    private func clear() {
        let wasDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        if wasDrawn { Console.show("\r\u{1B}[K") }
    }
}
