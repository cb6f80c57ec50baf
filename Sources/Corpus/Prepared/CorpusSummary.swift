import Experiment

/// What is in a prepared corpus, for people: what its index tells.
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
            + corpus.sources.flatMap { source in
                CorpusSide.allCases.map { line(source, $0) } + leftOut(source.index) + overlap(source.index)
            }
    }

    private var source: String {
        guard let calibration = corpus.index.calibration else {
            let files = corpus.index.sources.flatMap(\.files)
            return "\(CountText.count(files.count, "file")), "
                + CountText.count(files.reduce(0) { $0 &+ $1.bytes }, "byte")
        }
        return "calibration: alphabet \(calibration.alphabet), key \(calibration.key), value \(calibration.value), "
            + "exponent \(calibration.exponent)"
    }

    private func line(_ source: PreparedSource, _ side: CorpusSide) -> String {
        let counts = source.index.side(side)
        var parts = [
            CountText.count(counts.tokens, "token"), CountText.count(counts.documents, "document"),
            "\(CountText.grouped(counts.stretches)) \(counts.stretches == 1 ? "stretch" : "stretches")",
        ]
        if let bytes = counts.bytes {
            let each = CountText.fixed(Double(bytes) / Double(counts.tokens))
            parts.append("\(CountText.count(bytes, "byte")) (\(each) per token)")
        }
        if let characters = counts.characters { parts.append(CountText.count(characters, "character")) }
        parts.append(CountText.count(counts.shards.count, "shard"))
        if let context {
            let stream = source.stream(side)
            parts.append("\(CountText.count(stream.sequences(context: context), "sequence")) of \(context)")
            parts.append("\(CountText.count(stream.unusedTokens(context: context), "token")) unused")
        }
        return label(source.index, side.rawValue) + parts.joined(separator: ", ")
    }

    /// What the filters left out of a source, and bytes that were replaced; nothing where there is neither.
    private func leftOut(_ source: CorpusIndex.Source) -> [String] {
        var parts = source.dropped.sorted { $0.key < $1.key }.map { reason, dropped in
            "\(CountText.count(dropped.documents, "document")) (\(CountText.count(dropped.bytes, "byte"))) "
                + reason.replacing("_", with: " ")
        }
        if !parts.isEmpty { parts[0] = "left out: " + parts[0] }
        if source.replaced > 0 {
            parts.append("replaced: \(CountText.count(source.replaced, "invalid sequence")) of bytes")
        }
        return parts.isEmpty ? [] : [label(source, "selection") + parts.joined(separator: ", ")]
    }

    private func overlap(_ source: CorpusIndex.Source) -> [String] {
        guard let overlap = source.overlap else { return [] }
        let sampling = overlap.sampled == 1 ? "all" : "1 in \(overlap.sampled)"
        return [
            label(source, "overlap") + CountText.percent(overlap.share)
                + " of \(CountText.grouped(overlap.heldOut)) different held-out \(overlap.ngram)-grams of tokens (\(sampling) "
                + "looked for) are in the training text"
        ]
    }

    private func label(_ source: CorpusIndex.Source, _ what: String) -> String {
        let name = (corpus.sources.count > 1 ? source.name + " " : "") + what
        return name + String(repeating: " ", count: max(1, 12 - name.count))
    }
}
