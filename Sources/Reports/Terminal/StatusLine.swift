import Foundation

/// How far a run is.
public struct Progress: Sendable, Equatable {
    /// Names what is running; may be empty.
    public var name: String
    /// Steps done.
    public var step: Int
    /// Steps in all.
    public var steps: Int
    /// Nats per token, of the last step.
    public var loss: Double?
    /// Over all ranks.
    public var tokensPerSecond: Double?
    /// Share of the measured matrix-product rate, 0 to 1.
    public var utilisation: Double?
    /// Until the last step.
    public var secondsLeft: Double?
    /// Whether `step` is a number that means something by itself; else only the share is shown, as of a whole sweep.
    public var countsSteps = true

    /// The progress of a run; what is not known yet is nil.
    public init(
        name: String, step: Int, steps: Int, loss: Double? = nil, tokensPerSecond: Double? = nil,
        utilisation: Double? = nil, secondsLeft: Double? = nil
    ) {
        self.name = name
        self.step = step
        self.steps = steps
        self.loss = loss
        self.tokensPerSecond = tokensPerSecond
        self.utilisation = utilisation
        self.secondsLeft = secondsLeft
    }

    /// The share that is done, 0 to 1.
    var share: Double { steps > 0 ? min(max(Double(step) / Double(steps), 0), 1) : 0 }
}

/// One line that a person likes to watch while a run goes on.
public struct StatusLine: Sendable, Equatable {
    private let style: TerminalStyle
    private let width: Int

    /// A line for a terminal of `width` columns; 80 where that is not known.
    public init(style: TerminalStyle, width: Int = 80) {
        self.style = style
        // The last column is left free: some terminals wrap when it is written.
        self.width = max(width - 1, 10)
    }

    /// Carriage return, the line, and an order to clear what an older, longer one left behind; no line end.
    public func redraw(_ progress: Progress) -> String { "\r" + text(progress) + "\u{1B}[K" }

    /// What ends the redrawn line before something else is printed.
    public var clear: String { "\r\u{1B}[K" }

    /// The same facts as a line of a log, for output that is no terminal. The caller decides how often.
    public func logLine(_ progress: Progress) -> String {
        let facts = [steps(progress)] + facts(progress)
        return style.plain((progress.name.isEmpty ? "" : progress.name + ": ") + facts.joined(separator: ", ")) + "\n"
    }

    /// The line itself: name, bar, step, loss, tokens per second, utilisation, time left. A narrow terminal gets shorter
    /// words and a shorter bar first; then the name, the bar, utilisation, tokens per second and the time left go.
    func text(_ progress: Progress) -> String {
        let name = progress.name.isEmpty ? nil : progress.name
        let (long, short) = (bar(progress.share, cells: 16), bar(progress.share, cells: 8))
        let count = progress.countsSteps ? "\(progress.step)/\(progress.steps)" : Humanly.percent(progress.share)
        let loss = progress.loss.map { "loss " + Humanly.loss($0) }
        let speed = progress.tokensPerSecond.map { Humanly.count($0) + " tokens/s" }
        let use = progress.utilisation.map(Humanly.percent)
        let left = progress.secondsLeft.map { Humanly.duration(seconds: $0) + " left" }
        let candidates: [[String?]] = [
            [name, long, steps(progress), loss, speed, use.map { $0 + " of peak" }, left],
            [name, short, count, loss, speed, use, left], [short, count, loss, speed, use, left],
            [count, loss, speed, use, left], [count, loss, speed, left], [count, loss, left], [count, loss],
        ]
        let lines = candidates.map { style.plain($0.compactMap { $0 }.joined(separator: "  ")) }
        return lines.first { $0.count <= width } ?? String(count.prefix(width))
    }

    private func steps(_ progress: Progress) -> String {
        guard progress.countsSteps else { return Humanly.percent(progress.share) }
        let total = String(progress.steps)
        let done = String(progress.step)
        return "step " + String(repeating: " ", count: max(0, total.count - done.count)) + done + "/" + total
    }

    private func facts(_ progress: Progress) -> [String] {
        [
            progress.loss.map { "loss " + Humanly.loss($0) },
            progress.tokensPerSecond.map { Humanly.count($0) + " tokens/s" },
            progress.utilisation.map { Humanly.percent($0) + " of peak" },
            progress.secondsLeft.map { Humanly.duration(seconds: $0) + " left" },
        ].compactMap { $0 }
    }

    /// In eighths of a cell where the terminal can show them.
    private func bar(_ share: Double, cells: Int) -> String {
        guard style.isUnicode else {
            let full = Int(share * Double(cells))
            return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: cells - full) + "]"
        }
        let eighths = Int(share * Double(cells * 8))
        let parts: [String] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        let drawn = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
        return "▕" + drawn + String(repeating: " ", count: cells - drawn.count) + "▏"
    }
}
