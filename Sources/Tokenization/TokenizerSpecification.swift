import Experiment
import Foundation

/// How a user names a tokenizer: `bytes`, `bpe:4096`, `bpe:4096:gpt4`, or the path of one.
public enum TokenizerSpecification: Equatable, Sendable {
    /// One id per byte.
    case bytes
    /// Byte-pair encoding that is trained on the corpus itself.
    case train(vocabulary: Int, pattern: PreTokenPattern)
    /// A `tokenizer.json`, a `vocab.json` or `merges.txt`, or a folder with them.
    case file(URL)

    /// Sizes of vocabularies that are trained.
    public static let vocabularies = 300...1 << 20

    /// Throws `Failure(.usage)` for anything else. A path counts from the current folder.
    public init(_ text: String) throws {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if text == "bytes" {
            self = .bytes
        } else if parts[0] == "bpe" {
            self = try Self.training(parts, text)
        } else if !text.isEmpty, FileManager.default.fileExists(atPath: text) {
            self = .file(URL(fileURLWithPath: text))
        } else {
            throw Failure(
                .usage,
                "The tokenizer \"\(text)\" is not known, and no file of that name is there; give `bytes`, `bpe:4096`, "
                    + "`bpe:4096:gpt4`, a tokenizer.json, or a folder with one.")
        }
    }

    private static func training(_ parts: [String], _ text: String) throws -> Self {
        guard parts.count == 2 || parts.count == 3, let vocabulary = Int(parts[1]), vocabularies.contains(vocabulary),
            let pattern = PreTokenPattern(rawValue: parts.count == 3 ? parts[2] : PreTokenPattern.gpt2.rawValue)
        else {
            throw Failure(
                .usage,
                "The tokenizer \"\(text)\" is not `bpe:N` or `bpe:N:gpt4` with N from \(vocabularies.lowerBound) to "
                    + "\(vocabularies.upperBound); write for example bpe:4096.")
        }
        return .train(vocabulary: vocabulary, pattern: pattern)
    }
}
