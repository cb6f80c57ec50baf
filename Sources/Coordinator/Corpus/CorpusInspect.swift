import ArgumentParser
import Corpus
import Experiment
import Foundation
import Reports

/// `apus corpus inspect`: what is in a corpus.
struct CorpusInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Check every shard of a prepared corpus and tell what is in it.",
        discussion: """
            Examples:
              apus corpus inspect corpora/mine --context 256
              apus corpus inspect checkpoints/books --sample 10
              apus corpus inspect corpora/mine --json

            Bytes per token count end-of-text tokens. The overlap is the share of the different held-out n-grams of 13 \
            tokens that the training text of all sources has too. A stretch is a document, or what the split left \
            together of one; lengths are without end-of-text. Vocabulary use is over both sides. Samples are the first \
            300 characters of stretches at evenly spaced places.
            """)

    @Argument(help: "A folder that `apus corpus prepare` wrote, or a run's: its corpus.") var folder: String
    @Option(help: "Tell how many sequences of this many tokens it has, and how many tokens stay unused.")
    var context: Int?
    @Option(help: "How many pieces of text to show.") var sample = 3
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if let context, context < 1 { throw ValidationError("--context is \(context); it must be 1 or more.") }
        if sample < 0 { throw ValidationError("--sample is \(sample); it must be 0 or more.") }
    }

    func run() throws {
        let corpus = try open()
        let report = try CorpusReport(corpus, context: context, samples: sample)
        guard !json else { return Console.show(try SnakeCaseJSON.text(report) + "\n") }
        let summary = CorpusSummary(corpus, context: context).lines.map { $0 + "\n" }.joined()
        Console.show(
            summary + vocabulary(report.vocabulary) + report.sources.map(lengths).joined()
                + report.sample.map(sample).joined())
    }

    private func open() throws -> PreparedCorpus {
        let place = URL(fileURLWithPath: folder)
        guard !RunDirectory(place).holdsRun else {
            return try RunCorpus(run: folder, corpus: nil, verifying: true).corpus
        }
        return try PreparedCorpus(opening: place, verifying: true)
    }

    private func vocabulary(_ use: VocabularyUse) -> String {
        let cover = use.cover.map { cover in
            "\(CountText.grouped(cover.ids)) make \(Humanly.percent(cover.share))"
        }
        var table = TerminalTable([.init("id"), .init("tokens"), .init("share"), .init("text", .left)])
        for token in use.mostFrequent.prefix(10) {
            table.add([
                "\(token.id)", CountText.grouped(token.count), CountText.percent(token.share), "\"\(token.text)\"",
            ])
        }
        return "\nvocabulary  \(CountText.grouped(use.used)) of \(CountText.grouped(use.ids)) ids occur; "
            + "\(cover.joined(separator: ", ")) of the tokens\n" + table.text(Console.style)
    }

    private func lengths(_ source: CorpusReport.Source) -> String {
        let most = max(1, source.lengths.bins.map(\.stretches).max() ?? 1)
        var table = TerminalTable([.init("tokens"), .init("stretches"), .init("", .left)])
        for bin in source.lengths.bins {
            let width = (40 * bin.stretches + most - 1) / most
            table.add([
                bin.below - bin.from == 1 ? "\(bin.from)" : "\(bin.from)-\(bin.below - 1)",
                CountText.grouped(bin.stretches),
                String(repeating: Console.style.isUnicode ? "█" : "#", count: width),
            ])
        }
        return "\nlengths of the stretches of \(source.name)\n" + table.text(Console.style)
    }

    private func sample(_ sample: CorpusSample) -> String {
        var place = sample.file ?? sample.source
        if let line = sample.line { place += ", line \(line)" }
        if sample.line == nil, sample.document > 0 { place += ", document \(sample.document)" }
        return "\n\(place), from \(sample.offset) on (\(sample.side))\n  \(sample.text)\n"
    }
}
