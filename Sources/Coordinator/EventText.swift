import Experiment
import Foundation

/// A run's events as lines for people.
enum EventText {
    static func started(_ event: RunEvent.Started) -> String {
        let hosts = event.hosts.count == 1 ? event.hosts[0] : "\(event.hosts.count) hosts"
        let beginning = event.step == 0 ? "" : ", going on after step \(event.step)"
        return "\(event.run): \(count(event.parameters)) parameters, \(event.steps) steps of "
            + "\(count(event.tokensPerStep)) tokens, \(event.ranks) \(event.ranks == 1 ? "rank" : "ranks") on \(hosts), "
            + "\(event.kernels) kernels\(beginning)"
    }

    static func step(_ event: RunEvent.Step) -> String {
        let percent = String(format: "%.0f", 100 * event.utilisation)
        return
            "step \(event.step)/\(event.steps)  loss \(loss(event.loss))  \(count(Int(event.tokensPerSecond))) tokens/s  "
            + "\(percent) % of peak  \(duration(event.secondsLeft)) left"
    }

    static func evaluated(_ event: RunEvent.Evaluated) -> String {
        let bits = event.bitsPerByte.map { ", \(loss($0)) bits per byte" } ?? ""
        return "step \(event.step): held-out loss \(loss(event.loss)) ± \(loss(event.standardError))\(bits)"
    }

    static func checkpointed(_ event: RunEvent.Checkpointed) -> String {
        "step \(event.step): saved \(event.file)"
    }

    static func loss(_ value: Double) -> String { String(format: "%.4f", value) }

    /// 1234567 as 1,234,567, in every locale.
    static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        let grouped = digits.indices.map { i in (i > 0 && (digits.count - i) % 3 == 0 ? "," : "") + String(digits[i]) }
        return (number < 0 ? "-" : "") + grouped.joined()
    }

    /// "2 h 05 min", "3 min 20 s", "7 s".
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "a long time" }
        let whole = Int(seconds.rounded())
        if whole >= 3600 { return "\(whole / 3600) h \(String(format: "%02d", whole % 3600 / 60)) min" }
        if whole >= 60 { return "\(whole / 60) min \(String(format: "%02d", whole % 60)) s" }
        return "\(whole) s"
    }
}
