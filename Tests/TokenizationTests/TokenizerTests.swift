import Experiment
import Foundation
import Testing

@testable import Tokenization

@Suite("Tokenizers")
struct TokenizerTests {
    @Test("the bytes tokenizer gives back every byte, and no text for end-of-text")
    func bytes() throws {
        let tokenizer = BytesTokenizer()
        let all = Array(UInt8.min...UInt8.max)
        #expect(tokenizer.encode(all) == (0...255).map(Int32.init))
        #expect(try tokenizer.decode(tokenizer.encode(all) + [256]) == all)
        #expect(tokenizer.vocabulary == 257 && tokenizer.endOfText == 256)
        expectFailure(.badData, "257") { _ = try tokenizer.decode([257]) }
    }

    @Test("symbols are written as numbers")
    func symbols() throws {
        let tokenizer = SymbolTokenizer(alphabet: 32)
        #expect(try tokenizer.encode(Array("3 17\n0".utf8)) == [3, 17, 0])
        #expect(try tokenizer.decode([3, 17, 0]) == Array("3 17 0".utf8))
        expectFailure(.badData, "32") { _ = try tokenizer.encode(Array("32".utf8)) }
    }

    @Test("tokenizer.json gives the same tokenizer again, by the same digest")
    func serialization() throws {
        let folder = try TemporaryFolder()
        for tokenizer in [BytesTokenizer(), SymbolTokenizer(alphabet: 12)] as [any Tokenizer] {
            let file = URL(filePath: try folder.write("tokenizer.json", tokenizer.serialized))
            let again = try Tokenizers.read(file)
            #expect(again.description == tokenizer.description)
            #expect(try again.digest == tokenizer.digest)
        }
    }

    @Test("the bytes tokenizer is written in Hugging Face's form, and names end-of-text on request")
    func bytesFile() throws {
        let tokenizer = BytesTokenizer()
        let text = String(decoding: tokenizer.serialized, as: UTF8.self)
        #expect(text.contains(#""type": "BPE""#) && text.contains(#""Ċ": 10"#))
        #expect(tokenizer.encodeWithSpecialTokens(Array("a<|endoftext|>".utf8)) == [97, 256])
        #expect(try tokenizer.decode([97, 256], keepingSpecialTokens: true) == Array("a<|endoftext|>".utf8))
        #expect(tokenizer.safeCut(Array("ab<|endoftext|>c".utf8), upTo: 7) == 2)
        #expect(tokenizer.safeCut([7], upTo: 1) == nil)
    }

    @Test("a tokenizer's name is parsed, and what it is not is a usage error")
    func specification() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("tokenizer.json", BytesTokenizer().serialized)
        #expect(try TokenizerSpecification("bytes") == .bytes)
        #expect(try TokenizerSpecification("bpe:300") == .train(vocabulary: 300, pattern: .gpt2))
        #expect(try TokenizerSpecification("bpe:1048576:gpt4") == .train(vocabulary: 1 << 20, pattern: .gpt4))
        #expect(try TokenizerSpecification(file) == .file(URL(fileURLWithPath: file)))
        for name in [
            "bpe:299", "bpe:1048577", "bpe:", "bpe", "bpe:4096:gpt5", "bpe:4096:gpt4:", "byte", "", "nowhere/t.json",
        ] {
            expectFailure(.usage, "\"\(name)\"") { _ = try TokenizerSpecification(name) }
        }
        expectFailure(.usage, "bpe:4096", "train") { _ = try Tokenizers.named("bpe:4096") }
        #expect(try Tokenizers.named(folder.url.path).description == BytesTokenizer().description)
    }
}
