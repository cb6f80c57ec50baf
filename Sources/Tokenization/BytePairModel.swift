import Experiment

/// What a byte-level BPE tokenizer is, checked: tokens, merges, and tokens that are found in text as they are. Whoever
/// holds one can encode any bytes with it.
struct BytePairModel: Equatable, Sendable {
    /// A token that is found in text before the text is cut: end-of-text, marks of a chat, and the like.
    struct AddedToken: Equatable, Sendable {
        let id: Int32
        /// In UTF-8; not empty.
        let text: [UInt8]
        /// It gives no text, and text that looks like it is text unless special tokens are asked for.
        let isSpecial: Bool
        /// Found in a second search, between what the first found (as Hugging Face's `normalized` is without a
        /// normalizer).
        let isNormalized: Bool
        /// It is in the vocabulary's list too, not only in that of the added tokens.
        let isInVocabulary: Bool
    }

    /// An ordinary token.
    struct Token: Equatable, Sendable {
        let id: Int32
        /// As the vocabulary spells it: letters for bytes, in UTF-8.
        let spelling: [UInt8]
        /// The text that it stands for.
        let bytes: [UInt8]

        init(id: Int32, spelling: [UInt8]) {
            self.id = id
            self.spelling = spelling
            // A spelling with other characters is no product of merges; it stands for itself, as Hugging Face decodes.
            bytes = ByteLetters.bytes(of: spelling) ?? spelling
        }
    }

    let pattern: PreTokenPattern
    /// A pre-token that is a token stays whole, whatever the merges say.
    let ignoresMerges: Bool
    /// Ordinary tokens, by id.
    let tokens: [Token]
    /// By rank; no pair twice.
    let merges: [Merge]
    /// By id.
    let added: [AddedToken]
    /// The id of each byte.   [256]
    let byteIDs: [Int32]
    /// Ids are 0..<vocabulary; some may stand for nothing in files of others.
    let vocabulary: Int

    /// Special names that end a text, in the order in which they are looked for.
    static let endsOfText = ["<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>"]

    /// The id that follows each document, nil where no special token has one of the names.
    var endOfText: Int? {
        for name in Self.endsOfText {
            if let token = added.first(where: { $0.isSpecial && $0.text == Array(name.utf8) }) { return Int(token.id) }
        }
        return nil
    }
}

/// Why a list of tokens and merges is no tokenizer: the end of a sentence that names the file.
struct ModelProblem: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

extension BytePairModel {
    /// Checks what a file says.
    /// - Parameters:
    ///   - vocabulary: spellings and ids, in any order; those of added tokens may be among them.
    ///   - merges: pairs of spellings, by rank.
    init(
        pattern: PreTokenPattern, ignoresMerges: Bool, vocabulary: [(spelling: [UInt8], id: Int)],
        merges: [(left: [UInt8], right: [UInt8])], added: [AddedToken]
    ) throws(ModelProblem) {
        let ids = try SpellingIDs(vocabulary)
        self.pattern = pattern
        self.ignoresMerges = ignoresMerges
        self.added = added.sorted { $0.id < $1.id }
        self.vocabulary = try Self.checkIDs(vocabulary: vocabulary.map(\.id), added: added)
        let addedIDs = Set(added.map(\.id))
        tokens = vocabulary.map { Token(id: Int32($0.id), spelling: $0.spelling) }
            .filter { !addedIDs.contains($0.id) }.sorted { $0.id < $1.id }
        byteIDs = try Self.byteIDs(ids)
        self.merges = try Self.merges(merges, ids)
    }

    /// The number of ids, holes included. A file may leave ids out, but not so many that a table of them hurts.
    private static func checkIDs(vocabulary: [Int], added: [AddedToken]) throws(ModelProblem) -> Int {
        let ids = vocabulary + added.filter { !$0.isInVocabulary }.map { Int($0.id) }
        let limit = 2 * ids.count + 65_536
        var seen = [Bool](repeating: false, count: limit)
        for id in ids {
            guard id >= 0, id < limit else {
                throw ModelProblem("the id \(id) is out of reach for \(ids.count) tokens")
            }
            guard !seen[id] else { throw ModelProblem("two tokens have the id \(id)") }
            seen[id] = true
        }
        return (ids.max() ?? -1) + 1
    }

    private static func byteIDs(_ ids: SpellingIDs) throws(ModelProblem) -> [Int32] {
        var found: [Int32] = []
        for byte in UInt8.min...UInt8.max {
            guard let id = ids[ByteLetters.text(of: [byte])] else {
                throw ModelProblem("it has no token for the byte \(byte), so not every text has ids")
            }
            found.append(id)
        }
        return found
    }

    /// Merges by ids. Of a pair that comes twice the last counts, as it does for Hugging Face. Those with a character
    /// that stands for no byte never happen and are left out.
    private static func merges(
        _ merges: [(left: [UInt8], right: [UInt8])], _ ids: SpellingIDs
    ) throws(ModelProblem) -> [Merge] {
        func id(_ spelling: [UInt8], _ rank: Int) throws(ModelProblem) -> Int32 {
            if let id = ids[spelling] { return id }
            let text = String(decoding: spelling, as: UTF8.self)
            throw ModelProblem("merge \(rank) needs the token \"\(text)\", which the vocabulary does not have")
        }
        var all: [Merge] = []
        all.reserveCapacity(merges.count)
        for (rank, merge) in merges.enumerated() {
            let (left, right) = (try id(merge.left, rank), try id(merge.right, rank))
            all.append(Merge(left: left, right: right, product: try id(merge.left + merge.right, rank)))
        }
        let last = MergeTable(all)
        return all.enumerated().filter { rank, merge in
            last.merge(merge.left, merge.right) >> 32 == UInt64(rank)
                && ByteLetters.bytes(of: merges[rank].left + merges[rank].right) != nil
        }.map(\.element)
    }
}

/// Spellings to ids, byte by byte: Swift's strings would take two spellings of one character for equal.
struct SpellingIDs {
    private var table: ByteStringTable
    private var ids: [Int32] = []

    init(_ vocabulary: [(spelling: [UInt8], id: Int)]) throws(ModelProblem) {
        table = ByteStringTable(capacity: vocabulary.count)
        for (spelling, id) in vocabulary {
            guard table.insert(spelling) == ids.count, let id = Int32(exactly: id) else {
                let text = String(decoding: spelling, as: UTF8.self)
                throw ModelProblem("the token \"\(text)\" comes twice, or its id \(id) is out of reach")
            }
            ids.append(id)
        }
    }

    subscript(spelling: [UInt8]) -> Int32? { table.find(spelling).map { ids[$0] } }
}
