import Foundation

/// The bytes tokenizer in the form that Hugging Face's `tokenizers` reads: byte-level BPE without a merge. Its ids are
/// ours: 0-255 for the bytes, 256 for end-of-text.
enum ByteLevelTokenizer {
    static let endOfText = 256
    private static let endOfTextWord = "<|endoftext|>"

    static func json() throws -> Data {
        var vocabulary = Dictionary(uniqueKeysWithValues: letters.enumerated().map { (String($1), $0) })
        vocabulary[endOfTextWord] = endOfText
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(
            Description(
                addedTokens: [.init(id: endOfText, content: endOfTextWord)],
                model: .init(vocab: vocabulary)))
    }

    /// A visible letter for every byte, as GPT-2 chose them: printable ones stand for themselves, the others for the
    /// letters from U+0100 on, in order.
    private static let letters: [Character] = {
        let visible = Set(33...126).union(161...172).union(174...255)
        var next: UInt32 = 256
        return (0..<256).map { byte in
            if visible.contains(byte) { return Character(Unicode.Scalar(UInt8(byte))) }
            defer { next += 1 }
            return Unicode.Scalar(next).map { Character($0) } ?? " "
        }
    }()

    private struct Description: Encodable {
        struct AddedToken: Encodable {
            let id: Int
            let content: String
            var singleWord = false
            var lstrip = false
            var rstrip = false
            var normalized = false
            var special = true

            enum CodingKeys: String, CodingKey {
                case id, content, lstrip, rstrip, normalized, special
                case singleWord = "single_word"
            }
        }

        struct ByteLevel: Encodable {
            var type = "ByteLevel"
            var addPrefixSpace = false
            var trimOffsets = true
            var useRegex = false

            enum CodingKeys: String, CodingKey {
                case type
                case addPrefixSpace = "add_prefix_space"
                case trimOffsets = "trim_offsets"
                case useRegex = "use_regex"
            }
        }

        struct Model: Encodable {
            var type = "BPE"
            let vocab: [String: Int]
            var merges: [String] = []
        }

        var version = "1.0"
        let addedTokens: [AddedToken]
        var preTokenizer = ByteLevel()
        var decoder = ByteLevel()
        let model: Model

        enum CodingKeys: String, CodingKey {
            case version, decoder, model
            case addedTokens = "added_tokens"
            case preTokenizer = "pre_tokenizer"
        }
    }
}
