import Crypto
import Experiment
import Foundation

/// Text to token ids and back.
public protocol Tokenizer: Sendable {
    /// What `tokenizer.json` says about it; enough to make it again.
    var description: TokenizerDescription { get }
    /// Ids are 0..<vocabulary.
    var vocabulary: Int { get }
    /// The id that follows each document; nil where documents are not separated.
    var endOfText: Int? { get }
    /// The ids of a stretch of text. Throws `Failure` for what it has no ids for.
    func encode(_ bytes: [UInt8]) throws -> [Int32]
    /// The text of ids; end-of-text has none. Throws `Failure` for an id outside of the vocabulary.
    func decode(_ ids: [Int32]) throws -> [UInt8]
}

/// The content of `tokenizer.json`.
public struct TokenizerDescription: Codable, Equatable, Sendable {
    /// `bytes`, or `symbols` for the calibration source.
    public let kind: String
    /// Ids are 0..<vocabulary.
    public let vocabulary: Int
    /// The id that follows each document; nil for none.
    public let endOfText: Int?

    private enum CodingKeys: String, CodingKey {
        case kind, vocabulary
        case endOfText = "end_of_text"
    }
}

extension Tokenizer {
    /// The bytes of `tokenizer.json`: the same on every machine.
    public var serialized: Data {
        get throws { try JSONFile.encode(description) }
    }

    /// SHA-256 of `tokenizer.json`, in hexadecimal.
    public var digest: String {
        get throws { SHA256.hash(data: try serialized).hexadecimal }
    }

    func unknown(_ id: Int32) -> Failure {
        Failure(.badData, "Token id \(id) is outside of the tokenizer's \(vocabulary) ids; decode with the right one.")
    }
}

/// Where tokenizers come from.
public enum Tokenizers {
    /// The tokenizer of a configuration's `corpus.tokenizer`. Throws `Failure(.usage)` for a name that is not known.
    public static func named(_ name: String) throws -> any Tokenizer {
        guard name == "bytes" else {
            throw Failure(.usage, "The tokenizer \"\(name)\" is not known to this version; use `tokenizer: bytes`.")
        }
        return BytesTokenizer()
    }

    /// The tokenizer in a `tokenizer.json`. Throws `Failure(.badData)` for a file that is not one of ours.
    public static func read(_ file: URL) throws -> any Tokenizer {
        let description = try JSONFile.read(TokenizerDescription.self, from: file)
        let candidates: [any Tokenizer] = [BytesTokenizer(), SymbolTokenizer(alphabet: description.vocabulary)]
        guard let tokenizer = candidates.first(where: { $0.description == description }) else {
            throw Failure(
                .badData,
                "\(file.path) describes a tokenizer of kind \"\(description.kind)\" with \(description.vocabulary) ids, "
                    + "which this version does not know; prepare the corpus again.")
        }
        return tokenizer
    }
}

/// One id per byte, 0-255; 256 is end-of-text.
public struct BytesTokenizer: Tokenizer {
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

    /// The bytes themselves.
    public func encode(_ bytes: [UInt8]) -> [Int32] { bytes.map(Int32.init) }

    /// The bytes again, end-of-text left out. Throws `Failure(.badData)` for another id.
    public func decode(_ ids: [Int32]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ids.count)
        for id in ids where id != 256 {
            guard let byte = UInt8(exactly: id) else { throw unknown(id) }
            bytes.append(byte)
        }
        return bytes
    }
}

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

    /// Numbers between blanks. Throws `Failure(.badData)` for what is not a symbol.
    public func encode(_ bytes: [UInt8]) throws -> [Int32] {
        try bytes.split(whereSeparator: { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }).map { word in
            let text = String(decoding: word, as: UTF8.self)
            guard let id = Int32(text), id >= 0, id < vocabulary else {
                throw Failure(
                    .badData,
                    "\"\(text)\" is not a symbol; write numbers from 0 to \(vocabulary - 1) with spaces between.")
            }
            return id
        }
    }

    /// Numbers with spaces between. Throws `Failure(.badData)` for another id.
    public func decode(_ ids: [Int32]) throws -> [UInt8] {
        if let odd = ids.first(where: { $0 < 0 || $0 >= vocabulary }) { throw unknown(odd) }
        return Array(ids.map(String.init).joined(separator: " ").utf8)
    }
}
