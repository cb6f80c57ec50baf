import ArgumentParser
import Corpus
import Experiment
import Foundation
import Reports
import ScalingLaws

struct Quickstart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quickstart",
        abstract: "The whole way in a few minutes: a ladder of runs, the law, a page of plots.",
        discussion: """
            Trains 4 sizes of a small GPT-2 for 4 lengths each, fits Chinchilla's law to their losses and makes a report. \
            Without --corpus the data comes from a source whose law is known, so that the whole set-up can be checked \
            against theory; with it, the largest model writes a sample at the end.

            Examples:
              apus quickstart
              apus quickstart --corpus my-texts --ranks 2

            Ctrl-C saves and stops; the same command goes on.
            """)

    @Option(help: ArgumentHelp("Text to train on: a file or a folder; may be repeated.", valueName: "path"))
    var corpus: [String] = []

    @Option(
        help: ArgumentHelp(
            "Folder of the runs; default: checkpoints/quickstart, with the corpus's name for text.", valueName: "dir"))
    var out: String?

    @OptionGroup(title: "Launch") var launch: LaunchOptions

    func run() async throws {
        let folder = URL(fileURLWithPath: out ?? standardFolder)
        let ladder = corpus.isEmpty ? Ladder.calibration() : Ladder.text(corpus.map(Self.absolute))
        try await QuickstartJob(
            sweep: try ladder.sweep(), folder: folder, options: launchOptions, isText: !corpus.isEmpty
        ).run()
    }

    /// Two cores, to show that several work; one where there is one.
    private var launchOptions: LaunchOptions {
        var options = launch
        if options.ranks == nil, options.hostfile == nil { options.ranks = min(2, Host.cores) }
        return options
    }

    private var standardFolder: String {
        guard let first = corpus.first else { return "checkpoints/quickstart" }
        let name = URL(fileURLWithPath: first).standardizedFileURL.deletingPathExtension().lastPathComponent
        return "checkpoints/quickstart-" + name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    }

    private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
