import Experiment
import Foundation

/// One id per byte, 0-255; 256 is end-of-text.
public struct BytesTokenizer: Tokenizer {
    private static let endOfTextToken = BytePairModel.AddedToken(
        id: 256, text: Array("<|endoftext|>".utf8), isSpecial: true, isNormalized: false, isInVocabulary: true)

    /// There is only one.
    public init() {}

    /// The bytes and end-of-text.
    public var vocabulary: Int { 257 }
    /// The id behind the bytes.
    public var endOfText: Int? { 256 }
    /// Kind `bytes`.
    public var description: TokenizerDescription {
        TokenizerDescription(kind: "bytes", vocabulary: vocabulary, endOfText: endOfText)
    }

    /// Byte-level BPE without a merge, as Hugging Face's tokenizers read it, with these very ids.
    public var serialized: Data { HuggingFaceWriter.bytes(endOfText: Self.endOfTextToken) }

    /// The bytes themselves.
    public func encode(_ bytes: [UInt8]) -> [Int32] { bytes.map(Int32.init) }

    /// The bytes, and 256 wherever the text says `<|endoftext|>`.
    public func encodeWithSpecialTokens(_ bytes: [UInt8]) -> [Int32] {
        AddedTokenSearch([Self.endOfTextToken]).parts(of: bytes.span, findingSpecial: true).flatMap { part in
            switch part {
            case .token(let id): [id]
            case .text(let range): bytes[range].map(Int32.init)
            }
        }
    }

    /// The bytes again, end-of-text left out. Throws `Failure(.badData)` for another id.
    public func decode(_ ids: [Int32], keepingSpecialTokens: Bool) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ids.count)
        for id in ids {
            if let byte = UInt8(exactly: id) {
                bytes.append(byte)
            } else if id != 256 {
                throw unknown(id)
            } else if keepingSpecialTokens {
                bytes += Self.endOfTextToken.text
            }
        }
        return bytes
    }

    /// Anywhere but inside of an end-of-text's name.
    public func safeCut(_ text: [UInt8], upTo wanted: Int) -> Int? {
        let search = AddedTokenSearch([Self.endOfTextToken])
        return (1...max(1, min(wanted, text.count - 1))).reversed().first {
            $0 < text.count && !search.straddles($0, in: text.span)
        }
    }

    /// Whether a file's vocabulary is this one's.
    static func isThis(vocabulary: [(spelling: [UInt8], id: Int)], added: [BytePairModel.AddedToken]) -> Bool {
        guard vocabulary.count == 257, added.count == 1, added[0].id == endOfTextToken.id,
            added[0].text == endOfTextToken.text, added[0].isSpecial, added[0].isInVocabulary
        else { return false }
        return vocabulary.allSatisfy { spelling, id in
            (0...255).contains(id) ? spelling == ByteLetters.text(of: [UInt8(id)]) : id == 256
        }
    }
}
