import Experiment
import Tokenization

/// Looks for bytes in the text of stretches.
struct TextSearch {
    private let pattern: [UInt8]
    private let tokenizer: any Tokenizer
    private static let chunk = 1 << 16

    /// - Precondition: a pattern that is not empty.
    init(_ pattern: [UInt8], tokenizer: any Tokenizer) {
        precondition(!pattern.isEmpty, "nothing to look for")
        self.pattern = pattern
        self.tokenizer = tokenizer
    }

    /// Where in the stretch's text the pattern begins; overlapping ones too. Holds 65,536 tokens' text.
    func offsets(in stretch: Stretch, of stream: TokenStream) throws -> [Int] {
        var found: [Int] = []
        /// The text's last bytes, where a match may have begun, and where they are.
        var text: [UInt8] = []
        var start = 0
        let end = stretch.textTokens.upperBound
        for first in stride(from: stretch.textTokens.lowerBound, to: end, by: Self.chunk) {
            text += try tokenizer.decode(stream[first..<min(first + Self.chunk, end)])
            append(matches(in: text.span), from: start, to: &found)
            let passed = max(0, text.count - (pattern.count - 1))
            text.removeFirst(passed)
            start += passed
        }
        return found
    }

    private func append(_ matches: [Int], from start: Int, to found: inout [Int]) {
        for match in matches { found.append(start + match) }
    }

    private func matches(in text: Span<UInt8>) -> [Int] {
        guard text.count >= pattern.count else { return [] }
        let pattern = pattern.span
        let first = pattern[0]
        var found: [Int] = []
        for position in 0...text.count - pattern.count where text[position] == first {
            var length = 1
            while length < pattern.count, text[position + length] == pattern[length] { length += 1 }
            if length == pattern.count { found.append(position) }
        }
        return found
    }
}
