import ArgumentParser

struct CorpusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corpus",
        abstract: "Prepare text for training, and look at what was prepared.",
        discussion: """
            Examples:
              apus corpus prepare my-texts --out corpora/mine
              apus corpus inspect corpora/mine
              apus corpus show checkpoints/books --step 812
              apus corpus find checkpoints/books moby-dick.txt

            Training prepares its corpus by itself; a prepared folder is named in a configuration as
              corpus: {prepared: corpora/mine}
            """,
        subcommands: [
            CorpusPrepare.self, CorpusInspect.self, CorpusShow.self, CorpusFind.self, CorpusTokenizerCommand.self,
            CorpusEncode.self, CorpusDecode.self,
        ])
}
