import Experiment
import Tokenization

/// How many bytes of text each id stands for. The text of ids is the texts of the single ones, one after the other, so
/// that offsets in it are sums; that does not hold for the calibration source's symbols.
struct TextLengths: Sendable {
    private let lengths: [Int]
    private static let chunk = 1 << 16

    /// Ids that stand for nothing have no text.
    init(_ tokenizer: any Tokenizer) {
        lengths = (0..<tokenizer.vocabulary).map { (try? tokenizer.decode([Int32($0)]).count) ?? 0 }
    }

    /// Bytes of text of an id. Throws `Failure(.badData)` for one outside of the vocabulary.
    func bytes(of id: Int32) throws -> Int {
        guard id >= 0, Int(id) < lengths.count else {
            throw Failure(
                .badData,
                "A token of the corpus is \(id), outside of its vocabulary of \(lengths.count); prepare it again.")
        }
        return lengths[Int(id)]
    }

    /// Bytes of text of a range of a stream.
    func bytes(of range: Range<Int>, in stream: TokenStream) throws -> Int {
        var sum = 0
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.chunk) {
            for id in stream[start..<min(start + Self.chunk, range.upperBound)] { sum += try bytes(of: id) }
        }
        return sum
    }

    /// How many tokens from `token` on hold `bytes` bytes of text wholly, and how many bytes those have.
    func tokens(
        holding bytes: Int, from token: Int, to end: Int, in stream: TokenStream
    ) throws -> (count: Int, bytes: Int) {
        var (count, sum) = (0, 0)
        var start = token
        // Most answers are near.
        var chunk = 16
        while start < end {
            for id in stream[start..<min(start + chunk, end)] {
                let length = try self.bytes(of: id)
                if sum + length > bytes { return (count, sum) }
                (count, sum) = (count + 1, sum + length)
            }
            start += chunk
            chunk = min(2 * chunk, Self.chunk)
        }
        return (count, sum)
    }
}

/// Where tokens are in the text of their stretches: counted from the start of the stretch, or from where it was last
/// asked, so that ascending questions read a stretch once.
struct TextOffsets {
    private let lengths: TextLengths
    private let stretches: Stretches
    private var stretch = -1
    private var token = 0
    private var bytes = 0

    init(_ stretches: Stretches, lengths: TextLengths) {
        self.stretches = stretches
        self.lengths = lengths
    }

    /// Bytes of the stretch's text in front of a token.
    mutating func bytes(before wanted: Int, in stretch: Stretch) throws -> Int {
        if self.stretch != stretch.number || wanted < token {
            (self.stretch, token, bytes) = (stretch.number, stretch.tokens.lowerBound, 0)
        }
        bytes += try lengths.bytes(of: token..<wanted, in: stretches.stream)
        token = wanted
        return bytes
    }

    /// The token in whose text byte `offset` of the stretch's text is.
    mutating func token(atByte offset: Int, in stretch: Stretch) throws -> Int {
        if self.stretch != stretch.number || offset < bytes {
            (self.stretch, token, bytes) = (stretch.number, stretch.tokens.lowerBound, 0)
        }
        let passed = try lengths.tokens(
            holding: offset - bytes, from: token, to: stretch.textTokens.upperBound, in: stretches.stream)
        token += passed.count
        bytes += passed.bytes
        return min(token, max(stretch.tokens.lowerBound, stretch.textTokens.upperBound - 1))
    }
}
