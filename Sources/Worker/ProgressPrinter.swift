import Experiment
import Foundation

/// What rank 0 prints of a run's events: JSON lines for the coordinator, else plain lines, steps at most every five
/// seconds.
final class ProgressPrinter {
    private let speaks: Bool
    private var lastStepShown = ContinuousClock.now

    init(speaks: Bool) { self.speaks = speaks }

    func show(_ event: RunEvent) {
        guard speaks else { return }
        if Launch.reportsJSON {
            if let line = try? event.line() { say(line) }
        } else if let line = plainLine(event) {
            say(line + "\n")
        }
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
            let isLast = step.step == step.steps
            guard isLast || ContinuousClock.now - lastStepShown > .seconds(5) else { return nil }
            lastStepShown = .now
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
