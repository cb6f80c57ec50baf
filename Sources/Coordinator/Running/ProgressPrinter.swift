import Foundation
import Reports
import Synchronization

/// Standard output with a status line: redrawn in place on a terminal, a plain line now and then elsewhere, and
/// out of the way of every other line.
final class ProgressPrinter: Sendable {
    private struct State {
        var shown: ContinuousClock.Instant?
        var isDrawn = false
    }

    private let state = Mutex(State())
    /// Between two lines where there is no terminal.
    private let logInterval: Duration

    init(logInterval: Duration = .seconds(5)) { self.logInterval = logInterval }

    /// Shows how far the work is, not too often; the last step always.
    func progress(_ progress: Reports.Progress) {
        let interval: Duration = Console.outputIsTerminal ? .milliseconds(100) : logInterval
        let isDue = state.withLock { state in
            let isDue = state.shown.map { .now - $0 >= interval } ?? true || progress.step == progress.steps
            if isDue { (state.shown, state.isDrawn) = (.now, Console.outputIsTerminal) }
            return isDue
        }
        guard isDue else { return }
        let line = StatusLine(style: Console.style, width: Console.width)
        Console.show(Console.outputIsTerminal ? line.redraw(progress) : line.logLine(progress))
    }

    /// A line that stays.
    func line(_ text: String) {
        clear()
        Console.show(Console.style.plain(text) + "\n")
    }

    /// A line for standard error.
    func complain(_ text: String) {
        clear()
        Console.tell(text)
    }

    /// Removes the status line.
    func clear() {
        let wasDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        if wasDrawn { Console.show("\r\u{1B}[K") }
    }
}
