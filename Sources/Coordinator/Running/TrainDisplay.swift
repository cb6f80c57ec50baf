import Experiment
import Reports
import Synchronization

/// Shows one run: its status line, and a line for everything that a person may look for later.
final class TrainDisplay: RunDisplay {
    private let isQuiet: Bool
    private let name = Mutex("")
    private let printer = ProgressPrinter()

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ event: RunEvent) {
        guard !isQuiet else { return }
        switch event {
        case .step(let step): printer.progress(Progress(name: name.withLock { $0 }, step))
        case .started(let started):
            name.withLock { $0 = started.run }
            printer.line(EventText.started(started))
        case .evaluated(let evaluated): printer.line(EventText.evaluated(evaluated))
        case .checkpointed(let checkpoint): printer.line(EventText.checkpointed(checkpoint))
        case .message(let message): complain("apus: \(message.text)")
        case .ended: break
        }
    }

    func pass(_ line: String) { printer.line(line) }

    func complain(_ line: String) { printer.complain(line) }

    func finish() { printer.clear() }
}
