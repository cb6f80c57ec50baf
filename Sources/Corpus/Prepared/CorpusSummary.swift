import Experiment

/// What is in a prepared corpus, for people.
public struct CorpusSummary: Sendable {
    private let corpus: PreparedCorpus
    private let context: Int?

    /// - Parameter context: T, to tell sequences and unused tokens too.
    public init(_ corpus: PreparedCorpus, context: Int? = nil) {
        self.corpus = corpus
        self.context = context
    }

    /// One fact a line, for the terminal.
    public var lines: [String] {
        let index = corpus.index
        return [
            "corpus      \(corpus.folder.path)",
            "content     \(index.contentDigest)",
            "source      \(source)",
            "tokenizer   \(corpus.tokenizer.description.kind), \(index.vocabulary) ids, stored as \(index.dtype.rawValue)",
        ]
            + corpus.sources.flatMap { source in CorpusSide.allCases.map { line(source, $0) } }
    }

    private var source: String {
        guard let calibration = corpus.index.calibration else {
            let files = corpus.index.sources.flatMap(\.files)
            return "\(Self.count(files.count, "file")), \(Self.count(files.reduce(0) { $0 + $1.bytes }, "byte"))"
        }
        return "calibration: alphabet \(calibration.alphabet), key \(calibration.key), value \(calibration.value), "
            + "exponent \(calibration.exponent)"
    }

    private func line(_ source: PreparedSource, _ side: CorpusSide) -> String {
        let counts = source.index.side(side)
        var parts = [Self.count(counts.tokens, "token"), Self.count(counts.documents, "document")]
        if let bytes = counts.bytes { parts.append(Self.count(bytes, "byte")) }
        parts.append(Self.count(counts.shards.count, "shard"))
        if let context {
            let stream = source.stream(side)
            parts.append("\(Self.count(stream.sequences(context: context), "sequence")) of \(context)")
            parts.append("\(Self.count(stream.unusedTokens(context: context), "token")) unused")
        }
        let name = (corpus.sources.count > 1 ? source.name + " " : "") + side.rawValue
        return name + String(repeating: " ", count: max(1, 12 - name.count)) + parts.joined(separator: ", ")
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// 1234567 as 1,234,567, in every locale.
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.indices.map { i in
            (i > 0 && (digits.count - i) % 3 == 0 ? "," : "") + String(digits[i])
        }.joined()
    }
}
