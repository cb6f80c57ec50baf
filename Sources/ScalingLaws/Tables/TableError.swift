import Foundation

/// A table that cannot be used, in one sentence that says what was tried, the values, and what to do next. Commands
/// end with exit code 3 on it.
public struct TableError: Error, CustomStringConvertible, LocalizedError, Sendable, Equatable {
    /// The sentence.
    public let message: String

    /// An error with its sentence.
    public init(_ message: String) { self.message = message }

    /// The sentence.
    public var description: String { message }
    /// The sentence, for Foundation's error messages.
    public var errorDescription: String? { message }
}
