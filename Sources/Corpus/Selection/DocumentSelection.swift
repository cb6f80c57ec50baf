import Experiment

/// Decides in the order of the documents which are kept; of equal ones the first. A pure function of the facts so far.
///
/// Memory per kept document: 16 bytes of digest in a set (32 with its free places), and with near duplicates what
/// `NearDuplicateIndex` says.
struct DocumentSelection {
    private let filter: FilterConfig
    private var digests: Set<ContentDigest> = []
    private var nearDuplicates: NearDuplicateIndex?

    init(_ filter: FilterConfig) {
        self.filter = filter
        nearDuplicates = filter.nearDuplicates.map(NearDuplicateIndex.init(threshold:))
    }

    /// Nil for a document to keep, which is then remembered. Length is asked first, then repetition, then duplicates.
    /// With `duplicates: keep` and `nearDuplicates`, a document equal to an earlier one is a near duplicate of it.
    mutating func reason(toDrop facts: DocumentFacts) -> DropReason? {
        if facts.bytes < filter.minBytes { return .tooShort }
        if let most = filter.maxBytes, facts.bytes > most { return .tooLong }
        if let most = filter.maxRepetition, facts.repetition > most { return .repetitive }
        if filter.duplicates == .drop, digests.contains(facts.digest) { return .duplicate }
        if let signature = facts.signature, nearDuplicates?.insert(signature) == false { return .nearDuplicate }
        if filter.duplicates == .drop { digests.insert(facts.digest) }
        return nil
    }
}
