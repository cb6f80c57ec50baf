import ArgumentParser
import Experiment
import Foundation
import Tokenization

struct CorpusDecode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Print the text of token ids.",
        discussion: """
            Examples:
              apus corpus decode ids.txt --tokenizer tokenizers/mine
              apus corpus encode notes.txt --tokenizer tokenizers/mine | apus corpus decode - --tokenizer tokenizers/mine
              apus corpus decode book.bin --raw uint16 --tokenizer tokenizers/mine > book.txt

            Ids are numbers with blanks or ends of lines between. Special tokens have no text without --special.
            """)

    @Argument(help: "A file, or - for standard input.") var file: String
    @OptionGroup var tokenizerOption: TokenizerOption
    @Flag(help: "Write the names of special tokens too.") var special = false
    @Option(help: "Read raw little-endian numbers instead of text: uint16 or uint32.") var raw: RawIDs?

    func run() throws {
        let tokenizer = try tokenizerOption.read()
        let input = try InputBytes(path: file)
        var rest: [UInt8] = []
        var offset = 0
        var isLast = false
        while !isLast {
            let read = try input.read(upTo: 1 << 20)
            isLast = read.isEmpty
            rest += read
            let (ids, used) = try IDText.ids(rest, raw, isLast: isLast, at: offset, of: file)
            try StandardOutput.write(try tokenizer.decode(ids, keepingSpecialTokens: special))
            rest.removeFirst(used)
            offset += used
        }
    }
}
