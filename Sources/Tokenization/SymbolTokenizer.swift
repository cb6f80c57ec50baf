import Experiment
import Foundation

/// The calibration source's symbols, written as numbers with spaces between: "3 17 0".
public struct SymbolTokenizer: Tokenizer {
    /// The alphabet's size.
    public let vocabulary: Int

    /// Symbols 0..<alphabet.
    public init(alphabet: Int) { vocabulary = alphabet }

    /// None: facts are not separated.
    public var endOfText: Int? { nil }
    /// Kind `symbols`.
    public var description: TokenizerDescription {
        TokenizerDescription(kind: "symbols", vocabulary: vocabulary, endOfText: nil)
    }

    /// A small form of our own: no other library has such a tokenizer.
    public var serialized: Data { get throws { try JSONFile.encode(description) } }

    /// Numbers between blanks. Throws `Failure(.badData)` for what is not a symbol.
    public func encode(_ bytes: [UInt8]) throws -> [Int32] {
        try bytes.split(whereSeparator: Self.isBlank).map { word in
            let text = String(decoding: word, as: UTF8.self)
            guard let id = Int32(text), id >= 0, id < vocabulary else {
                throw Failure(
                    .badData,
                    "\"\(text)\" is not a symbol; write numbers from 0 to \(vocabulary - 1) with spaces between.")
            }
            return id
        }
    }

    /// There are no special ones.
    public func encodeWithSpecialTokens(_ bytes: [UInt8]) throws -> [Int32] { try encode(bytes) }

    /// Numbers with spaces between. Throws `Failure(.badData)` for another id.
    public func decode(_ ids: [Int32], keepingSpecialTokens: Bool) throws -> [UInt8] {
        if let odd = ids.first(where: { $0 < 0 || $0 >= vocabulary }) { throw unknown(odd) }
        return Array(ids.map(String.init).joined(separator: " ").utf8)
    }

    /// Before a blank.
    public func safeCut(_ text: [UInt8], upTo wanted: Int) -> Int? {
        (1...max(1, min(wanted, text.count - 1))).reversed().first { $0 < text.count && Self.isBlank(text[$0]) }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
