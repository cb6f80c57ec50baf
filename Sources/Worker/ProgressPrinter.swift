import Experiment
import Foundation

/// What rank 0 prints of a run's events: JSON lines for the coordinator, else plain lines. Of steps only one now and then is
/// told: at 500 small steps a second their lines cost `mpirun` and the coordinator 6 % of the cores that train.
final class ProgressPrinter {
    private let speaks: Bool
    private var lastStepShown: ContinuousClock.Instant?

    init(speaks: Bool) { self.speaks = speaks }

    func show(_ event: RunEvent) {
        guard speaks, isDue(event) else { return }
        if Launch.reportsJSON {
            if let line = try? event.line() { say(line) }
        } else if let line = plainLine(event) {
            say(line + "\n")
        }
    }

    /// Steps: the first and the last, and one every 50 ms for the coordinator, five seconds for a person.
    private func isDue(_ event: RunEvent) -> Bool {
        guard case .step(let step) = event else { return true }
        let pause: Duration = Launch.reportsJSON ? .milliseconds(50) : .seconds(5)
        let isDue = step.step == step.steps || lastStepShown.map { ContinuousClock.now - $0 >= pause } ?? true
        if isDue { lastStepShown = .now }
        return isDue
    }

    /// At once, also into a pipe.
    private func say(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }

    private func plainLine(_ event: RunEvent) -> String? {
        switch event {
        case .started(let start):
            return "\(start.run): \(start.parameters) parameters, step \(start.step) of \(start.steps), "
                + "\(start.ranks) rank(s) on \(start.hosts.joined(separator: ", ")), kernels \(start.kernels), "
                + "\(start.folder)"
        case .step(let step):
            return "step \(step.step)/\(step.steps)  loss \(rounded(step.loss, 4))  "
                + "\(Int(step.tokensPerSecond)) tokens/s  \(Int(100 * step.utilisation)) %  "
                + "\(Int(step.secondsLeft)) s left"
        case .evaluated(let evaluation):
            let bits = evaluation.bitsPerByte.map { ", \(rounded($0, 4)) bits per byte" } ?? ""
            return "step \(evaluation.step)  held-out loss \(rounded(evaluation.loss, 4)) "
                + "± \(rounded(evaluation.standardError, 4))\(bits)"
        case .checkpointed(let checkpoint): return "saved \(checkpoint.file), digest \(checkpoint.digest.prefix(16))…"
        case .message(let message): return message.text
        case .ended(let end): return "\(end.status.rawValue) at step \(end.step)"
        }
    }
}

/// A number with so many decimals.
func rounded(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
