import Experiment
import Foundation
import Reports
import Synchronization

/// Shows a ladder: which run of how many, its status line with the time left for all, and one line per finished run.
final class LadderDisplay: RunDisplay {
    private struct State {
        var index = 0
        var rung: Ladder.Rung?
        var done: Double
        /// When the first step could be taken; what comes before, such as the corpus, comes once.
        var begun: ContinuousClock.Instant?
        /// Cost of what was done since `begun`.
        var doneNow = 0.0
        var startedStep = 0
        var last: RunEvent.Evaluated?
        var runBegun = ContinuousClock.now
        /// What the runs of a ladder say alike is shown once.
        var told: Set<String> = []
    }

    private let count: Int
    private let total: Double
    private let state: Mutex<State>
    let printer = ProgressPrinter()

    /// - Parameters:
    ///   - count: runs of the ladder.
    ///   - total: cost of all of them.
    ///   - done: cost of those that were complete before.
    init(count: Int, total: Double, done: Double) {
        self.count = count
        self.total = total
        state = Mutex(State(done: done))
    }

    func begin(_ rung: Ladder.Rung, index: Int) {
        state.withLock { state in
            (state.index, state.rung, state.last, state.startedStep) = (index, rung, nil, 0)
            state.runBegun = .now
        }
    }

    /// The present run is complete.
    func end() {
        let (index, rung, last, seconds) = state.withLock { state in
            let cost = state.rung?.cost ?? 0
            let share = 1 - Double(state.startedStep) / Double(max(1, state.rung?.config.steps ?? 1))
            state.done += cost
            state.doneNow += cost * share
            return (state.index, state.rung, state.last, Double((.now - state.runBegun).components.seconds))
        }
        guard let rung else { return }
        let loss = last.map { ", held-out loss \(Humanly.loss($0.loss)) ± \(Humanly.loss($0.standardError))" } ?? ""
        printer.line(
            "run \(index) of \(count)  \(rung.config.name): \(Humanly.count(rung.config.totalTokens)) tokens\(loss), "
                + Humanly.duration(seconds: seconds))
    }

    func show(_ event: RunEvent) {
        switch event {
        case .started(let started):
            state.withLock { state in
                state.startedStep = started.step
                state.begun = state.begun ?? .now
            }
        case .step(let step): show(step)
        case .evaluated(let evaluated): state.withLock { $0.last = evaluated }
        case .message(let message):
            let isNew = state.withLock { $0.told.insert(message.text).inserted }
            if isNew { complain("apus: \(message.text)") }
        case .checkpointed, .ended: break
        }
    }

    private func show(_ step: RunEvent.Step) {
        let (index, name, left) = state.withLock { state in
            let cost = state.rung?.cost ?? 0
            let fraction = Double(step.step) / Double(step.steps)
            let now = state.doneNow + cost * (fraction - Double(state.startedStep) / Double(step.steps))
            return (
                state.index, state.rung?.config.name ?? "",
                estimate(since: state.begun, now: now, rest: total - state.done - cost * fraction)
            )
        }
        var progress = Reports.Progress(name: "run \(index)/\(count) \(name)", step)
        progress.secondsLeft = left
        printer.progress(progress)
    }

    /// Time for the rest at the pace so far, for all runs; nil before there is a pace.
    private func estimate(since begun: ContinuousClock.Instant?, now: Double, rest: Double) -> Double? {
        guard let begun else { return nil }
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        guard seconds > 2, now > 0 else { return nil }
        return seconds / now * rest
    }

    func pass(_ line: String) { printer.line(line) }

    func complain(_ line: String) { printer.complain(line) }

    func finish() { printer.clear() }
}
