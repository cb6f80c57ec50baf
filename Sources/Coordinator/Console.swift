import Foundation

/// Where people read: lines to standard error, and what kind of place standard output is.
enum Console {
    /// One line to standard error.
    static func tell(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// Text to standard output as it is, at once.
    static func show(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
}
