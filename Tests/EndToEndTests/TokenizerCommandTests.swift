import Foundation
import Testing

/// Tokenizers on the command line: trained, converted, and used both ways.
@Suite struct TokenizerCommandTests {
    private static let text = String(repeating: "The owl's 12 eyes, the cat's 9 lives — 漢字!\n", count: 60)

    @Test("a tokenizer is trained, encodes a text and gives it back")
    func train() async throws {
        let line = try CommandLine()
        try line.write(Self.text, to: "texts/a.txt")
        for pattern in ["gpt2", "gpt4"] {
            let trained = try await line.apus([
                "corpus", "tokenizer", "train", "texts", "--vocabulary", "320", "--pattern", pattern, "--out", pattern,
            ])
            #expect(
                trained.code == 0 && trained.output.contains(pattern == "gpt2" ? "vocabulary 288" : "vocabulary 287"),
                "\(trained.errors)")
            #expect(line.exists("\(pattern)/vocab.json") == (pattern == "gpt2"))
            for (encoded, decoded) in [("", ""), ("--raw uint16", "--raw uint16"), ("--special --jobs 2", "--special")]
            {
                let same = try await line.shell(
                    "apus corpus encode texts/a.txt --tokenizer \(pattern) \(encoded)"
                        + " | apus corpus decode - --tokenizer \(pattern) \(decoded) | cmp - texts/a.txt && echo same")
                #expect(same == "same\n")
            }
        }
        let both = try await line.shell(
            "apus corpus encode texts/a.txt --tokenizer gpt2/merges.txt | cmp - <(apus corpus encode - --tokenizer gpt2 "
                + "< texts/a.txt) && apus corpus tokenizer convert gpt2/vocab.json --out again > said && "
                + "cmp gpt2/merges.txt again/merges.txt && cmp gpt2/tokenizer.json again/tokenizer.json && echo same")
        #expect(both == "same\n")
        #expect(
            try await line.shell("printf 'a<|endoftext|>' | apus corpus encode - --tokenizer bytes --special")
                == "97 256\n")
    }

    @Test("a text of many pieces has the same ids on one core and on three, and whoever stops reading ends it")
    func pieces() async throws {
        let line = try CommandLine()
        try line.write(String(repeating: Self.text, count: 1200), to: "long.txt")
        let told = try await line.shell(
            "apus corpus tokenizer train long.txt --vocabulary 300 --out t > said && for jobs in 1 3; do "
                + "apus corpus encode long.txt --tokenizer t --jobs $jobs | cksum; done; "
                + "apus corpus encode long.txt --tokenizer t | head -c 1 > first; echo ${PIPESTATUS[0]}")
        let lines = told.split(separator: "\n")
        try #require(lines.count == 3)
        #expect(lines[0] == lines[1] && lines[2] == "0")
    }

    @Test("bad input to tokenizers is refused with its exit code and a sentence, and nothing is written")
    func refusals() async throws {
        let line = try CommandLine()
        try line.write(Self.text, to: "a.txt")
        try line.write("{\"model\": {\"type\": \"Unigram\"}}", to: "other.json")
        try line.write("12 x", to: "ids.txt")
        try line.write("70000", to: "high.txt")
        try line.write(Data([97, 0, 98]), to: "odd.bin")
        try line.write("mine", to: "there/tokenizer.json")
        let tokenizer = ["corpus", "tokenizer"]
        let cases: [([String], Int32, String)] = [
            (tokenizer + ["train", "a.txt", "--vocabulary", "299", "--out", "o"], 2, "299"),
            (tokenizer + ["train", "a.txt", "--vocabulary", "300", "--pattern", "gpt5", "--out", "o"], 2, "gpt5"),
            (tokenizer + ["train", "nowhere", "--vocabulary", "300", "--out", "o"], 3, "nowhere"),
            (tokenizer + ["train", "a.txt", "--vocabulary", "300", "--out", "there"], 2, "another"),
            (tokenizer + ["convert", "other.json", "--out", "o"], 3, "Unigram"),
            (["corpus", "encode", "a.txt", "--tokenizer", "other.json"], 3, "Unigram"),
            (["corpus", "encode", "a.txt", "--tokenizer", "bpe:300"], 2, "train"),
            (["corpus", "encode", "nowhere", "--tokenizer", "bytes"], 3, "nowhere"),
            (["corpus", "encode", "there", "--tokenizer", "bytes"], 3, "there"),
            (["corpus", "decode", "ids.txt", "--tokenizer", "bytes"], 3, "byte 3"),
            (["corpus", "decode", "high.txt", "--tokenizer", "bytes"], 3, "70000"),
            (["corpus", "decode", "odd.bin", "--tokenizer", "bytes", "--raw", "uint16"], 3, "ends inside"),
        ]
        for (arguments, code, told) in cases {
            let result = try await line.apus(arguments)
            #expect(result.code == code, "\(arguments): \(result.errors)")
            #expect(result.errors.hasPrefix("apus: ") && result.errors.contains(told), "\(result.errors)")
        }
        #expect(!line.exists("o"))
        #expect(try line.read("there/tokenizer.json") == Data("mine".utf8))
    }
}
