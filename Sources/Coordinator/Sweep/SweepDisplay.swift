import Experiment
import Foundation
import Reports
import Synchronization

/// Shows a sweep as one: a status line for all runs on a terminal, a line a minute elsewhere, and a line for every run
/// that ends.
final class SweepDisplay: Sendable {
    private struct Running {
        let run: SweepRun
        let begun = ContinuousClock.now
        /// As the launch began.
        var startedStep: Int
        var step: Int
        var tokensPerSecond = 0.0
        var last: RunEvent.Evaluated?
    }

    private struct State {
        var running: [Int: Running] = [:]
        /// Estimated seconds of what was complete before, and of what is complete now.
        var done: Double
        var settled: Int
        /// When the first step could be taken.
        var begun: ContinuousClock.Instant?
        /// Of `done`, what was done since.
        var doneNow = 0.0
        /// What the runs of a sweep say alike is shown once.
        var told: Set<String> = []
    }

    private let plan: SweepPlan
    private let pace: SweepPace
    private let total: Double
    private let state: Mutex<State>
    let printer = ProgressPrinter(logInterval: .seconds(60))

    init(_ plan: SweepPlan, _ found: SweepState, pace: SweepPace) {
        self.plan = plan
        self.pace = pace
        total = plan.runs.map { pace.seconds($0) }.reduce(0, +)
        let done = zip(plan.runs, found.runs).map { $1.isSettled ? pace.seconds($0) : 0 }.reduce(0, +)
        state = Mutex(State(done: done, settled: found.runs.count(where: \.isSettled)))
    }

    /// Where the words of one launch go.
    struct Channel: RunDisplay {
        let display: SweepDisplay
        let index: Int

        func show(_ event: RunEvent) { display.show(event, of: index) }
        func pass(_ line: String) { display.tell(line, of: index) }
        func complain(_ line: String) { display.tell(line, of: index) }
        func finish() {}
    }

    func begin(_ index: Int) -> Channel {
        state.withLock { $0.running[index] = Running(run: plan.runs[index], startedStep: 0, step: 0) }
        return Channel(display: self, index: index)
    }

    /// A launch has ended; `ending` says how.
    func end(_ index: Int, _ ending: SweepEnding) {
        let ended = state.withLock { state -> (Running, Int)? in
            guard let running = state.running.removeValue(forKey: index) else { return nil }
            if ending.isSettled {
                let seconds = pace.seconds(running.run)
                state.done += seconds
                state.doneNow += seconds - pace.seconds(running.run) * Self.fraction(running.startedStep, running.run)
                state.settled += 1
            }
            return (running, state.settled)
        }
        guard let (running, settled) = ended else { return }
        let seconds = (.now - running.begun) / .seconds(1)
        switch ending {
        case .complete:
            let loss = running.last.map {
                ", held-out loss \(Humanly.loss($0.loss)) ± \(Humanly.loss($0.standardError))"
            }
            printer.line(
                "\(settled)/\(plan.runs.count)  \(running.run.name): "
                    + "\(Humanly.count(running.run.config.totalTokens)) tokens\(loss ?? ""), "
                    + Humanly.duration(seconds: seconds))
        case .diverged:
            printer.line("\(settled)/\(plan.runs.count)  \(running.run.name): diverged; recorded, and the others go on")
        case .failed(let why): printer.complain("apus: \(running.run.name) failed: \(why)")
        case .interrupted: break
        }
    }

    private static func fraction(_ step: Int, _ run: SweepRun) -> Double {
        Double(max(0, step - run.branchStep)) / Double(max(1, run.ownSteps))
    }

    private func show(_ event: RunEvent, of index: Int) {
        switch event {
        case .started(let started):
            state.withLock { state in
                state.running[index]?.startedStep = started.step
                state.running[index]?.step = started.step
                state.begun = state.begun ?? .now
            }
        case .step(let step):
            state.withLock { state in
                state.running[index]?.step = step.step
                state.running[index]?.tokensPerSecond = step.tokensPerSecond
            }
            printer.progress(progress())
        case .evaluated(let evaluated): state.withLock { $0.running[index]?.last = evaluated }
        case .message(let message): if !Self.isOfItsFolder(message.text) { tell(message.text, of: index) }
        case .checkpointed, .ended: break
        }
    }

    /// What a run reads and where it began are facts of every run, and stand in its folder, and runs that begin together
    /// look at the corpus one after the other; other messages are warnings.
    static func isOfItsFolder(_ text: String) -> Bool {
        text.contains("; this run reads ")
            || ["Begins with step ", "Another process prepares the same corpus "].contains { text.hasPrefix($0) }
    }

    /// All runs as one: steps of all, tokens per second together.
    private func progress() -> Reports.Progress {
        state.withLock { state in
            let parts = state.running.values.map { running -> (all: Double, now: Double) in
                let seconds = pace.seconds(running.run)
                let begun = Self.fraction(running.startedStep, running.run)
                let share = Self.fraction(running.step, running.run)
                return (seconds * share, seconds * (share - begun))
            }
            let done = state.done + parts.map(\.all).reduce(0, +)
            let now = state.doneNow + parts.map(\.now).reduce(0, +)
            let names = state.running.values.map(\.run.name).sorted().prefix(3).joined(separator: " ")
            let more = state.running.count > 3 ? " +\(state.running.count - 3)" : ""
            // In thousandths of the sweep's work.
            var progress = Reports.Progress(
                name: "\(state.settled)/\(plan.runs.count) done, \(names)\(more)",
                step: total > 0 ? min(999, Int(1_000 * done / total)) : 0, steps: 1_000)
            progress.countsSteps = false
            progress.tokensPerSecond = state.running.values.map(\.tokensPerSecond).reduce(0, +)
            if let begun = state.begun {
                let elapsed = (.now - begun) / .seconds(1)
                if elapsed > 2, now > 0 { progress.secondsLeft = elapsed / now * max(0, total - done) }
            }
            return progress
        }
    }

    /// A line of a launch, with the run's name; what all say alike, once.
    private func tell(_ line: String, of index: Int) {
        guard state.withLock({ $0.told.insert(line).inserted }) else { return }
        let isCommon = line.hasPrefix("apus: stopping")
        printer.complain(isCommon ? line : "\(plan.runs[index].name): \(line)")
    }
}
