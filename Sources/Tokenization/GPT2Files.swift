import Experiment
import Foundation

/// GPT-2's pair of files: `vocab.json` (spellings to ids) and `merges.txt` (a pair a line, by rank). They say neither
/// the pattern, which is GPT-2's, nor which tokens are special: the names of end-of-text are.
public enum GPT2Files {
    /// The vocabulary's file.
    public static let vocabularyName = "vocab.json"
    /// The merges' file.
    public static let mergesName = "merges.txt"

    /// Throws `Failure(.badData)` for files that are missing or malformed.
    static func read(folder: URL) throws -> BytePairTokenizer {
        let vocabularyFile = folder.appending(component: vocabularyName)
        let mergesFile = folder.appending(component: mergesName)
        let vocabulary = try vocabulary(vocabularyFile)
        let merges = try merges(mergesFile)
        let names = BytePairModel.endsOfText.map { Array($0.utf8) }
        let added = vocabulary.filter { names.contains($0.spelling) }.map { spelling, id in
            BytePairModel.AddedToken(
                id: Int32(truncatingIfNeeded: id), text: spelling, isSpecial: true, isNormalized: false,
                isInVocabulary: true)
        }
        do throws(ModelProblem) {
            return BytePairTokenizer(
                try BytePairModel(
                    pattern: .gpt2, ignoresMerges: false, vocabulary: vocabulary, merges: merges, added: added))
        } catch {
            throw Failure(
                .badData, "\(vocabularyFile.path) and \(mergesName) are no tokenizer (\(error.reason)); get them again."
            )
        }
    }

    private static func vocabulary(_ file: URL) throws -> [(spelling: [UInt8], id: Int)] {
        guard let members = try TokenizerFile.json(file).object else {
            throw Failure(.badData, "\(file.path) is no list of tokens and their ids; give GPT-2's \(vocabularyName).")
        }
        return try members.map { key, value in
            guard let id = value.integer else {
                let token = String(decoding: key, as: UTF8.self)
                throw Failure(
                    .badData, "The id of \"\(token)\" in \(file.path) is no whole number; get the file again.")
            }
            return (key, id)
        }
    }

    private static func merges(_ file: URL) throws -> [(left: [UInt8], right: [UInt8])] {
        var merges: [(left: [UInt8], right: [UInt8])] = []
        let lines = try TokenizerFile.bytes(file).split(separator: 0x0A, omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            let text = line.last == 0x0D ? line.dropLast() : line
            if text.isEmpty || text.starts(with: "#version".utf8) { continue }
            let pair = text.split(separator: 0x20, omittingEmptySubsequences: false)
            guard pair.count == 2 else {
                throw Failure(
                    .badData, "Line \(number + 1) of \(file.path) is not a pair of tokens; get the file again.")
            }
            merges.append((Array(pair[0]), Array(pair[1])))
        }
        return merges
    }
}

extension BytePairTokenizer {
    /// `vocab.json` as GPT-2 has it. Added tokens are in it too.
    public var vocabularyFile: Data {
        let listed = model.spellings + model.added.filter { !$0.isInVocabulary }.map { ($0.text, Int($0.id)) }
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (index, entry) in listed.sorted(by: { $0.id < $1.id }).enumerated() {
            if index > 0 { text += Array(", ".utf8) }
            text += quotedJSON(entry.spelling) + Array(": \(entry.id)".utf8)
        }
        return Data(text + Array("}\n".utf8))
    }

    /// `merges.txt` as GPT-2 has it.
    public var mergesFile: Data {
        var text = Array("#version: 0.2\n".utf8)
        for line in model.mergeLines { text += line + [0x0A] }
        return Data(text)
    }

    /// Whether GPT-2's two files say all of this tokenizer: its pattern is theirs, and its special tokens are names of
    /// end-of-text.
    public var fitsGPT2Files: Bool {
        let names = BytePairModel.endsOfText.map { Array($0.utf8) }
        return model.pattern == .gpt2 && !model.ignoresMerges
            && model.added.allSatisfy { $0.isSpecial && names.contains($0.text) }
    }
}
