import Experiment

/// Learns the merges of byte-level BPE from text (Sennrich et al. 2016, algorithm 1): pre-tokens are counted, then the
/// most frequent pair becomes a token, again and again.
///
/// Text comes in pieces of any size; `endDocument` ends one that is a text of its own. The result depends on the text
/// alone: neither on how it was cut into pieces, nor on the number of jobs. It equals that of Hugging Face's BpeTrainer
/// given the same texts whole (`train_from_iterator`); its `train(files)` reads each line as a text, which counts the
/// white space around ends of lines otherwise.
public struct BytePairTrainer: Sendable {
    /// How far training is.
    public enum Progress: Equatable, Sendable {
        /// Bytes of text that were counted.
        case counted(bytes: Int)
        /// Ids that there are, of those that are wanted.
        case merged(ids: Int, of: Int)
    }

    /// Text is counted in parts of about this many bytes.
    private static let partBytes = 1 << 20
    /// Parts that are counted at once before the words are joined.
    private static let partsOfRound = 16
    /// Weight of the words above which the rarest go: 400 MB in all on words that never end.
    private static let usualWordLimit = 96 << 20

    private let vocabulary: Int
    private let scanner: PreTokenScanner
    private let specialTokens: [String]
    private let jobs: Int
    private let wordLimit: Int
    private var words = WordCounts()
    /// What the current document has that is in no part yet.
    private var pending: [UInt8] = []
    private var part = Part()
    private var parts: [Part] = []
    private var bytes = 0
    /// Whether the rarest words had to go.
    public private(set) var droppedWords = false

    /// Texts, one after the other, that are cut apart from each other.
    private struct Part: Sendable {
        var text: [UInt8] = []
        var ends: [Int] = []
    }

    /// - Parameters:
    ///   - vocabulary: all ids: 256 bytes, merges, special tokens.
    ///   - jobs: cores to count on.
    ///   - wordLimit: bytes of different words above which the rarest go; at fixed points of the text.
    /// Throws `Failure(.usage)` for a vocabulary too small, or special tokens that are empty or doubled.
    public init(
        vocabulary: Int, pattern: PreTokenPattern = .gpt2, specialTokens: [String] = ["<|endoftext|>"],
        jobs: Int = 1, wordLimit: Int? = nil
    ) throws {
        guard vocabulary >= 256 + specialTokens.count, vocabulary <= 1 << 22 else {
            throw Failure(
                .usage,
                "A vocabulary of \(vocabulary) does not hold 256 bytes and \(specialTokens.count) special tokens, or is "
                    + "above \(1 << 22); give another size.")
        }
        guard !specialTokens.contains(""), Set(specialTokens.map { Array($0.utf8) }).count == specialTokens.count else {
            throw Failure(.usage, "A special token is empty or comes twice; name each once.")
        }
        self.vocabulary = vocabulary
        self.scanner = PreTokenScanner(pattern)
        self.specialTokens = specialTokens
        self.jobs = jobs
        self.wordLimit = wordLimit ?? Self.usualWordLimit
    }

    /// Goes on with the current document.
    public mutating func add(_ text: [UInt8], progress: (Progress) -> Void = { _ in }) throws {
        bytes += text.count
        pending += text
        guard pending.count > Self.partBytes else { return }
        var start = 0
        while let cut = cut(from: start) {
            try take(start..<cut)
            start = cut
            progress(.counted(bytes: bytes - (pending.count - start)))
        }
        pending.removeSubrange(..<start)
    }

    /// The current document is whole; what comes is another.
    public mutating func endDocument() throws {
        if !pending.isEmpty { try take(0..<pending.count) }
        pending.removeAll(keepingCapacity: true)
    }

    /// Where the next part of a long document ends: at fixed places of it, however it came; nil to wait for more.
    private func cut(from start: Int) -> Int? {
        for size in 1...4 {
            let wanted = size * Self.partBytes
            guard pending.count - start >= wanted + 4 else { return nil }
            let window = pending.span.extracting(start..<start + wanted + 4)
            if let cut = scanner.safeCut(in: window, upTo: wanted) { return start + cut }
        }
        // Megabytes without a place to cut: no text that merges are learned from.
        return start + 4 * Self.partBytes
    }

    /// Adds a text, or a part of one, to the round.
    private mutating func take(_ range: Range<Int>) throws {
        part.text += pending[range]
        part.ends.append(part.text.count)
        // A cut leaves a part somewhat shorter than asked for.
        guard part.text.count >= Self.partBytes / 4 * 3 else { return }
        parts.append(part)
        part = Part()
        if parts.count == Self.partsOfRound { try countParts() }
    }

    private mutating func countParts() throws {
        let scanner = scanner
        for counted in try parts.concurrentMap(jobs: jobs, { Self.count($0, scanner) }) { words.add(counted) }
        parts.removeAll()
        if words.weight > wordLimit {
            droppedWords = true
            words.keepMostFrequent(limit: wordLimit / 2)
        }
    }

    private static func count(_ part: Part, _ scanner: PreTokenScanner) -> WordCounts {
        var words = WordCounts()
        var start = 0
        for end in part.ends {
            let text = part.text.span.extracting(start..<end)
            var position = 0
            while position < text.count {
                let next = scanner.end(in: text, from: position)
                words.count(text, position..<next)
                position = next
            }
            start = end
        }
        return words
    }

    /// The tokenizer of all text so far. Smaller than asked for where the text has no more pairs.
    /// Throws `Failure(.badData)` for no text, or a special token that the text made an ordinary one.
    public mutating func train(progress: (Progress) -> Void = { _ in }) throws -> BytePairTokenizer {
        try endDocument()
        if !part.ends.isEmpty { parts.append(part) }
        part = Part()
        try countParts()
        guard words.words.count > 0 else { throw Failure(.badData, "There is no text to learn from; name some text.") }
        progress(.counted(bytes: bytes))
        var learner = MergeLearner(words, tokens: vocabulary - specialTokens.count)
        while learner.step() {
            let ids = learner.tokens.count + specialTokens.count
            if ids & 0x7F == 0 { progress(.merged(ids: ids, of: vocabulary)) }
        }
        progress(.merged(ids: learner.tokens.count + specialTokens.count, of: vocabulary))
        return try tokenizer(learner)
    }

    private func tokenizer(_ learner: MergeLearner) throws -> BytePairTokenizer {
        let count = learner.tokens.count
        let spellings = (0..<count).map { ByteLetters.text(of: learner.tokens[$0]) }
        let specials = specialTokens.enumerated().map { index, name in
            BytePairModel.AddedToken(
                id: Int32(count + index), text: Array(name.utf8), isSpecial: true, isNormalized: false,
                isInVocabulary: true)
        }
        let vocabulary =
            spellings.enumerated().map { (spelling: $1, id: $0) }
            + specials.map { (spelling: $0.text, id: Int($0.id)) }
        do throws(ModelProblem) {
            return BytePairTokenizer(
                try BytePairModel(
                    pattern: scanner.pattern, ignoresMerges: false, vocabulary: vocabulary,
                    merges: learner.merges.map { (spellings[Int($0.left)], spellings[Int($0.right)]) },
                    added: specials))
        } catch {
            throw Failure(
                .badData, "The special tokens cannot be told from the text's own (\(error.reason)); name others.")
        }
    }
}
