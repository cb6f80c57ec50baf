import ArgumentParser
import Corpus
import Experiment
import Foundation
import Reports

struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Before a run: parameters, tokens, FLOPs, memory per rank, checkpoint sizes.",
        discussion: """
            Examples:
              apus plan configs/books.yaml
              apus plan configs/gpt3-175b.yaml --ranks 64 --set batch.slot=1
            """)

    @Argument(help: "The configuration.") var config: String
    @Option(help: ArgumentHelp("Ranks; default: this host's cores, at most one per slot.", valueName: "p")) var ranks:
        Int?
    @Option(help: ArgumentHelp("Replace a value of the configuration; may be repeated.", valueName: "key=value"))
    var set: [String] = []

    func run() throws {
        let run = try RunConfig(file: URL(fileURLWithPath: config), overrides: set)
        let count = try RankCount(
            asked: ranks, hostfile: nil, cores: Host.cores, slots: run.slots, sequences: run.batch.sequences)
        let shape = run.model.shape(tokenizerVocabulary: try vocabulary(run.corpus))
        Console.show(RunPlan(config: run, shape: shape, ranks: count.ranks).text)
        if let hint = count.hint { Console.show(Console.style.plain(hint) + "\n") }
    }

    private func vocabulary(_ corpus: CorpusConfig) throws -> Int {
        if let known = corpus.knownVocabulary { return known }
        guard let prepared = corpus.prepared else { return try Tokenizers.named(corpus.tokenizer).vocabulary }
        return try PreparedCorpus(opening: URL(fileURLWithPath: prepared), verifying: false).vocabulary
    }
}
