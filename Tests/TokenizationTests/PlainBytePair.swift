@testable import Tokenization

/// The twin that defines the fast tokenizer: the patterns' alternatives one by one over a list of characters, and
/// merging by looking through all pairs each time.
struct PlainBytePair {
    let model: BytePairModel

    private struct Character {
        let bytes: [UInt8]
        let kind: UInt8
        var isLetter: Bool { kind == CharacterClasses.letter }
        var isNumber: Bool { kind == CharacterClasses.number }
        var isWhite: Bool { kind >= CharacterClasses.blank }
        var isLineEnd: Bool { bytes == [10] || bytes == [13] }
        var isOther: Bool { !isLetter && !isNumber && !isWhite }
        /// As the patterns compare contractions.
        func folded(_ anyCase: Bool) -> [UInt8] {
            guard anyCase else { return bytes }
            return bytes == Array("ſ".utf8) ? [UInt8(ascii: "s")] : bytes.map { (65...90).contains($0) ? $0 + 32 : $0 }
        }
    }

    func encode(_ text: [UInt8]) -> [Int32] { words(text).flatMap(merge) }

    func words(_ text: [UInt8]) -> [[UInt8]] {
        var characters = split(text)[...]
        var words: [[UInt8]] = []
        while !characters.isEmpty {
            let length = alternatives(Array(characters)).first { $0 > 0 } ?? 1
            words.append(characters.prefix(length).flatMap(\.bytes))
            characters = characters.dropFirst(length)
        }
        return words
    }

    /// How many characters each alternative takes, 0 for those that do not match.
    private func alternatives(_ text: [Character]) -> [Int] {
        let gpt4 = model.pattern == .gpt4
        let white = text.prefix { $0.isWhite }.count
        let beforeLast = white == text.count ? white : white - 1
        func run(_ start: Int, _ matches: (Character) -> Bool) -> Int {
            let count = text.dropFirst(start).prefix(while: matches).count
            return count > 0 ? start + count : 0
        }
        let space = text[0].bytes == [32] ? 1 : 0
        if gpt4 {
            let starts = !text[0].isLetter && !text[0].isNumber && !text[0].isLineEnd
            let others = run(space) { $0.isOther }
            let lastLine = text.prefix(white).lastIndex { $0.isLineEnd }
            return [
                contraction(text, true), starts ? run(1) { $0.isLetter } : 0, run(0) { $0.isLetter },
                min(3, run(0) { $0.isNumber }),
                others > 0 ? max(others, run(others) { $0.isLineEnd }) : 0, (lastLine ?? -1) + 1, beforeLast, white,
            ]
        }
        return [
            contraction(text, false), run(space) { $0.isLetter }, run(space) { $0.isNumber },
            run(space) { $0.isOther }, beforeLast, white,
        ]
    }

    private func contraction(_ text: [Character], _ anyCase: Bool) -> Int {
        for ending in ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"] {
            if text.prefix(ending.utf8.count).flatMap({ $0.folded(anyCase) }) == Array(ending.utf8) {
                return ending.utf8.count
            }
        }
        return 0
    }

    private func split(_ text: [UInt8]) -> [Character] {
        var characters: [Character] = []
        var position = 0
        while position < text.count {
            let lengths = [1, 2, 3, 4].filter { position + $0 <= text.count }
            // A string of one scalar that is valid has no replacement character but the text's own.
            let length = lengths.first { String(validating: text[position..<position + $0], as: UTF8.self) != nil }
            let bytes = Array(text[position..<position + (length ?? 1)])
            let scalar = length == nil ? nil : String(decoding: bytes, as: UTF8.self).unicodeScalars.first
            characters.append(Character(bytes: bytes, kind: scalar.map { Self.kind(Int($0.value)) } ?? 0))
            position += bytes.count
        }
        return characters
    }

    private static let tables = [
        (CharacterClasses.ranges(CharacterClasses.letterRanges), CharacterClasses.letter),
        (CharacterClasses.ranges(CharacterClasses.numberRanges), CharacterClasses.number),
        (CharacterClasses.ranges(CharacterClasses.whiteSpaceRanges), CharacterClasses.blank),
    ]

    private static func kind(_ scalar: Int) -> UInt8 {
        tables.first { ranges, _ in ranges.contains { $0.contains(scalar) } }?.1 ?? CharacterClasses.other
    }

    private func merge(_ word: [UInt8]) -> [Int32] {
        var symbols = word.map { model.byteIDs[Int($0)] }
        while true {
            let found = symbols.indices.dropLast().compactMap { index in
                model.merges.firstIndex { $0.left == symbols[index] && $0.right == symbols[index + 1] }
                    .map { (rank: $0, index: index) }
            }
            guard let first = found.min(by: { ($0.rank, $0.index) < ($1.rank, $1.index) }) else { return symbols }
            symbols.replaceSubrange(first.index...first.index + 1, with: [model.merges[first.rank].product])
        }
    }
}
