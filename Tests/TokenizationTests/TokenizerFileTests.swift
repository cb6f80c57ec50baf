import Experiment
import Foundation
import Testing

@testable import Tokenization

@Suite("Files of tokenizers")
struct TokenizerFileTests {
    /// The reference's file with changes.
    private func changed(_ changes: (String, String)...) throws -> [UInt8] {
        var text = String(decoding: try Reference.tokenizer(.gpt2).serialized, as: UTF8.self)
        for (old, new) in changes {
            try #require(text.contains(old), "\(old)")
            text = text.replacingOccurrences(of: old, with: new)
        }
        return Array(text.utf8)
    }

    private func expectRefusal(
        _ content: [UInt8], _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    )
        throws
    {
        let folder = try TemporaryFolder()
        let file = URL(filePath: try folder.write("t.json", content))
        do {
            _ = try Tokenizers.read(file)
            Issue.record("it was read", sourceLocation: sourceLocation)
        } catch let failure as Failure {
            #expect(failure.code == .badData, sourceLocation: sourceLocation)
            for word in ["t.json"] + words {
                #expect(failure.message.contains(word), "\(failure.message)", sourceLocation: sourceLocation)
            }
        }
    }

    @Test("what would change ids and is not supported is refused by name")
    func unsupported() throws {
        let preTokenizer = #""pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "#
        try expectRefusal(changed((#""normalizer": null"#, #""normalizer": {"type": "NFC"}"#)), "normalizer", "NFC")
        try expectRefusal(changed((#""byte_fallback": false"#, #""byte_fallback": true"#)), "byte_fallback")
        try expectRefusal(changed((#""dropout": null"#, #""dropout": 0.1"#)), "dropout")
        try expectRefusal(changed((#""type": "BPE""#, #""type": "Unigram""#)), "Unigram")
        try expectRefusal(
            changed((#""end_of_word_suffix": null"#, #""end_of_word_suffix": "</w>""#)), "end_of_word_suffix", "</w>")
        try expectRefusal(
            changed((preTokenizer, preTokenizer.replacingOccurrences(of: "false", with: "true"))), "space before")
        try expectRefusal(changed((#""use_regex": true}"#, #""use_regex": false}"#)), "use_regex")
        try expectRefusal(changed((#""truncation": null"#, #""truncation": {"max_length": 5}"#)), "truncation")
        try expectRefusal(changed((#""lstrip": false"#, #""lstrip": true"#)), "lstrip")
        let template = #"{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}]}"#
        try expectRefusal(changed((#""post_processor": null"#, "\"post_processor\": \(template)")), "adds special")
        let gpt4 = String(decoding: try Reference.tokenizer(.gpt4).serialized, as: UTF8.self)
        try expectRefusal(Array(gpt4.replacingOccurrences(of: "{1,3}", with: "{1,2}").utf8), "pattern", "{1,2}")
        try expectRefusal(Array(gpt4.replacingOccurrences(of: "Isolated", with: "Removed").utf8), "Removed")
    }

    @Test("what changes no id is read")
    func harmless() throws {
        let folder = try TemporaryFolder()
        let content = try changed(
            (#""post_processor": null"#, #""post_processor": {"type": "ByteLevel", "trim_offsets": false}"#),
            (#""unk_token": null"#, #""unk_token": "<|endoftext|>""#), (#""dropout": null"#, #""dropout": 0.0"#),
            (#""continuing_subword_prefix": null"#, #""continuing_subword_prefix": """#))
        let file = URL(filePath: try folder.write("t.json", content))
        #expect(try Tokenizers.read(file).digest == Reference.tokenizer(.gpt2).digest)
    }

    @Test("damaged vocabularies and merges are told, never a crash")
    func damaged() throws {
        try expectRefusal(changed((#""!": 1,"#, "")), "byte 33")
        try expectRefusal(changed((#""!": 1,"#, #""!": 2,"#)), "two tokens have the id 2")
        try expectRefusal(changed((#""!": 1,"#, #""!": 1, "!": 1,"#)), "twice")
        try expectRefusal(changed((#""!": 1,"#, #""!": -1,"#)), "-1")
        try expectRefusal(changed((#""!": 1,"#, #""!": 1.5,"#)), "whole number")
        try expectRefusal(changed((#""!": 1,"#, #""!": 1e300,"#)), "whole number")
        try expectRefusal(changed((#""!": 1,"#, #""!": 2000000000,"#)), "out of reach")
        try expectRefusal(changed((#""!": 1,"#, #""!": "1","#)), "whole number")
        try expectRefusal(changed((#""Ġ t""#, #""Ġ t x""#)), "merge 0", "pair")
        try expectRefusal(changed((#""Ġ t""#, "7")), "merge 0", "pair")
        try expectRefusal(changed((#""Ġ t""#, #""Ġ qqqqqq""#)), "merge 0", "qqqqqq")
        try expectRefusal(changed((#""Ġ t""#, #""Ġ €""#)), "€")
        try expectRefusal(changed((#""Ġ t""#, #""! t""#)), "!t")
        try expectRefusal(
            changed((#"{"id": 0, "content": "<|endoftext|>""#, #"{"id": 5, "content": "<|endoftext|>""#)), "5")
        try expectRefusal(
            changed((#"{"id": 0, "content": "<|endoftext|>""#, #"{"id": 0, "content": """#)), "no content")
        try expectRefusal(changed((#""vocab": {"#, #""other": {"#)), "vocab")
        try expectRefusal(Array("{}".utf8), "model")
        try expectRefusal([], "ends early")
        try expectRefusal([0x7B, 0xFF], "not UTF-8 at byte 1")
        try expectRefusal([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000), "deep")
    }

    @Test("a file that is cut off or has a byte changed is read or refused")
    func fuzz() throws {
        let seed: UInt64 = 9
        var generator = SeededGenerator(seed: seed)
        let content = try changed()
        let folder = try TemporaryFolder()
        for _ in 0..<150 {
            var damaged = content
            if Bool.random(using: &generator) {
                damaged.removeLast(Int.random(in: 1..<damaged.count, using: &generator))
            } else {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(
                    in: 0x20...0x7E, using: &generator)
            }
            let file = URL(filePath: try folder.write("t.json", damaged))
            do {
                let text = Array("the same text 123".utf8)
                let tokenizer = try Tokenizers.read(file)
                #expect(try tokenizer.decode(tokenizer.encode(text)) == text, "seed \(seed)")
            } catch let failure as Failure {
                #expect(failure.code == .badData, "seed \(seed)")
            }
        }
    }

    @Test("holes between ids are no token")
    func holes() throws {
        let folder = try TemporaryFolder()
        let content = try changed((#""!": 1,"#, #""!": 1234,"#))
        let tokenizer = try Tokenizers.read(URL(filePath: try folder.write("t.json", content)))
        #expect(tokenizer.vocabulary == 1235)
        #expect(try tokenizer.encode(Array("!".utf8)) == [1234])
        expectFailure(.badData, "1000") { _ = try tokenizer.decode([1000]) }
    }

    @Test("GPT-2's files that are missing or damaged are told")
    func gpt2Files() throws {
        let folder = try TemporaryFolder()
        expectFailure(.badData, "no tokenizer") { _ = try Tokenizers.read(folder.url) }
        expectFailure(.badData, "nowhere") { _ = try Tokenizers.read(folder.url.appending(component: "nowhere")) }
        let tokenizer = try Reference.tokenizer(.gpt2)
        try folder.write("vocab.json", tokenizer.vocabularyFile)
        expectFailure(.badData, "merges.txt") { _ = try Tokenizers.read(folder.url) }
        try folder.write("merges.txt", tokenizer.mergesFile + Data("one two three\n".utf8))
        expectFailure(.badData, "Line 345", "merges.txt") { _ = try Tokenizers.read(folder.url) }
        try folder.write("merges.txt", tokenizer.mergesFile)
        try folder.write("vocab.json", Array("[1]".utf8))
        expectFailure(.badData, "vocab.json") { _ = try Tokenizers.read(folder.url) }
    }

    @Test("JSON's strings and numbers are read as they are written")
    func json() throws {
        let tree = try JSONTree(
            parsing: Array(#" {"a": [1, -2.5e1, 007, true, null], "é\ud83d\ude00\n\"": "\u00e9/"} "#.utf8))
        #expect(tree["a"]?.array?.compactMap(\.number) == [1, -25, 7])
        #expect(tree["é😀\n\""]?.text == "é/")
        for broken in [
            #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\x""#, "\"\u{1}\"", #"{"a" 1}"#, "[1 2]", "1 2", "nul",
            "-",
        ] {
            #expect(throws: JSONProblem.self, "\(broken)") { _ = try JSONTree(parsing: Array(broken.utf8)) }
        }
        #expect(quotedJSON([0x22, 0x5C, 0x0A, 0x61]) == Array(#""\"\\\u000aa""#.utf8))
    }
}
