/// One sentence about a fit that its reader must know.
public struct FitWarning: Sendable, Equatable, CustomStringConvertible {
    /// The sentence.
    public let text: String
    /// Grave: a parameter cannot be trusted. Otherwise a caution.
    public let isGrave: Bool

    /// The same of a part of something larger: "part: sentence".
    public func prefixed(_ part: String) -> FitWarning { FitWarning(text: "\(part): \(text)", isGrave: isGrave) }

    /// The sentence.
    public var description: String { text }

    /// A warning that a parameter cannot be trusted.
    public static func grave(_ text: String) -> FitWarning { FitWarning(text: text, isGrave: true) }
    /// A warning that leaves the fit usable.
    public static func caution(_ text: String) -> FitWarning { FitWarning(text: text, isGrave: false) }
}
