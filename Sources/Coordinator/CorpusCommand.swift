import ArgumentParser
import Corpus
import Experiment
import Foundation

struct CorpusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corpus",
        abstract: "Prepare text for training, and look at what was prepared.",
        discussion: """
            Examples:
              apus corpus prepare my-texts --out corpora/mine
              apus corpus inspect corpora/mine

            Training prepares its corpus by itself; a prepared folder is named in a configuration as
              corpus: {prepared: corpora/mine}
            """,
        subcommands: [
            Prepare.self, Look.self, CorpusTokenizerCommand.self, CorpusEncode.self, CorpusDecode.self,
        ])

    struct Prepare: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prepare",
            abstract: "Encode text files and folders into token shards.",
            discussion: """
                Examples:
                  apus corpus prepare my-texts notes.txt --out corpora/mine

                Folders are read recursively. Text must be UTF-8. 5 % of the documents are held out by a keyed hash.
                """)

        @Argument(help: "Text files and folders.") var paths: [String]
        @Option(help: ArgumentHelp("Where the shards go; nothing there is written over.", valueName: "dir"))
        var out: String
        @Option(help: "How text becomes tokens: bytes.") var tokenizer = "bytes"

        func run() throws {
            let config = CorpusConfig(
                paths: paths.map { URL(fileURLWithPath: $0).standardizedFileURL.path }, tokenizer: tokenizer)
            let progress = CorpusProgressLine()
            defer { progress.finish() }
            let corpus = try CorpusPreparation.prepare(config, out: URL(fileURLWithPath: out)) { progress.show($0) }
            progress.finish()
            Console.show(CorpusSummary(corpus).lines.map { $0 + "\n" }.joined())
        }
    }

    struct Look: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Check every shard of a prepared corpus and tell what is in it.",
            discussion: """
                Examples:
                  apus corpus inspect corpora/mine --context 256
                """)

        @Argument(help: "A folder that `apus corpus prepare` wrote.") var folder: String
        @Option(help: "Tell how many sequences of this many tokens it has.") var context: Int?

        func validate() throws {
            if let context, context < 1 { throw ValidationError("--context is \(context); it must be 1 or more.") }
        }

        func run() throws {
            let corpus = try PreparedCorpus(opening: URL(fileURLWithPath: folder), verifying: true)
            Console.show(CorpusSummary(corpus, context: context).lines.map { $0 + "\n" }.joined())
        }
    }
}
