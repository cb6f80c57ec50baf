import Foundation
import Reports

/// Where people read: lines to standard error, and what kind of place standard output is. Whoever stops reading, as `head`
/// does, ends no run.
enum Console {
    /// One line to standard error.
    static func tell(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Text to standard output as it is, at once.
    static func show(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

    static let style = TerminalStyle(environment: ProcessInfo.processInfo.environment)

    /// Columns of the terminal, where it tells.
    static var width: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
