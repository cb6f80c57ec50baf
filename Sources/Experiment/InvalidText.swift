/// What becomes of bytes in a text that are no UTF-8.
public enum InvalidText: String, Sendable, Codable, CaseIterable {
    /// Preparation ends and names file and byte.
    case error
    /// Each becomes U+FFFD, and is counted.
    case replace
    /// The document that holds them is left out, and counted.
    case skip
}
