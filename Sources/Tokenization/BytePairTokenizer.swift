import Experiment
import Foundation
import Synchronization

/// Byte-level BPE, as GPT-2 defines it: text is cut into pre-tokens, and inside of each bytes are merged by rank
/// (Sennrich et al. 2016, Radford et al. 2019). Every byte string has ids, and they give it back.
public final class BytePairTokenizer: Tokenizer {
    let model: BytePairModel
    private let scanner: PreTokenScanner
    private let merges: MergeTable
    private let search: AddedTokenSearch
    /// Pre-tokens that stay whole; nil unless the merges are to be ignored for tokens.
    private let wholeWords: WholeWords?
    private let texts: TokenTexts
    /// Encoders that are not at work: as many as threads have encoded at once.
    private let encoders = Mutex<[Encoder]>([])

    init(_ model: BytePairModel) {
        self.model = model
        scanner = PreTokenScanner(model.pattern)
        merges = MergeTable(model.merges)
        search = AddedTokenSearch(model.added)
        wholeWords = model.ignoresMerges ? WholeWords(model) : nil
        texts = TokenTexts(model)
    }

    public var vocabulary: Int { model.vocabulary }
    public var endOfText: Int? { model.endOfText }
    /// Kind `bpe`.
    public var description: TokenizerDescription {
        TokenizerDescription(kind: "bpe", vocabulary: vocabulary, endOfText: endOfText)
    }
    /// What cuts the text.
    public var pattern: PreTokenPattern { model.pattern }
    /// The special tokens' ids.
    public var specialTokens: [Int32] { model.added.filter(\.isSpecial).map(\.id) }

    /// The ids of text. What looks like a special token is text. May be called from several threads at once.
    public func encode(_ bytes: [UInt8]) -> [Int32] { encode(bytes, findingSpecial: false) }

    /// The ids of text in which special tokens stand for themselves, as Hugging Face's `encode` takes it.
    public func encodeWithSpecialTokens(_ bytes: [UInt8]) -> [Int32] { encode(bytes, findingSpecial: true) }

    private func encode(_ bytes: [UInt8], findingSpecial: Bool) -> [Int32] {
        var encoder = encoders.withLock { $0.popLast() } ?? Encoder()
        defer { encoders.withLock { $0.append(encoder) } }
        var ids: [Int32] = []
        ids.reserveCapacity(bytes.count / 3 + 4)
        guard search.isNeeded(findingSpecial: findingSpecial) else {
            encode(bytes.span, 0..<bytes.count, with: &encoder, into: &ids)
            return ids
        }
        for part in search.parts(of: bytes.span, findingSpecial: findingSpecial) {
            switch part {
            case .token(let id): ids.append(id)
            case .text(let range): encode(bytes.span, range, with: &encoder, into: &ids)
            }
        }
        return ids
    }

    /// Appends the ids of `text[range]`, which is a text of its own.
    private func encode(
        _ text: Span<UInt8>, _ range: Range<Int>, with encoder: inout Encoder, into ids: inout [Int32]
    ) {
        let part = text.extracting(range)
        var start = 0
        while start < part.count {
            let end = scanner.end(in: part, from: start)
            if end - start <= WordCache.longestWord {
                appendShort(part, start..<end, with: &encoder, into: &ids)
            } else {
                merge(part, start..<end, with: &encoder)
                ids.append(contentsOf: encoder.merger.symbols)
            }
            start = end
        }
    }

    @inline(__always)
    private func appendShort(
        _ text: Span<UInt8>, _ range: Range<Int>, with encoder: inout Encoder, into ids: inout [Int32]
    ) {
        let key = WordCache.key(text, range)
        guard let tokens = encoder.cache.tokens(of: key) else {
            merge(text, range, with: &encoder)
            encoder.cache.keep(encoder.merger.symbols, for: key)
            ids.append(contentsOf: encoder.merger.symbols)
            return
        }
        ids.append(tokens.first)
        if tokens.second == WordCache.noToken { return }
        ids.append(tokens.second)
        if tokens.third == WordCache.noToken { return }
        ids.append(tokens.third)
        if tokens.fourth != WordCache.noToken { ids.append(tokens.fourth) }
    }

    @inline(never)
    private func merge(_ text: Span<UInt8>, _ range: Range<Int>, with encoder: inout Encoder) {
        if let id = wholeWords?.id(of: text, range) {
            encoder.merger.take(id)
        } else {
            encoder.merger.merge(text, range, byteIDs: model.byteIDs, table: merges)
        }
    }

    /// See `Tokenizer`; added tokens are not cut through either.
    public func safeCut(_ text: [UInt8], upTo wanted: Int) -> Int? {
        var wanted = wanted
        while let cut = scanner.safeCut(in: text.span, upTo: wanted) {
            if !search.straddles(cut, in: text.span) { return cut }
            wanted = cut - 1
        }
        return nil
    }

    /// The bytes of ids. Throws `Failure(.badData)` for an id that stands for nothing.
    public func decode(_ ids: [Int32], keepingSpecialTokens: Bool) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * ids.count)
        for id in ids {
            guard texts.append(id, keepingSpecialTokens, to: &bytes) else { throw unknown(id) }
        }
        return bytes
    }

    /// What one thread encodes with.
    private struct Encoder: Sendable {
        var cache = WordCache()
        var merger = WordMerger()
    }
}

/// The text of every id.
private struct TokenTexts: Sendable {
    private var arena: [UInt8] = []
    /// Where an id's text lies.
    private var ranges: [Range<Int>]
    private var isSpecial: [Bool]

    init(_ model: BytePairModel) {
        ranges = [Range<Int>](repeating: -1 ..< -1, count: model.vocabulary)
        isSpecial = [Bool](repeating: false, count: model.vocabulary)
        for token in model.tokens { add(token.id, token.bytes) }
        for token in model.added {
            add(token.id, token.text)
            isSpecial[Int(token.id)] = token.isSpecial
        }
    }

    private mutating func add(_ id: Int32, _ text: [UInt8]) {
        ranges[Int(id)] = arena.count..<arena.count + text.count
        arena += text
    }

    /// False for an id that stands for nothing.
    func append(_ id: Int32, _ keepingSpecialTokens: Bool, to bytes: inout [UInt8]) -> Bool {
        guard id >= 0, Int(id) < ranges.count, ranges[Int(id)].lowerBound >= 0 else { return false }
        if keepingSpecialTokens || !isSpecial[Int(id)] { bytes.append(contentsOf: arena[ranges[Int(id)]]) }
        return true
    }
}

/// Every token of a vocabulary by its bytes.
private struct WholeWords: Sendable {
    private var table: ByteStringTable
    private var ids: [Int32] = []

    init(_ model: BytePairModel) {
        table = ByteStringTable(capacity: model.tokens.count)
        let listed = model.added.filter(\.isInVocabulary).map {
            BytePairModel.Token(id: $0.id, spelling: $0.text)
        }
        for token in model.tokens + listed where ByteLetters.bytes(of: token.spelling) != nil {
            if table.insert(token.bytes) == ids.count { ids.append(token.id) }
        }
    }

    func id(of text: Span<UInt8>, _ range: Range<Int>) -> Int32? { table.find(text, range).map { ids[$0] } }
}
