import Experiment
import Foundation
import Testing

@testable import Tokenization

/// A folder that goes away with the test.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(component: "apus-tokens-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    @discardableResult
    func write(_ path: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let file = url.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }

    func path(_ name: String) -> String { url.appending(path: name).path }
}

/// Runs `body`, which must throw a `Failure` of this code whose message holds all of these words.
func expectFailure(
    _ code: ExitCode, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let failure as Failure {
        #expect(failure.code == code, sourceLocation: sourceLocation)
        for word in words {
            #expect(failure.message.contains(word), "\(failure.message)", sourceLocation: sourceLocation)
        }
    } catch {
        Issue.record("\(error) is not a Failure", sourceLocation: sourceLocation)
    }
}

/// Random numbers from a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// Text that provokes: all classes of characters side by side, contractions, runs, and now and then broken UTF-8.
func randomText(upTo length: Int, valid: Bool = false, using generator: inout SeededGenerator) -> [UInt8] {
    let words = [
        "a", "b", "the", "ſ", "é", "漢字", "ひ", "ع", "٣", "½", "1", "23", " ", "  ", "\n", "\r\n", "\t", "\u{A0}",
        "\u{3000}",
        "\u{85}", "'", "'s", "'LL", "'Re", "'ſ", "!", "...", "。", "—", "\u{301}", "👍🏽", "\u{200D}", "<|endoftext|>",
        "<tool>",
    ]
    var text: [UInt8] = []
    for _ in 0..<Int.random(in: 0...length, using: &generator) {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0 where !valid: text.append(UInt8.random(in: 0...255, using: &generator))
        case 1:
            let scalar = Unicode.Scalar(UInt32.random(in: 0..<0x30000, using: &generator))
            text += String(Character(scalar ?? "x")).utf8
        case 2:
            let word = words.randomElement(using: &generator) ?? ""
            for _ in 0..<Int.random(in: 0..<40, using: &generator) { text += word.utf8 }
        default: text += (words.randomElement(using: &generator) ?? "").utf8
        }
    }
    return text
}

/// What Hugging Face's tokenizers made (see Reference/make.py).
enum Reference {
    static func file(_ name: String) throws -> URL {
        try #require(Bundle.module.url(forResource: "Reference", withExtension: nil)).appending(component: name)
    }

    static func tokenizer(_ pattern: PreTokenPattern) throws -> BytePairTokenizer {
        try #require(try Tokenizers.read(file("\(pattern.rawValue).json")) as? BytePairTokenizer)
    }

    static func text() throws -> [UInt8] { Array(try Data(contentsOf: file("text.txt"))) }

    static func cases() throws -> Cases {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Cases.self, from: Data(contentsOf: file("cases.json")))
    }

    struct Cases: Decodable {
        let strings: [String]
        let gpt2: [[Int32]]
        let gpt4: [[Int32]]
        let marked: [String]
        let markedIds: [[Int32]]
        let markedAsText: [[Int32]]
        let learned: [String: Learned]

        func ids(_ pattern: PreTokenPattern) -> [[Int32]] { pattern == .gpt2 ? gpt2 : gpt4 }
    }

    struct Learned: Decodable {
        let merges: Int
        let sha256: String
    }
}
