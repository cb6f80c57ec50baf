import Experiment
import Reports

/// A run's events as lines for people.
enum EventText {
    static func started(_ event: RunEvent.Started) -> String {
        let hosts = event.hosts.count == 1 ? event.hosts[0] : "\(event.hosts.count) hosts"
        let beginning = event.step == 0 ? "" : ", going on after step \(event.step)"
        return "\(event.run): \(Humanly.count(event.parameters)) parameters, \(event.steps) steps of "
            + "\(Humanly.count(event.tokensPerStep)) tokens, \(event.ranks) \(event.ranks == 1 ? "rank" : "ranks") on "
            + "\(hosts), \(event.kernels) kernels\(beginning)"
    }

    static func evaluated(_ event: RunEvent.Evaluated) -> String {
        let bits = event.bitsPerByte.map { ", \(Humanly.loss($0)) bits per byte" } ?? ""
        return
            "step \(event.step): held-out loss \(Humanly.loss(event.loss)) ± \(Humanly.loss(event.standardError))\(bits)"
    }

    static func checkpointed(_ event: RunEvent.Checkpointed) -> String { "step \(event.step): saved \(event.file)" }
}

extension Progress {
    init(name: String, _ event: RunEvent.Step) {
        self.init(
            name: name, step: event.step, steps: event.steps, loss: event.loss, tokensPerSecond: event.tokensPerSecond,
            utilisation: event.utilisation, secondsLeft: event.secondsLeft)
    }
}
