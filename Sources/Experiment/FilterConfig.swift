/// Which documents of a text are kept.
public struct FilterConfig: Sendable, Equatable, Codable {
    /// Documents that are equal to an earlier one, byte by byte.
    public var duplicates: Duplicates = .drop
    /// Estimated Jaccard similarity, in (0, 1], from which a document counts as a near duplicate; nil for none.
    public var nearDuplicates: Double?
    /// Shorter documents are dropped.
    public var minBytes = 1
    /// Longer documents are dropped.
    public var maxBytes: Int?
    /// Largest share, 0 to 1, of a document's bytes in lines that came before in it.
    public var maxRepetition: Double?

    public enum Duplicates: String, Sendable, Codable, CaseIterable { case drop, keep }

    public init() {}
}
