import ArgumentParser
import Experiment
import Foundation

/// The entry point: parses, runs, and turns whatever was thrown into a sentence and an exit code of DESIGN §4.
@main
enum Main {
    static func main() async {
        Interrupts.shared.listen()
        // A run goes on when nobody reads its progress any more.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Apus.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            ErrorReport(error).exit()
        }
    }
}

/// The command line of Apus.
struct Apus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract:
            "Trains GPT-style language models data-parallel over MPI on CPUs, and turns their loss into scaling laws.",
        discussion: """
            A first run, nothing needed but this machine:
              apus quickstart
            Your own text:
              apus quickstart --corpus my-texts
              apus train configs/books.yaml --ranks 2
            Laws from runs, or from anybody's table:
              apus table checkpoints/quickstart --out tables
              apus fit tables/runs.csv --law chinchilla

            Exit codes: 0 done, 2 usage or configuration, 3 bad data, 4 a worker failed or could not start, \
            5 interrupted but resumable, 6 a fit that cannot be trusted (--strict).
            """,
        version: "apus \(Version.current)",
        subcommands: [
            Quickstart.self, CorpusCommand.self, Train.self, Sweep.self, Status.self, TableCommand.self, Fit.self,
            Plan.self,
            ReportCommand.self, Inspect.self, Import.self, Export.self, Evaluate.self, Generate.self, Bench.self,
            Predict.self, Compare.self, Coordinates.self, Doctor.self,
        ])
}

/// The version that `--version` tells.
enum Version {
    static let current = "0.1.0"
}
