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

    @Test("a tokenizer that is not known is refused by name")
    func unknown() {
        expectFailure(.usage, "bpe:4096") { _ = try Tokenizers.named("bpe:4096") }
    }
}
