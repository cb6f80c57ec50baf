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
            CorpusPrepare.self, Look.self, CorpusTokenizerCommand.self, CorpusEncode.self, CorpusDecode.self,
        ])

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
