import Experiment
import Foundation

/// Reading a `tokenizer.json` of Hugging Face's tokenizers: byte-level BPE, and nothing that would change its ids.
struct HuggingFaceTokenizer {
    private let root: JSONTree
    private let file: String

    /// - Parameter file: its name, for messages.
    init(_ root: JSONTree, file: String) {
        self.root = root
        self.file = file
    }

    /// Throws `Failure(.badData)` in one sentence for what is malformed, or would change ids and is not supported.
    func tokenizer() throws -> any Tokenizer {
        let model = try model()
        try refuseOtherSteps()
        let pattern = try pattern(mergesNothing: model["merges"]?.array?.isEmpty ?? true)
        let vocabulary = try vocabulary(model)
        let added = try addedTokens(vocabulary)
        if BytesTokenizer.isThis(vocabulary: vocabulary, added: added), model["merges"]?.array?.isEmpty ?? true {
            return BytesTokenizer()
        }
        guard let pattern else { throw refused("its pre-tokenizer does not cut text at all (`use_regex` is false)") }
        let merges = try merges(model)
        do throws(ModelProblem) {
            return BytePairTokenizer(
                try BytePairModel(
                    pattern: pattern, ignoresMerges: model["ignore_merges"]?.bool ?? false, vocabulary: vocabulary,
                    merges: merges, added: added))
        } catch {
            throw malformed(error.reason)
        }
    }

    private func malformed(_ reason: String) -> Failure {
        Failure(.badData, "\(file) is malformed (\(reason)); give a complete tokenizer.json of byte-level BPE.")
    }

    private func refused(_ reason: String) -> Failure {
        Failure(
            .badData, "The tokenizer in \(file) is not supported: \(reason); give one of plain byte-level BPE.")
    }

    private func model() throws -> JSONTree {
        guard let model = root["model"] else { throw malformed("it has no `model`") }
        // Files of old versions leave the type out.
        let type = model["type"]?.text ?? "BPE"
        guard type == "BPE" else { throw refused("its model is \(type), not BPE") }
        if model["byte_fallback"]?.bool == true { throw refused("its model has `byte_fallback`") }
        if let dropout = model["dropout"]?.number, dropout != 0 {
            throw refused("its model has a dropout of \(dropout)")
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let text = model[key]?.text, !text.isEmpty { throw refused("its model has the `\(key)` \"\(text)\"") }
        }
        return model
    }

    private func refuseOtherSteps() throws {
        for key in ["truncation", "padding"] where root[key] != nil { throw refused("it has a `\(key)`") }
        if let normalizer = root["normalizer"], !Self.isEmptySequence(normalizer, "normalizers") {
            throw refused("it has a normalizer (\(normalizer["type"]?.text ?? "of no type"))")
        }
        if let processor = root["post_processor"] { try refuseTemplates(processor) }
    }

    private static func isEmptySequence(_ step: JSONTree, _ key: String) -> Bool {
        step["type"]?.text == "Sequence" && step[key]?.array?.isEmpty == true
    }

    /// A post-processor that shifts offsets only is nothing to us; one that adds tokens is.
    private func refuseTemplates(_ processor: JSONTree) throws {
        switch processor["type"]?.text {
        case "ByteLevel": return
        case "Sequence": for step in processor["processors"]?.array ?? [] { try refuseTemplates(step) }
        case "TemplateProcessing":
            let pieces = processor["single"]?.array ?? []
            guard pieces.allSatisfy({ $0["SpecialToken"] == nil }) else {
                throw refused("its post-processor adds special tokens to every text")
            }
        default: throw refused("it has the post-processor \(processor["type"]?.text ?? "of no type")")
        }
    }

    /// What cuts the text; nil for nothing.
    private func pattern(mergesNothing: Bool) throws -> PreTokenPattern? {
        guard let step = root["pre_tokenizer"] else { throw refused("it has no pre-tokenizer") }
        if step["type"]?.text == "ByteLevel" { return try byteLevel(step) ? .gpt2 : nil }
        guard step["type"]?.text == "Sequence", let steps = step["pretokenizers"]?.array, steps.count == 2,
            steps[0]["type"]?.text == "Split", steps[1]["type"]?.text == "ByteLevel"
        else {
            throw refused(
                "its pre-tokenizer is \(step["type"]?.text ?? "of no type"), not ByteLevel or Split and ByteLevel")
        }
        guard !(try byteLevel(steps[1])) else { throw refused("its pre-tokenizer cuts text twice") }
        return try split(steps[0])
    }

    /// Whether the step cuts text.
    private func byteLevel(_ step: JSONTree) throws -> Bool {
        if step["add_prefix_space"]?.bool ?? true { throw refused("it puts a space before every text") }
        return step["use_regex"]?.bool ?? true
    }

    private func split(_ step: JSONTree) throws -> PreTokenPattern {
        guard step["behavior"]?.text == "Isolated", step["invert"]?.bool != true else {
            throw refused("its pre-tokenizer splits as \(step["behavior"]?.text ?? "nothing"), not Isolated")
        }
        let expression = step["pattern"]?["Regex"]?.text
        guard let found = PreTokenPattern.allCases.first(where: { $0.expressions.contains { $0 == expression } }) else {
            throw refused("it cuts text by another pattern than GPT-2's and GPT-4's (\(expression ?? "no Regex"))")
        }
        return found
    }

    private func vocabulary(_ model: JSONTree) throws -> [(spelling: [UInt8], id: Int)] {
        guard let members = model["vocab"]?.object else { throw malformed("its model has no `vocab`") }
        return try members.map { key, value in
            guard let id = value.integer else {
                throw malformed("the id of \"\(String(decoding: key, as: UTF8.self))\" is no whole number")
            }
            return (key, id)
        }
    }

    private func merges(_ model: JSONTree) throws -> [(left: [UInt8], right: [UInt8])] {
        try (model["merges"]?.array ?? []).enumerated().map { rank, value in
            let halves = value.bytes.map { $0.split(separator: 0x20, omittingEmptySubsequences: false).map(Array.init) }
            let pair = halves ?? (value.array ?? []).compactMap(\.bytes)
            guard pair.count == 2 else { throw malformed("merge \(rank) is not a pair of tokens") }
            return (pair[0], pair[1])
        }
    }

    /// Added tokens with the ids that Hugging Face gives them, which must be those in the file: a token of the
    /// vocabulary keeps its id, any other gets the next one behind all.
    private func addedTokens(_ vocabulary: [(spelling: [UInt8], id: Int)]) throws -> [BytePairModel.AddedToken] {
        let listed: SpellingIDs
        do throws(ModelProblem) { listed = try SpellingIDs(vocabulary) } catch { throw malformed(error.reason) }
        var added: [BytePairModel.AddedToken] = []
        var names: Set<[UInt8]> = []
        var highest = -1
        for entry in root["added_tokens"]?.array ?? [] {
            guard let text = entry["content"]?.bytes, !text.isEmpty, let id = entry["id"]?.integer else {
                throw malformed("an added token has no content or no id")
            }
            let name = String(decoding: text, as: UTF8.self)
            guard names.insert(text).inserted else { throw malformed("the added token \"\(name)\" comes twice") }
            for key in ["single_word", "lstrip", "rstrip"] where entry[key]?.bool == true {
                throw refused("its added token \"\(name)\" has `\(key)`")
            }
            let expected = listed[text].map(Int.init) ?? max(vocabulary.count, highest + 1)
            guard id == expected, let narrow = Int32(exactly: id) else {
                throw malformed("the added token \"\(name)\" has the id \(id) where \(expected) is next")
            }
            highest = max(highest, id)
            let isSpecial = entry["special"]?.bool ?? false
            added.append(
                BytePairModel.AddedToken(
                    id: narrow, text: text, isSpecial: isSpecial,
                    isNormalized: entry["normalized"]?.bool ?? !isSpecial, isInVocabulary: listed[text] != nil))
        }
        return added
    }
}
