func decodeFilter(_ section: StrictMapping) -> FilterConfig {
    var section = section
    var filter = FilterConfig()
    filter.duplicates = section.choice("duplicates", of: FilterConfig.Duplicates.self) ?? .drop
    filter.nearDuplicates = section.number("near_duplicates", "above 0 and at most 1") { $0 > 0 && $0 <= 1 }
    filter.minBytes = section.integer("min_bytes", atLeast: 1) ?? 1
    filter.maxBytes = section.integer("max_bytes", atLeast: filter.minBytes)
    filter.maxRepetition = section.number("max_repetition", "from 0 to 1") { (0...1).contains($0) }
    section.refuseUnknownKeys()
    return filter
}

extension FilterConfig {
    /// Reads back to an equal filter.
    var yaml: String {
        func orNull(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "null" }
        return
            "{duplicates: \(duplicates.rawValue), near_duplicates: \(orNull(nearDuplicates)), min_bytes: \(minBytes), "
            + "max_bytes: \(orNull(maxBytes)), max_repetition: \(orNull(maxRepetition))}"
    }
}
