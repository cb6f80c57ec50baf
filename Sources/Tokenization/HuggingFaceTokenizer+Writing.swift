import Foundation

/// Writing `tokenizer.json` as Hugging Face's tokenizers read it: the same bytes for the same tokenizer on every
/// machine. Merges are written as "a b", which all versions read; no letter of a byte is a blank.
struct HuggingFaceWriter {
    private var text: [UInt8] = []

    /// The bytes tokenizer: ids 0-255 are bytes, nothing is cut or merged.
    static func bytes(endOfText: BytePairModel.AddedToken) -> Data {
        let letters = (0...255).map { ByteLetters.text(of: [UInt8($0)]) } + [endOfText.text]
        var writer = HuggingFaceWriter()
        writer.write(
            added: [endOfText], preTokenizer: byteLevel(cuts: false), ignoresMerges: false,
            vocabulary: letters.enumerated().map { ($1, $0) }, merges: [])
        return Data(writer.text)
    }

    /// A byte-pair tokenizer.
    static func model(_ model: BytePairModel) -> Data {
        var writer = HuggingFaceWriter()
        writer.write(
            added: model.added, preTokenizer: preTokenizer(model.pattern), ignoresMerges: model.ignoresMerges,
            vocabulary: model.spellings, merges: model.mergeLines)
        return Data(writer.text)
    }

    private static func byteLevel(cuts: Bool) -> String {
        #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": \#(cuts)}"#
    }

    private static func preTokenizer(_ pattern: PreTokenPattern) -> String {
        guard pattern != .gpt2 else { return byteLevel(cuts: true) }
        let expression = String(decoding: quotedJSON(Array(pattern.expressions[0].utf8)), as: UTF8.self)
        return #"{"type": "Sequence", "pretokenizers": ["#
            + #"{"type": "Split", "pattern": {"Regex": \#(expression)}, "behavior": "Isolated", "invert": false}, "#
            + byteLevel(cuts: false) + "]}"
    }

    private mutating func write(
        added: [BytePairModel.AddedToken], preTokenizer: String, ignoresMerges: Bool,
        vocabulary: [(spelling: [UInt8], id: Int)], merges: [[UInt8]]
    ) {
        line(#"{"#)
        line(#"  "version": "1.0","#)
        line(#"  "truncation": null,"#)
        line(#"  "padding": null,"#)
        list(#"  "added_tokens": ["#, added.map(Self.entry), #"  ],"#)
        line(#"  "normalizer": null,"#)
        line(#"  "pre_tokenizer": \#(preTokenizer),"#)
        line(#"  "post_processor": null,"#)
        line(#"  "decoder": \#(Self.byteLevel(cuts: true)),"#)
        line(#"  "model": {"#)
        line(#"    "type": "BPE","#)
        line(#"    "dropout": null,"#)
        line(#"    "unk_token": null,"#)
        line(#"    "continuing_subword_prefix": null,"#)
        line(#"    "end_of_word_suffix": null,"#)
        line(#"    "fuse_unk": false,"#)
        line(#"    "byte_fallback": false,"#)
        line(#"    "ignore_merges": \#(ignoresMerges),"#)
        list(#"    "vocab": {"#, vocabulary.map { quotedJSON($0.spelling) + Array(": \($0.id)".utf8) }, #"    },"#)
        list(#"    "merges": ["#, merges.map(quotedJSON), #"    ]"#)
        line(#"  }"#)
        line(#"}"#)
    }

    private static func entry(_ token: BytePairModel.AddedToken) -> [UInt8] {
        Array(#"{"id": \#(token.id), "content": "#.utf8) + quotedJSON(token.text)
            + Array(#", "single_word": false, "lstrip": false, "rstrip": false, "#.utf8)
            + Array(#""normalized": \#(token.isNormalized), "special": \#(token.isSpecial)}"#.utf8)
    }

    private mutating func line(_ line: String) {
        text += Array(line.utf8)
        text.append(0x0A)
    }

    private mutating func list(_ opening: String, _ elements: [[UInt8]], _ closing: String) {
        line(opening)
        for (index, element) in elements.enumerated() {
            text += Array("      ".utf8)
            text += element
            if index + 1 < elements.count { text.append(UInt8(ascii: ",")) }
            text.append(0x0A)
        }
        line(closing)
    }
}

extension BytePairModel {
    /// The vocabulary's list, by id.
    var spellings: [(spelling: [UInt8], id: Int)] {
        let all =
            tokens.map { ($0.spelling, Int($0.id)) }
            + added.filter(\.isInVocabulary).map { ($0.text, Int($0.id)) }
        return all.sorted { $0.1 < $1.1 }.map { (spelling: $0.0, id: $0.1) }
    }

    /// "left right", by rank.
    var mergeLines: [[UInt8]] {
        var spellings = [[UInt8]](repeating: [], count: vocabulary)
        for (spelling, id) in self.spellings { spellings[id] = spelling }
        return merges.map { spellings[Int($0.left)] + [0x20] + spellings[Int($0.right)] }
    }
}

extension BytePairTokenizer {
    /// Our own canonical `tokenizer.json`: the same bytes on every machine, and the same tokenizer when it is read.
    public var serialized: Data { HuggingFaceWriter.model(model) }
}
