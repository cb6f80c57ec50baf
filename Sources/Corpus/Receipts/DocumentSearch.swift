import Experiment

/// Finds documents of a corpus, and the steps of a run that read them.
public struct DocumentSearch: Sendable {
    private let data: TrainingData
    private let steps: Int

    /// What was found.
    public struct Findings: Sendable, Equatable {
        /// The first ones, source by source, in the order of their files.
        public internal(set) var documents: [FoundDocument] = []
        /// How many there are in all.
        public internal(set) var count = 0
        /// Files that were meant, whether or not a document of theirs is in the corpus.
        public internal(set) var files: [String] = []
    }

    /// - Parameters:
    ///   - data: of the run.
    ///   - steps: of the whole run.
    public init(_ data: TrainingData, steps: Int) {
        self.data = data
        self.steps = steps
    }

    /// Reads the places of all stretches, and the text of those that are meant where text is looked for.
    /// - Parameter limit: documents to tell of; the rest are counted.
    /// - Throws: `Failure(.badData)` for places that do not fit the tokens, `.usage` for text where tokens are no text.
    public func find(_ query: DocumentQuery, limit: Int) throws -> Findings {
        let corpus = data.corpus
        guard query.text == nil || corpus.index.kind == .text else {
            throw Failure(.usage, "The calibration source's tokens are no text: there is nothing to find in them.")
        }
        let lengths = query.text == nil ? nil : TextLengths(corpus.tokenizer)
        let anyEnds = corpus.index.sources.contains { source in
            source.files.contains { file in query.path.map { DocumentQuery.ends(file.path, with: $0) } ?? true }
        }
        var findings = Findings()
        for source in corpus.sources.indices {
            let files = query.files(of: corpus.sources[source].index, anyEnds: anyEnds)
            guard !files.isEmpty else { continue }
            findings.files += files.sorted().map { corpus.sources[source].index.files[$0].path }
            var scan = SourceScan(data, source: source, steps: steps, query: query, lengths: lengths)
            try scan.find(in: files, limit: limit, into: &findings)
        }
        return findings
    }
}

/// Goes through both sides of one source at once, in the order of its documents.
private struct SourceScan {
    private let data: TrainingData
    private let source: Int
    private let steps: Int
    private let query: DocumentQuery
    private let search: TextSearch?
    private let sides: [Stretches]
    private var offsets: [TextOffsets]
    /// The next stretch of each side.
    private var next: [Int]

    init(_ data: TrainingData, source: Int, steps: Int, query: DocumentQuery, lengths: TextLengths?) {
        self.data = data
        self.source = source
        self.steps = steps
        self.query = query
        search = query.text.map { TextSearch($0, tokenizer: data.corpus.tokenizer) }
        let sides = CorpusSide.allCases.map { Stretches(data.corpus, source: source, side: $0) }
        self.sides = sides
        offsets = lengths.map { lengths in sides.map { TextOffsets($0, lengths: lengths) } } ?? []
        next = sides.map { _ in 0 }
    }

    mutating func find(in files: Set<Int>, limit: Int, into findings: inout DocumentSearch.Findings) throws {
        var last: (file: Int, document: Int)?
        while let (side, stretch) = try nextStretch() {
            let place = stretch.place
            guard files.contains(place.file), query.holds(place) else { continue }
            let matches = try search?.offsets(in: stretch, of: sides[side].stream)
            if let matches, matches.isEmpty { continue }
            if last?.file != place.file || last?.document != place.document {
                findings.count += 1
                last = (place.file, place.document)
                guard findings.count <= limit else { continue }
                findings.documents.append(document(of: stretch, sides[side]))
            }
            guard findings.count <= limit else { continue }
            let found = try found(stretch, side: side, matches: matches)
            findings.documents[findings.documents.count - 1].stretches.append(found)
        }
    }

    /// Of both sides, the one that comes first in the files.
    private mutating func nextStretch() throws -> (side: Int, Stretch)? {
        var first: (side: Int, stretch: Stretch)?
        for side in sides.indices where next[side] < sides[side].count {
            let stretch = try sides[side].stretch(next[side])
            guard let other = first?.stretch.place else {
                first = (side, stretch)
                continue
            }
            let place = stretch.place
            let isBefore =
                (place.file, place.document, place.offset) < (other.file, other.document, other.offset)
            if isBefore { first = (side, stretch) }
        }
        guard let first else { return nil }
        next[first.side] += 1
        return first
    }

    private func document(of stretch: Stretch, _ stretches: Stretches) -> FoundDocument {
        FoundDocument(
            source: stretches.source.name, file: stretches.file(of: stretch) ?? "",
            document: stretch.place.document, line: stretch.place.line == 0 ? nil : stretch.place.line, stretches: [])
    }

    private mutating func found(
        _ stretch: Stretch, side: Int, matches: [Int]?
    ) throws -> FoundDocument.Stretch {
        let countsIDs = sides[side].countsIDs(stretch)
        let length = countsIDs ? stretch.textTokens.count : stretch.place.bytes
        let ranges = try matches.map { try tokens(of: $0, in: stretch, side: side) } ?? [stretch.textTokens]
        let isTrain = sides[side].side == .train
        let end = sides[side].stream.sequences(context: data.context) * data.context
        return FoundDocument.Stretch(
            side: sides[side].side, range: stretch.place.offset..<stretch.place.offset + length, countsIDs: countsIDs,
            tokens: stretch.textTokens, matches: matches ?? [],
            sequences: isTrain ? reads(ofTokens: ranges) : [],
            isCutOff: isTrain && ranges.contains { $0.upperBound > end + 1 })
    }

    /// The tokens that hold each match.
    private mutating func tokens(of matches: [Int], in stretch: Stretch, side: Int) throws -> [Range<Int>] {
        let length = query.text?.count ?? 1
        return try matches.map { match in
            let first = try offsets[side].token(atByte: match, in: stretch)
            // A copy: the next match may begin before this one ends.
            var ahead = offsets[side]
            return first..<(try ahead.token(atByte: match + length - 1, in: stretch)) + 1
        }
    }

    /// Sequence s holds the tokens sT to (s + 1)T, both included. Ranges ascend.
    private func reads(ofTokens ranges: [Range<Int>]) -> [FoundDocument.Reads] {
        let context = data.context
        let available = sides[0].stream.sequences(context: context)
        var reads: [FoundDocument.Reads] = []
        var least = 0
        for range in ranges where !range.isEmpty {
            let first = max(least, (range.lowerBound + context - 1) / context - 1)
            let end = min(available, (range.upperBound - 1) / context + 1)
            guard first < end else { continue }
            for sequence in first..<end {
                let positions = data.positions(ofSource: source, sequence: sequence, steps: steps)
                let inSteps = Set(positions.map { $0 / data.sequencesPerStep + 1 })
                reads.append(FoundDocument.Reads(sequence: sequence, steps: inSteps.sorted()))
            }
            least = end
        }
        return reads
    }
}
