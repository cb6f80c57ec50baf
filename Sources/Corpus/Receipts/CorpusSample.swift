/// The beginning of a stretch of text, and where it is from.
public struct CorpusSample: Sendable, Equatable, Encodable {
    public let source: String
    /// `train` or `held-out`.
    public let side: String
    /// Nil for the calibration source.
    public let file: String?
    /// Number of the document in its file, from 0.
    public let document: Int
    /// For .jsonl: the file's line, from 1.
    public let line: Int?
    /// Of the stretch's first byte in the document's text; of its first id in a token file's document.
    public let offset: Int
    /// Control characters are made visible; … where it goes on.
    public let text: String

    /// Unicode scalars of a sample.
    static let characters = 300

    /// `count` stretches, evenly spaced over all stretches of the corpus: the same ones every time.
    static func samples(_ count: Int, of corpus: PreparedCorpus) throws -> [CorpusSample] {
        let sides = corpus.sources.indices.flatMap { source in
            CorpusSide.allCases.map { Stretches(corpus, source: source, side: $0) }
        }
        let total = sides.reduce(0) { $0 + $1.count }
        let count = min(count, total)
        return try (0..<count).map { i in
            // In the middle of each of `count` equal parts.
            var number = Int((Double(2 * i + 1) / Double(2 * count) * Double(total)).rounded(.down))
            let stretches = sides.first { side in
                if number < side.count { return true }
                number -= side.count
                return false
            }
            guard let stretches else { preconditionFailure("a stretch is on one of the sides") }
            return try sample(stretches, try stretches.stretch(number), corpus)
        }
    }

    private static func sample(
        _ stretches: Stretches, _ stretch: Stretch, _ corpus: PreparedCorpus
    ) throws -> CorpusSample {
        // A token is a byte at least, and a character four at most, so this is enough to fill the sample.
        let ids = stretches.stream[stretch.textTokens.prefix(4 * characters + 4)]
        return CorpusSample(
            source: stretches.source.name, side: stretches.side.rawValue, file: stretches.file(of: stretch),
            document: stretch.place.document, line: stretch.place.line == 0 ? nil : stretch.place.line,
            offset: stretch.place.offset,
            text: VisibleText.shortened(try corpus.tokenizer.decode(ids), characters: characters))
    }
}
