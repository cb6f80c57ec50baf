import ArgumentParser
import Experiment
import Foundation
import Tokenization

/// The tokenizer that a command names.
struct TokenizerOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "bytes, a tokenizer.json, vocab.json, or a folder with one, such as a prepared corpus.",
            valueName: "tokenizer"))
    var tokenizer: String

    func read() throws -> any Tokenizer { try Tokenizers.named(tokenizer) }
}

struct CorpusEncode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Print the token ids of a text.",
        discussion: """
            Examples:
              apus corpus encode notes.txt --tokenizer tokenizers/mine
              echo "Hello there" | apus corpus encode - --tokenizer tokenizers/mine
              apus corpus encode book.txt --tokenizer tokenizers/mine --raw uint16 > book.bin

            The whole input is one text, of any bytes. Ids are separated by blanks, and by ends of lines about every \
            MiB of text. No end-of-text is added.
            """)

    @Argument(help: "A file, or - for standard input.") var file: String
    @OptionGroup var tokenizerOption: TokenizerOption
    @Flag(help: "Special tokens that are written in the text stand for themselves, not for their letters.")
    var special = false
    @Option(help: "Write raw little-endian numbers instead of text: uint16 or uint32.") var raw: RawIDs?
    @Option(help: "Cores to encode on. Without it: all.") var jobs: Int?

    func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("--jobs is \(jobs); it must be 1 or more.") }
    }

    func run() throws {
        let tokenizer = try tokenizerOption.read()
        if raw == .uint16, tokenizer.vocabulary > 65_536 {
            throw Failure(.usage, "Ids up to \(tokenizer.vocabulary - 1) do not fit into uint16; give --raw uint32.")
        }
        let input = try PieceReader(path: file, tokenizer: tokenizer)
        let (special, raw) = (special, raw)
        let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        try OrderedPipeline.run(jobs: jobs) {
            try input.next()
        } work: { piece in
            let ids = try special ? tokenizer.encodeWithSpecialTokens(piece) : tokenizer.encode(piece)
            return raw.map { IDText.raw(ids, $0) } ?? IDText.text(ids)
        } finish: { output in
            try StandardOutput.write(output)
        }
    }
}
