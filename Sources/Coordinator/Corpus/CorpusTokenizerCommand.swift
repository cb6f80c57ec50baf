import ArgumentParser
import Corpus
import Experiment
import Foundation
import Tokenization

struct CorpusTokenizerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer",
        abstract: "Train a byte-pair tokenizer on text, or bring one into another form.",
        discussion: """
            Examples:
              apus corpus tokenizer train my-texts --vocabulary 4096 --out tokenizers/mine
              apus corpus tokenizer convert gpt2/vocab.json --out tokenizers/gpt2
            """,
        subcommands: [Train.self, Convert.self])

    struct Train: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "train",
            abstract: "Learn byte-level BPE from text files and folders.",
            discussion: """
                Examples:
                  apus corpus tokenizer train my-texts --vocabulary 4096 --out tokenizers/mine
                  apus corpus tokenizer train a.txt b.txt --vocabulary 32768 --pattern gpt4 --out tokenizers/large
                  apus corpus tokenizer train chats --vocabulary 8192 --special '<|endoftext|>' --special '<|user|>' \\
                    --out tokenizers/chat

                Writes tokenizer.json (Hugging Face's form) and, for GPT-2's pattern, vocab.json and merges.txt.
                The first ids are the 256 bytes in GPT-2's order, then the merges, then the special tokens.
                """)

        @Argument(help: "Text files and folders.") var paths: [String]
        @Option(help: "How many ids there are in all: 300 to 1048576.") var vocabulary: Int
        @Option(help: "What cuts the text before merging: gpt2 or gpt4.") var pattern = PreTokenPattern.gpt2
        @Option(
            help: ArgumentHelp(
                "A special token; may come several times. Without any: <|endoftext|>.", valueName: "token"))
        var special: [String] = []
        @Option(help: ArgumentHelp("Where the files go; other files there are not written over.", valueName: "dir"))
        var out: String
        @Option(help: "Cores to count on. Without it: all.") var jobs: Int?

        func validate() throws {
            let sizes = TokenizerSpecification.vocabularies
            guard sizes.contains(vocabulary) else {
                throw ValidationError(
                    "--vocabulary is \(vocabulary); it must be \(sizes.lowerBound) to \(sizes.upperBound).")
            }
            if let jobs, jobs < 1 { throw ValidationError("--jobs is \(jobs); it must be 1 or more.") }
        }

        func run() throws {
            let tokenizer = try train()
            try TokenizerFolder.write(tokenizer, to: URL(fileURLWithPath: out))
        }

        private func train() throws -> BytePairTokenizer {
            var trainer = try BytePairTrainer(
                vocabulary: vocabulary, pattern: pattern, specialTokens: special.isEmpty ? ["<|endoftext|>"] : special,
                jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
            let line = TokenizerProgressLine()
            defer { line.finish() }
            try feed(&trainer, line)
            let tokenizer = try trainer.train { line.show($0) }
            line.finish()
            if trainer.droppedWords {
                Console.tell("apus: the text has more different words than fit; the rarest were not learned from.")
            }
            if tokenizer.vocabulary < vocabulary {
                Console.tell(
                    "apus: the text has no more pairs: the vocabulary is \(tokenizer.vocabulary), not \(vocabulary).")
            }
            return tokenizer
        }

        /// All that knows how text is read.
        private func feed(_ trainer: inout BytePairTrainer, _ line: TokenizerProgressLine) throws {
            try TextReading.read(paths) { piece, total in
                try trainer.add(piece) { line.show($0, of: total) }
            } endOfDocument: {
                try trainer.endDocument()
            }
        }
    }

    struct Convert: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "convert",
            abstract: "Write a tokenizer of others in our forms; its ids stay the same.",
            discussion: """
                Examples:
                  apus corpus tokenizer convert gpt2/vocab.json --out tokenizers/gpt2
                  apus corpus tokenizer convert llama/tokenizer.json --out tokenizers/llama

                Reads a tokenizer.json of byte-level BPE, or vocab.json and merges.txt; what would change ids and is \
                not supported is refused.
                """)

        @Argument(help: "A tokenizer.json, vocab.json or merges.txt, or a folder with them.") var tokenizer: String
        @Option(help: ArgumentHelp("Where the files go; other files there are not written over.", valueName: "dir"))
        var out: String

        func run() throws {
            let tokenizer = try Tokenizers.read(URL(fileURLWithPath: tokenizer))
            try TokenizerFolder.write(tokenizer, to: URL(fileURLWithPath: out))
        }
    }
}

extension PreTokenPattern: ExpressibleByArgument {}

/// How far training a tokenizer is: one line that changes on a terminal, nothing elsewhere.
private final class TokenizerProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var last = Stopwatch()
    private var isOpen = false

    func show(_ progress: BytePairTrainer.Progress, of total: Int? = nil) {
        guard isTerminal, last.seconds > 0.1 || !isOpen else { return }
        last = Stopwatch()
        isOpen = true
        switch progress {
        case .counted(let bytes):
            let share = total.map { " of \($0 >> 20)" } ?? ""
            tell("counting words: \(bytes >> 20)\(share) MiB")
        case .merged(let ids, let wanted): tell("merging: \(ids) of \(wanted) ids")
        }
    }

    func finish() {
        if isOpen { tell("") }
        isOpen = false
    }

    private func tell(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(text)".utf8))
    }
}
