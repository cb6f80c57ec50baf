import ArgumentParser
import Experiment
import Foundation

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train one model on several ranks, or go on with a run.",
        discussion: """
            Examples:
              apus train configs/books.yaml --ranks 2
              apus train configs/books.yaml --set steps=600 --set name=books-short
              apus train configs/books.yaml --hostfile cluster/hostfile
              apus train --run checkpoints/books
              apus train configs/decay-400.yaml --from checkpoints/trunk

            Ctrl-C finishes the step, saves and exits with code 5; the same command goes on, on any number of ranks, with \
            the same bits. A second Ctrl-C stops at once.
            """)

    @Argument(help: "The configuration; may be left out when --run names a run to go on with.")
    var config: String?

    @Option(help: ArgumentHelp("The run folder; default: checkpoints/<name>.", valueName: "dir"))
    var run: String?

    @Option(
        help: ArgumentHelp(
            "Begin with the steps of another run of the same configuration, as far as the learning rates agree: a "
                + "decay from a constant stretch. A run folder with a checkpoint of its own goes on with that.",
            valueName: "dir"))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "Replace a value of the configuration, as in --set batch.sequences=64; may be repeated.",
            valueName: "key=value"))
    var set: [String] = []

    @Flag(help: "Move a run that is in the folder aside and begin anew.")
    var fresh = false

    @Flag(help: "Show errors only.")
    var quiet = false

    @OptionGroup(title: "Launch") var launch: LaunchOptions

    func validate() throws {
        guard config != nil || run != nil else {
            throw ValidationError("Give a configuration, as in: apus train configs/books.yaml")
        }
        guard config != nil || (set.isEmpty && !fresh && from == nil) else {
            throw ValidationError("--set, --from and --fresh need a configuration; a run goes on as it was begun.")
        }
    }

    func run() async throws {
        let resolved = try resolve()
        let display = TrainDisplay(isQuiet: quiet)
        let job = TrainingJob(
            config: resolved.config, workerArguments: workerArguments(resolved.directory), options: launch,
            display: display)
        try await job.run { line in
            if !quiet { Console.tell("apus: \(line)") }
        }
        if !quiet { Console.show(try RunEnding(resolved.directory).text) }
    }

    private func resolve() throws -> (config: RunConfig, directory: RunDirectory) {
        if let config {
            let decoded = try RunConfig(file: URL(fileURLWithPath: config), overrides: set)
            return (decoded, run.map { RunDirectory(URL(fileURLWithPath: $0)) } ?? .standard(name: decoded.name))
        }
        let directory = RunDirectory(URL(fileURLWithPath: run ?? ""))
        return (try directory.loadConfig(), directory)
    }

    private func workerArguments(_ directory: RunDirectory) -> [String] {
        (config.map { [$0] } ?? []) + ["--run", directory.url.path] + set.flatMap { ["--set", $0] }
            + (from.map { ["--from", $0] } ?? []) + (fresh ? ["--fresh"] : [])
    }
}
