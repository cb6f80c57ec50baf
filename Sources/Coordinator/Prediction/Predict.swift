import ArgumentParser
import Experiment
import Foundation
import ScalingLaws

struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "File the loss of a larger run before it is made, score such a prediction, or forecast a run's end.",
        discussion: """
            From a table of runs, or a folder of runs, the loss of a run that was not made yet, with a 95 % interval, as \
            a dated file with a hash; laws are chosen by their errors on the largest runs held out:
              apus predict checkpoints/ladder --config configs/large.yaml
              apus predict checkpoints/ladder-calibration --config configs/ladder-calibration-larger.yaml
              apus predict runs.csv --n 1.2e8 --d 2.4e9 --name large --below 1e17
            What became of it, when the run is there; a file that was changed is refused:
              apus predict --check predictions/2026-01-31-large.json --run checkpoints/large
            The final loss of a run that is under way, from its curve, its schedule and complete siblings:
              apus predict checkpoints/large --siblings checkpoints/ladder

            A prediction is never overwritten. One of a run whose loss is there already is refused, unless \
            --after-the-fact says so, and then the file says so too.
            """)

    @Argument(help: "A table, a folder of runs, or a run under way; with --check, filed predictions.")
    var sources: [String]

    @Option(help: ArgumentHelp("Parameters of the run to predict.", valueName: "n")) var n: Double?
    @Option(help: ArgumentHelp("Tokens of the run to predict.", valueName: "d")) var d: Double?
    @Option(
        help: ArgumentHelp(
            "Different tokens it will see; default: what its configuration tells, else all are.", valueName: "u"))
    var uniqueTokens: Double?
    @Option(
        help: ArgumentHelp(
            "Configuration of a run to predict, or a sweep, all of whose runs are predicted; may be repeated.",
            valueName: "config"))
    var config: [String] = []
    @Option(help: "Name of the run, for --n and --d.") var name: String?
    @Option(help: ArgumentHelp("Fit only runs of less compute than this, FLOPs.", valueName: "flops"))
    var below: Double?
    @Option(
        help: ArgumentHelp(
            "The file; a folder for several. Default: predictions/<date>-<name>.json.", valueName: "file"))
    var out: String?
    @Flag(help: "Predict a run whose loss is there already, and say so in the file.") var afterTheFact = false
    @Option(help: "Bootstrap resamples.") var resamples = 300
    @Option(help: "Of the bootstrap.") var seed: UInt64 = 1
    @OptionGroup(title: "Columns") var columns: PredictColumns

    @Flag(help: "Score filed predictions on what came.") var check = false
    @Option(
        name: .customLong("run"), help: ArgumentHelp("With --check: the run, or a folder of runs.", valueName: "dir"))
    var runFolder: String?
    @Option(help: ArgumentHelp("With --check: a table that holds the run.", valueName: "file")) var table: String?
    @Flag(
        help: """
            Exit with 6 when a law behind a prediction cannot be trusted, and file nothing; with --check, when a loss lies \
            outside of its interval.
            """)
    var strict = false

    @Option(help: ArgumentHelp("Complete runs, or folders of them, that a forecast learns from.", valueName: "dir"))
    var siblings: [String] = []
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if check {
            guard (runFolder == nil) != (table == nil) else {
                throw ValidationError("Say where the runs are that came: --run DIR or --table FILE, one of the two.")
            }
            return
        }
        guard sources.count == 1 else {
            throw ValidationError("One table, folder of runs, or run is predicted from, not \(sources.count).")
        }
        guard runFolder == nil, table == nil else {
            throw ValidationError("--run and --table belong to --check.")
        }
        for (option, value) in [("--n", n), ("--d", d), ("--unique-tokens", uniqueTokens), ("--below", below)] {
            if let value, !(value > 0 && value.isFinite) {
                throw ValidationError("\(option) is \(value); it must be above 0.")
            }
        }
        guard (n == nil) == (d == nil) else { throw ValidationError("--n and --d belong together.") }
        guard resamples >= 20 else {
            throw ValidationError("--resamples is \(resamples); an interval needs 20 or more.")
        }
        guard name == nil || n != nil else {
            throw ValidationError("--name names the run of --n and --d; a configuration has its own name.")
        }
    }

    private var namesRuns: Bool { n != nil || !config.isEmpty }

    func run() throws {
        if check {
            let came: CameRuns =
                if let folder = runFolder { try CameRuns(folder: folder) } else {
                    try CameRuns(table: table ?? "", columns: columns)
                }
            return try PredictionCheck(files: sources, came: came, strict: strict, json: json).run()
        }
        let directory = RunDirectory(URL(fileURLWithPath: sources[0]))
        if directory.holdsRun {
            guard !namesRuns else {
                throw Failure(
                    .usage,
                    "\(sources[0]) is one run: its own end can be forecast; larger runs are predicted from a folder of runs "
                        + "or a table.")
            }
            guard !strict else {
                throw Failure(.usage, "--strict asks of laws and predictions; the forecast of a run's end has none.")
            }
            return try ForecastOfRun(directory, siblings: siblings, resamples: resamples, seed: seed, json: json).run()
        }
        guard namesRuns else {
            throw Failure(.usage, "Say which run to predict: --n N --d D, or --config CONFIG.yaml or SWEEP.yaml.")
        }
        try PredictionFiling(self).run()
    }
}

/// Which columns of a table hold what, and which of its rows count.
struct PredictColumns: ParsableArguments {
    @Option(help: ArgumentHelp("Column of the parameters.", valueName: "col")) var nColumn = FitPoints.Columns().n
    @Option(help: ArgumentHelp("Column of the tokens.", valueName: "col")) var dColumn = FitPoints.Columns().d
    @Option(help: ArgumentHelp("Column of the FLOPs.", valueName: "col")) var cColumn = FitPoints.Columns().c
    @Option(help: ArgumentHelp("Column of the loss, in nats per token.", valueName: "col"))
    var lossColumn = FitPoints.Columns().loss
    @Option(help: ArgumentHelp("Column of the run's name.", valueName: "col"))
    var nameColumn = FitPoints.Columns().label

    @Option(help: ArgumentHelp("Column of the different tokens seen.", valueName: "col"))
    var uniqueTokensColumn = FitPoints.Columns().uniqueTokens
    @OptionGroup var rows: RowArguments

    var columns: FitPoints.Columns {
        var columns = FitPoints.Columns(n: nColumn, d: dColumn, c: cColumn, loss: lossColumn, label: nameColumn)
        columns.uniqueTokens = uniqueTokensColumn
        return rows.completing(columns)
    }

    var selection: FitSelection { rows.selection }
}
