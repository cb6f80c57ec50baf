/// How a command ends, as its exit code tells (DESIGN §4).
public enum ExitCode: Int32, Sendable {
    case done = 0
    /// Wrong usage or configuration.
    case usage = 2
    /// Data that cannot be used: a corpus, shard, checkpoint or table.
    case badData = 3
    /// A worker failed or could not start.
    case worker = 4
    /// Stopped by request; the same command goes on from here.
    case interrupted = 5
    /// A fit that cannot be trusted (`--strict`).
    case untrustedFit = 6
}

/// What went wrong, in a sentence that says what was tried, the values, and what to do next.
public struct Failure: Error, CustomStringConvertible, Sendable {
    public let code: ExitCode
    public let message: String

    public init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

/// All that is wrong with a configuration, reported at once.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The file, or what else the configuration came from.
    public let source: String
    /// One sentence each.
    public let problems: [String]

    public var description: String {
        if problems.count == 1 { return "\(source): \(problems[0])" }
        return "\(source) has \(problems.count) problems:\n" + problems.map { "  - \($0)" }.joined(separator: "\n")
    }
}
