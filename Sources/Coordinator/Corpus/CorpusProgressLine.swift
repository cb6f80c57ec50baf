import Corpus
import Foundation
import Reports
import Synchronization

/// Tells how far the preparation of a corpus is: a bar that redraws itself on a terminal, a line every few seconds
/// elsewhere, nothing for work that is done at once.
final class CorpusProgressLine: Sendable {
    private struct State {
        var begun = ContinuousClock.now
        var shown = ContinuousClock.now
        var isDrawn = false
    }

    private let state = Mutex(State())

    func show(_ progress: CorpusProgress) {
        switch progress {
        case .message(let text):
            finish()
            Console.tell("apus: \(text)")
        case .work(let done, let total):
            let isDue = state.withLock { state in
                let interval: Duration = Console.outputIsTerminal ? .milliseconds(200) : .seconds(5)
                guard .now - state.shown >= interval else { return false }
                state.shown = .now
                state.isDrawn = true
                return true
            }
            if isDue { draw(done: done, total: total) }
        }
    }

    /// Clears the line.
    func finish() {
        let wasDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        if wasDrawn, Console.outputIsTerminal { Console.show("\r\u{1B}[K") }
    }

    /// As a part of all work, which is a few passes over the text, and the time that is left at this pace.
    private func draw(done: Int, total: Int) {
        let part = total > 0 ? Double(done) / Double(total) : 1
        let seconds = (.now - state.withLock { $0.begun }) / .seconds(1)
        let left = part > 0.01 ? ", \(Humanly.duration(seconds: seconds * (1 / part - 1))) left" : ""
        let text = "preparing the corpus: \(Int(100 * part)) %\(left)"
        Console.show(Console.outputIsTerminal ? "\r\u{1B}[K\(text)" : "\(text)\n")
    }
}
