import ArgumentParser
import Experiment
import Foundation
import ScalingLaws

struct Fit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Fit a scaling law to a table of runs, ours or anybody's.",
        discussion: """
            Laws:
              chinchilla        L(N, D) = E + A/N^alpha + B/D^beta (Hoffmann et al. 2022, approach 3)
              kaplan            L(N), L(D) as power laws and L(N, D), with and without E (Kaplan et al. 2020)
              kaplan+E          the joint L(N, D) with E alone, with its whole certificate
              isoflop           N_opt and D_opt by the minima of profiles at equal compute (Hoffmann, approach 2)
              envelope          N_opt and D_opt by the lowest training curves (approach 1); needs --curves
              compute           L(C) = a C^-b + c through the runs that no cheaper one beats
              data-constrained  L(N, D, unique tokens), where repeats are worth ever less (Muennighoff et al. 2023)
              steps             L(N, S) = (N_c/N)^alpha_N + (S_c/S)^alpha_S (Kaplan), by --curves or rows with steps
              learning-rate     the best rate of each scan, k C^p through them, and how far it moves with size
              batch             the same of the batch
              critical-batch    B_crit(L) = B*/L^(1/alpha_B) by a scan of batches (Kaplan, eq. 5.3); needs --curves
              auto              the parametric law that best tells the runs of the most compute from the others
            Examples:
              apus fit tables/runs.csv --law chinchilla
              apus fit tables/runs.csv --law chinchilla --all-conventions --hold-out 0.2 --profile
              apus fit tables/runs.csv --law envelope --curves tables/curves.csv
              apus fit theirs.csv --law chinchilla --n params --c flops --loss final_loss --d-from-c --json
              apus fit theirs.jsonl --law chinchilla --n N --d D --loss L --where 'D>1e9' --drop-highest-loss 5

            Only finished runs are fitted: a column `status` must say complete (or finished, done, …), \
            `schedule_fraction` must not be below 1, `role` must be a run's, and of runs that differ in \
            learning rate or batch alone the best counts; what is left out is told. A table without tokens takes D = C/(6 N). With --strict a fit that cannot be trusted ends with exit code 6.
            """)

    enum Law: String, ExpressibleByArgument, CaseIterable {
        case chinchilla, kaplan, isoflop, envelope, steps, compute, auto
        case kaplanIrreducible = "kaplan+E"
        case dataConstrained = "data-constrained"
        case learningRate = "learning-rate"
        case batch
        case criticalBatch = "critical-batch"

        var takesCurves: Bool { [.envelope, .steps, .criticalBatch].contains(self) }
        /// All of the runs that differ in a setting alone, not the best one only.
        var takesScans: Bool { [.learningRate, .batch, .criticalBatch].contains(self) }
    }

    @OptionGroup(title: "Table") var source: TableArguments
    @Option(help: "The law.") var law: Law
    @OptionGroup(title: "Fit") var fitting: FitArguments
    @Option(
        help: ArgumentHelp(
            "data-constrained: take E, A, B, alpha and beta from this fit's JSON, and fit the worth of repeats alone.",
            valueName: "file"))
    var base: String?
    @Option(
        help: ArgumentHelp(
            "envelope, steps: a table with a row per step, as apus table writes it, in the columns of the table.",
            valueName: "file"))
    var curves: String?
    @Option(help: ArgumentHelp("Column of the loss in --curves.", valueName: "col"))
    var curveLoss = Self.standardCurveLoss
    static let standardCurveLoss = "loss_train"
    @Option(
        help: ArgumentHelp(
            "envelope: only this last share of each run may win; 0.15 where rates decay to each run's own end.",
            valueName: "share"))
    var usableShare = 1.0
    @Option(
        help: ArgumentHelp(
            "steps: the critical batch in tokens, by which S becomes S_min; default: S as it is.", valueName: "tokens"))
    var criticalBatch: Double?
    @Option(
        help: ArgumentHelp(
            "steps: with --critical-batch B*, B_crit(L) = B*/L^(1/alpha_B), as --law critical-batch gives it.",
            valueName: "alpha"))
    var alphaB: Double?
    @Option(
        help: ArgumentHelp(
            "Hold out this share of the runs, those of the most compute, and tell each law's error on them.",
            valueName: "share"))
    var holdOut: Double?
    @Flag(help: "chinchilla: profile likelihood of E, alpha, beta and a.") var profile = false
    @Flag(help: "Fit with each N of the table, and show the exponents by each count of FLOPs.")
    var allConventions = false
    @Flag(help: "Exit with 6 when the fit cannot be trusted.") var strict = false
    @Flag(help: "One JSON object.") var json = false

    func run() throws {
        let table = try source.read()
        var selection = source.selection
        selection.takesScans = law.takesScans
        let points = try FitPoints(table, columns: source.columns, selection: selection)
        var result = try fit(points, table)
        if let holdOut { add(try heldOut(points.points, share: holdOut), to: &result) }
        if allConventions {
            let conventions = try ConventionTable(
                table, columns: source.columns, selection: source.selection, options: fitting.options)
            result.blocks.append(conventions.text)
            result.warnings += conventions.warnings
            result.fields.append(("conventions", conventions.json))
        }
        if let file = fitting.writeIndices {
            guard !result.resamples.isEmpty else {
                throw Failure(
                    .usage, "--write-indices: this fit draws no resamples; ask for some with --resamples.")
            }
            try ResampleFile.write(result.resamples, points, to: URL(fileURLWithPath: file))
        }
        Console.show(json ? result.json(points) : result.text(points))
        if strict, !result.isTrustworthy {
            throw Failure(.untrustedFit, "The fit cannot be trusted; its warnings say why.")
        }
    }
}
