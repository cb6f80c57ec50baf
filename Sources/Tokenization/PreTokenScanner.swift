/// Cuts text into pre-tokens as the regular expressions of `PreTokenPattern` do, written out by hand: a cut depends on
/// the text behind it only, so a scanner has no state.
struct PreTokenScanner: Sendable {
    let pattern: PreTokenPattern
    private let classes = CharacterClasses.shared

    init(_ pattern: PreTokenPattern) { self.pattern = pattern }

    /// Where the pre-token that starts at `start` ends. `start` is inside of `text`.
    @inline(__always)
    func end(in text: Span<UInt8>, from start: Int) -> Int {
        switch pattern {
        case .gpt2: endGPT2(in: text, from: start)
        case .gpt4: endGPT4(in: text, from: start)
        }
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    @inline(__always)
    private func endGPT2(in text: Span<UInt8>, from start: Int) -> Int {
        let first = text[start]
        if first == 0x27 {
            let end = contraction(in: text, from: start, anyCase: false)
            if end > start { return end }
        }
        var (kind, length) = classes.character(in: text, at: start)
        var position = start + length
        if first == 0x20, position < text.count {
            let next = classes.character(in: text, at: position)
            if next.kind < CharacterClasses.blank {
                (kind, length) = next
                position += length
            }
        }
        return kind < CharacterClasses.blank
            ? endOfRun(of: kind, in: text, from: position) : endOfWhiteSpace(in: text, from: start)
    }

    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    @inline(__always)
    private func endGPT4(in text: Span<UInt8>, from start: Int) -> Int {
        let first = text[start]
        if first == 0x27 {
            let end = contraction(in: text, from: start, anyCase: true)
            if end > start { return end }
        }
        let (kind, length) = classes.character(in: text, at: start)
        let second = start + length
        if kind == CharacterClasses.letter { return endOfRun(of: kind, in: text, from: second) }
        if kind == CharacterClasses.number { return endOfNumber(in: text, from: second) }
        if second < text.count, kind != CharacterClasses.lineEnd {
            let next = classes.character(in: text, at: second)
            if next.kind == CharacterClasses.letter {
                return endOfRun(of: next.kind, in: text, from: second + next.length)
            }
            if first == 0x20, next.kind == CharacterClasses.other {
                return endOfLines(in: text, from: endOfRun(of: next.kind, in: text, from: second + next.length))
            }
        }
        if kind == CharacterClasses.other {
            return endOfLines(in: text, from: endOfRun(of: kind, in: text, from: second))
        }
        return endOfWhiteSpaceOrLines(in: text, from: start)
    }

    /// Where the characters of one class end.
    @inline(__always)
    private func endOfRun(of kind: UInt8, in text: Span<UInt8>, from start: Int) -> Int {
        var position = start
        while position < text.count {
            let next = classes.character(in: text, at: position)
            if next.kind != kind { break }
            position += next.length
        }
        return position
    }

    /// `\s+(?!\S)|\s+`: all of the white space, but for its last character where something follows and more than one
    /// is there: that character may belong to what follows.
    private func endOfWhiteSpace(in text: Span<UInt8>, from start: Int) -> Int {
        var position = start
        var last = start
        while position < text.count {
            let next = classes.character(in: text, at: position)
            if next.kind < CharacterClasses.blank { return last > start ? last : position }
            last = position
            position += next.length
        }
        return position
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last end of a line in the white space, where there is one.
    private func endOfWhiteSpaceOrLines(in text: Span<UInt8>, from start: Int) -> Int {
        var position = start
        var lineEnd: Int?
        while position < text.count {
            let next = classes.character(in: text, at: position)
            if next.kind < CharacterClasses.blank { break }
            position += next.length
            if next.kind == CharacterClasses.lineEnd { lineEnd = position }
        }
        return lineEnd ?? endOfWhiteSpace(in: text, from: start)
    }

    /// The rest of `\p{N}{1,3}`.
    private func endOfNumber(in text: Span<UInt8>, from start: Int) -> Int {
        var position = start
        for _ in 0..<2 where position < text.count {
            let next = classes.character(in: text, at: position)
            if next.kind != CharacterClasses.number { break }
            position += next.length
        }
        return position
    }

    /// `[\r\n]*`
    private func endOfLines(in text: Span<UInt8>, from start: Int) -> Int {
        var position = start
        while position < text.count, text[position] == 0x0A || text[position] == 0x0D { position += 1 }
        return position
    }

    /// The end of 's, 't, 're, 've, 'm, 'll or 'd at an apostrophe; `start` where none of them is there. In any case,
    /// the long s (ſ, U+017F) is an s too: Unicode folds it so.
    private func contraction(in text: Span<UInt8>, from start: Int, anyCase: Bool) -> Int {
        func letter(_ offset: Int) -> UInt8 {
            guard start + offset < text.count else { return 0 }
            let byte = text[start + offset]
            return anyCase && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        }
        switch letter(1) {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"): return letter(2) == UInt8(ascii: "e") ? start + 3 : start
        case UInt8(ascii: "l"): return letter(2) == UInt8(ascii: "l") ? start + 3 : start
        case 0xC5: return anyCase && letter(2) == 0xBF ? start + 3 : start
        default: return start
        }
    }

    /// The largest position up to `wanted` at which `text` may be cut in two that are scanned apart, under either
    /// pattern; nil where there is none. What follows `text` may be unknown.
    ///
    /// Such a position has a letter in front and no letter behind, or a number in front and no number behind. Proof:
    /// in both patterns a letter is always consumed by a greedy `\p{L}+` or as the last character of a contraction, a
    /// number by `\p{N}+` or `\p{N}{1,3}`, and no alternative goes on with another class behind them. So the whole
    /// text has a cut there, as the front alone has. The front's other cuts are the same too: looking ahead ends at a
    /// run's end or with `(?!\S)` behind white space, and neither passes that last letter or number; a contraction
    /// could only be completed by a letter, and none follows a letter here. What is behind the cut starts afresh.
    func safeCut(in text: Span<UInt8>, upTo wanted: Int) -> Int? {
        var position = min(wanted, text.count - 1)
        while position > 0 {
            // A character behind the cut must be whole: what looks like broken text may be cut off by the buffer.
            if text[position] < 0x80 || position + 4 <= text.count, text[position] & 0xC0 != 0x80,
                let front = classes.characterClass(in: text, endingAt: position),
                front == CharacterClasses.letter || front == CharacterClasses.number,
                classes.character(in: text, at: position).kind != front
            {
                return position
            }
            position -= 1
        }
        return nil
    }
}
