import Crypto
import Experiment
import Foundation

/// Text to token ids and back.
public protocol Tokenizer: Sendable {
    /// What it is, in short.
    var description: TokenizerDescription { get }
    /// Ids are 0..<vocabulary.
    var vocabulary: Int { get }
    /// The id that follows each document; nil where documents are not separated.
    var endOfText: Int? { get }
    /// The bytes of `tokenizer.json`: the same on every machine. Read again, they are the same tokenizer.
    var serialized: Data { get throws }
    /// The ids of a stretch of text, in which nothing is special. May be called from several threads at once. Throws
    /// `Failure` for what it has no ids for.
    func encode(_ bytes: [UInt8]) throws -> [Int32]
    /// The ids of text in which special tokens may stand, such as `<|endoftext|>`.
    func encodeWithSpecialTokens(_ bytes: [UInt8]) throws -> [Int32]
    /// The text of ids; special tokens have none unless they are to be kept. Throws `Failure(.badData)` for an id
    /// outside of the vocabulary.
    func decode(_ ids: [Int32], keepingSpecialTokens: Bool) throws -> [UInt8]
    /// The largest position up to `wanted`, inside of `text`, at which the text may be cut in two and encoded apart
    /// with the same ids, whatever follows `text`; nil where there is none.
    func safeCut(_ text: [UInt8], upTo wanted: Int) -> Int?
}

/// A tokenizer in short.
public struct TokenizerDescription: Codable, Equatable, Sendable {
    /// `bytes`, `bpe`, or `symbols` for the calibration source.
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
    /// SHA-256 of `tokenizer.json`, in hexadecimal.
    public var digest: String {
        get throws { SHA256.hash(data: try serialized).hexadecimal }
    }

    /// The text of ids; special tokens, such as end-of-text, have none.
    public func decode(_ ids: [Int32]) throws -> [UInt8] { try decode(ids, keepingSpecialTokens: false) }

    func unknown(_ id: Int32) -> Failure {
        Failure(.badData, "Token id \(id) is outside of the tokenizer's \(vocabulary) ids; decode with the right one.")
    }
}

/// Where tokenizers come from.
public enum Tokenizers {
    /// The name of the file in which a tokenizer is kept.
    public static let fileName = "tokenizer.json"

    /// The tokenizer of a name that needs no training. Throws `Failure(.usage)` for another, `.badData` for a file that
    /// cannot be used.
    public static func named(_ name: String) throws -> any Tokenizer {
        switch try TokenizerSpecification(name) {
        case .bytes: return BytesTokenizer()
        case .file(let file): return try read(file)
        case .train:
            throw Failure(
                .usage,
                "The tokenizer \(name) is trained on a corpus; make it with `apus corpus tokenizer train`, and give its "
                    + "folder.")
        }
    }

    /// The tokenizer in a `tokenizer.json`, in GPT-2's `vocab.json` and `merges.txt`, or in a folder with either: a
    /// prepared corpus, or a folder of Hugging Face's. Throws `Failure(.badData)` for what is missing, malformed or not
    /// supported.
    public static func read(_ place: URL) throws -> any Tokenizer {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else {
            throw Failure(.badData, "There is no tokenizer at \(place.path); correct the path.")
        }
        guard !isFolder.boolValue else { return try read(folder: place) }
        if [GPT2Files.vocabularyName, GPT2Files.mergesName].contains(place.lastPathComponent) {
            return try GPT2Files.read(folder: place.deletingLastPathComponent())
        }
        return try read(json: place)
    }

    private static func read(folder: URL) throws -> any Tokenizer {
        let file = folder.appending(component: fileName)
        if FileManager.default.fileExists(atPath: file.path) { return try read(json: file) }
        guard FileManager.default.fileExists(atPath: folder.appending(component: GPT2Files.vocabularyName).path) else {
            throw Failure(
                .badData,
                "\(folder.path) holds no tokenizer: neither \(fileName) nor \(GPT2Files.vocabularyName) and "
                    + "\(GPT2Files.mergesName); give another folder.")
        }
        return try GPT2Files.read(folder: folder)
    }

    private static func read(json file: URL) throws -> any Tokenizer {
        let root = try TokenizerFile.json(file)
        guard let kind = root["kind"]?.text else { return try HuggingFaceTokenizer(root, file: file.path).tokenizer() }
        guard kind == "symbols", let alphabet = root["vocabulary"]?.integer, alphabet > 0, root["end_of_text"] == nil
        else {
            throw Failure(
                .badData,
                "\(file.path) describes a tokenizer of kind \"\(kind)\" that this version does not know; prepare the "
                    + "corpus again.")
        }
        return SymbolTokenizer(alphabet: alphabet)
    }
}
