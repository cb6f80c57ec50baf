/// Finds added tokens in text as Hugging Face's tokenizers do: the leftmost, of several there the longest, none inside
/// of another; in two searches, the second between what the first found.
struct AddedTokenSearch: Sendable {
    /// A stretch of text, or an added token's id in its place.
    enum Part: Equatable {
        case text(Range<Int>)
        case token(Int32)
    }

    /// The tokens of each search; longer ones first.
    private let searches: [[BytePairModel.AddedToken]]
    /// Whether one of a search's tokens begins with the byte.   [2][256]
    private let beginnings: [[Bool]]
    private let longest: Int
    private let hasOrdinary: Bool

    init(_ tokens: [BytePairModel.AddedToken]) {
        searches = [false, true].map { normalized in
            tokens.filter { $0.isNormalized == normalized }.sorted { $0.text.count > $1.text.count }
        }
        beginnings = searches.map { tokens in
            var first = [Bool](repeating: false, count: 256)
            for token in tokens { first[Int(token.text[0])] = true }
            return first
        }
        longest = tokens.map(\.text.count).max() ?? 0
        hasOrdinary = tokens.contains { !$0.isSpecial }
    }

    /// Whether a search could find anything.
    func isNeeded(findingSpecial: Bool) -> Bool { hasOrdinary || findingSpecial && longest > 0 }

    /// The parts of a text, in order; no text part is empty.
    func parts(of text: Span<UInt8>, findingSpecial: Bool) -> [Part] {
        var parts: [Part] = text.isEmpty ? [] : [.text(0..<text.count)]
        for search in searches.indices where !searches[search].isEmpty {
            var finer: [Part] = []
            for part in parts {
                guard case .text(let range) = part else {
                    finer.append(part)
                    continue
                }
                split(text, range, search, findingSpecial, into: &finer)
            }
            parts = finer
        }
        return parts
    }

    private func split(
        _ text: Span<UInt8>, _ range: Range<Int>, _ search: Int, _ findingSpecial: Bool, into parts: inout [Part]
    ) {
        var begin = range.lowerBound
        var position = begin
        while position < range.upperBound {
            guard beginnings[search][Int(text[position])],
                let token = searches[search].first(where: {
                    Self.stands($0.text, in: text, at: position, range.upperBound)
                })
            else {
                position += 1
                continue
            }
            let end = position + token.text.count
            // A special token that is not asked for is text, and hides what begins inside of it.
            if findingSpecial || !token.isSpecial {
                if begin < position { parts.append(.text(begin..<position)) }
                parts.append(.token(token.id))
                begin = end
            }
            position = end
        }
        if begin < range.upperBound { parts.append(.text(begin..<range.upperBound)) }
    }

    private static func stands(_ token: [UInt8], in text: Span<UInt8>, at position: Int, _ end: Int) -> Bool {
        guard position + token.count <= end else { return false }
        for offset in token.indices where text[position + offset] != token[offset] { return false }
        return true
    }

    /// Whether an added token lies, or could lie once the text goes on, on both sides of `cut`.
    func straddles(_ cut: Int, in text: Span<UInt8>) -> Bool {
        for start in max(0, cut - longest + 1)..<max(cut, 1) {
            for token in searches.joined() where start + token.text.count > cut {
                let end = min(start + token.text.count, text.count)
                if (start..<end).allSatisfy({ text[$0] == token.text[$0 - start] }) { return true }
            }
        }
        return false
    }
}
