import Crypto
import Experiment

/// Measures documents one after the other, each in pieces cut anywhere, for `DocumentSelection`. Use one per thread.
///
/// Memory does not grow with the document: 2 KiB and a copy of one piece of ids, and with `maxRepetition` up to
/// `LineRepetition.largestStateBytes`.
struct DocumentMeasure {
    private var hasher = SHA256()
    private var bytes = 0
    /// Nil where the filter does not ask.
    private var lines: LineRepetition?
    private var sketch: ShingleSketch?
    private var idBytes: [UInt8] = []

    init(_ filter: FilterConfig) {
        lines = filter.maxRepetition == nil ? nil : LineRepetition()
        sketch = filter.nearDuplicates == nil ? nil : ShingleSketch()
    }

    /// Adds the next bytes of a text. A document is either text or token ids.
    mutating func add(text: [UInt8]) {
        hasher.update(data: text)
        bytes += text.count
        lines?.add(text)
        sketch?.add(text: text)
    }

    /// Adds the next ids of a document that is given as tokens: a token is a word.
    mutating func add(tokens: [Int32]) {
        idBytes.removeAll(keepingCapacity: true)
        idBytes.reserveCapacity(tokens.count * 4)
        for id in tokens {
            let word = UInt32(bitPattern: id)
            idBytes.append(UInt8(truncatingIfNeeded: word))
            idBytes.append(UInt8(truncatingIfNeeded: word >> 8))
            idBytes.append(UInt8(truncatingIfNeeded: word >> 16))
            idBytes.append(UInt8(truncatingIfNeeded: word >> 24))
        }
        hasher.update(data: idBytes)
        bytes += idBytes.count
        sketch?.add(tokens: tokens)
    }

    /// The facts of the document that was added; then ready for the next one.
    mutating func finish() -> DocumentFacts {
        let facts = DocumentFacts(
            digest: ContentDigest(hasher.finalize()), bytes: bytes,
            repetition: lines?.finish() ?? 0, signature: sketch?.finish())
        hasher = SHA256()
        bytes = 0
        return facts
    }

    /// Bytes that this holds beside a few fixed ones.
    var stateBytes: Int { idBytes.capacity + (lines?.stateBytes ?? 0) + (sketch?.stateBytes ?? 0) }
}
