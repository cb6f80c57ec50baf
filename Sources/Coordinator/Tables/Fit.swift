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
              auto              the parametric law that best tells the runs of the most compute from the others
            Examples:
              apus fit tables/runs.csv --law chinchilla
              apus fit tables/runs.csv --law chinchilla --all-conventions --hold-out 0.2 --profile
              apus fit tables/runs.csv --law envelope --curves tables/curves.csv
              apus fit theirs.csv --law chinchilla --n params --c flops --loss final_loss --d-from-c --json
              apus fit theirs.jsonl --law chinchilla --n N --d D --loss L --where 'D>1e9' --drop-highest-loss 5

            Only finished runs are fitted: a column `status` must say complete (or finished, done, …), \
            `schedule_fraction` must not be below 1, `role` must be a run's; what is left out is told. A table without \
            tokens takes D = C/(6 N). With --strict a fit that cannot be trusted ends with exit code 6.
            """)

    enum Law: String, ExpressibleByArgument, CaseIterable {
        case chinchilla, kaplan, isoflop, envelope, steps, compute, auto
        case kaplanIrreducible = "kaplan+E"
        case dataConstrained = "data-constrained"
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
    @Option(help: ArgumentHelp("Column of the loss in --curves.", valueName: "col")) var curveLoss = "loss_train"
    @Option(
        help: ArgumentHelp(
            "steps: the critical batch in tokens, by which S becomes S_min; default: S as it is.", valueName: "tokens"))
    var criticalBatch: Double?
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

    func validate() throws {
        guard !allConventions || law == .chinchilla else {
            throw ValidationError("--all-conventions compares exponents of N and D: it needs --law chinchilla.")
        }
        guard !profile || law == .chinchilla else {
            throw ValidationError("--profile is for --law chinchilla.")
        }
        guard !profile || fitting.lossFunction != .asymmetricMAE else {
            throw ValidationError("--profile needs a loss that is a likelihood, and asymmetric-mae is none.")
        }
        guard curves == nil || law == .envelope || law == .steps, curves != nil || law != .envelope else {
            throw ValidationError("--law envelope needs --curves FILE; besides it only --law steps takes one.")
        }
        if let holdOut, !(holdOut > 0 && holdOut < 1) {
            throw ValidationError("--hold-out is \(holdOut); it must be a share between 0 and 1, as 0.2.")
        }
        guard base == nil || law == .dataConstrained else {
            throw ValidationError("--base is for --law data-constrained.")
        }
    }

    func run() throws {
        let table = try source.read()
        let points = try FitPoints(table, columns: source.columns, selection: source.selection)
        var result = try fit(points)
        if let holdOut { add(try heldOut(points.points, share: holdOut), to: &result) }
        if allConventions {
            let conventions = try ConventionTable(
                table, columns: source.columns, selection: source.selection, options: fitting.options)
            result.blocks.append(conventions.text)
            result.fields.append(("conventions", conventions.json))
        }
        if let file = fitting.writeIndices {
            guard !result.resamples.isEmpty else {
                throw Failure(
                    .usage, "--write-indices: this fit draws no resamples; take a parametric law and --resamples.")
            }
            try ResampleFile.write(result.resamples, points, to: URL(fileURLWithPath: file))
        }
        Console.show(json ? result.json(points) : result.text(points))
        if strict, !result.isTrustworthy {
            throw Failure(.untrustedFit, "The fit cannot be trusted; its warnings say why.")
        }
    }

    private func fit(_ points: FitPoints) throws -> FitResult {
        let options = try fitting.options(for: points)
        switch law {
        case .chinchilla:
            let fit = try ChinchillaFit(points.points, options: options)
            var result = FitResult(fit.fit)
            if profile { result.addProfiles(of: fit) }
            return result
        case .auto: return try best(points.points, options)
        case .isoflop:
            let noise = SeedNoise(points.points)
            let isoflop = IsoFLOPFit.Options(resamples: max(fitting.resamples, 300), seed: fitting.seed)
            let fit = try IsoFLOPFit(points.points, noise: noise, options: isoflop)
            let plain = FitOptions(loss: fitting.loss, resamples: 0)
            let surface = try? ChinchillaFit(points.points, options: plain)
            return FitResult(fit, points: points.points.count, surface: surface?.law)
        case .steps: return try steps(points)
        case .envelope:
            let table = try CurveTable(URL(fileURLWithPath: curves ?? ""), loss: curveLoss, points: points)
            let options = EnvelopeFit.Options(resamples: fitting.resamples, seed: fitting.seed)
            var result = FitResult(try EnvelopeFit(table.curves, options: options))
            result.facts += table.notes.map { ("curves", $0) }
            return result
        case .kaplanIrreducible: return FitResult(try LawFit(.kaplanIrreducible, points.points, options: options))
        case .kaplan:
            let joint = [LawForm.kaplan, .kaplanIrreducible].compactMap {
                try? LawFit($0, points.points, options: options)
            }
            return FitResult(try KaplanFit(points.points, huberDelta: fitting.huberDelta), joint: joint)
        case .compute:
            let frontier = HoldOut.frontier(points.points)
            var result = FitResult(try LawFit(.compute, frontier, options: fitting.plainOptions))
            result.facts.append(
                ("runs taken", "\(frontier.count) of \(points.points.count), those that no cheaper run beats"))
            // Its places are those of the frontier, not of the table.
            result.resamples = []
            return result
        case .dataConstrained:
            guard let base else { return FitResult(try LawFit(.dataConstrained, points.points, options: options)) }
            let law = try FitFile(URL(fileURLWithPath: base)).law
            return FitResult(try LawFit(dataConstrainedFrom: law, points.points, options: options))
        }
    }

    /// Kaplan et al.'s eq. 5.4 with one critical batch: S_min = S/(1 + B_crit/B).
    private func steps(_ fitted: FitPoints) throws -> FitResult {
        var points = fitted.points
        var notes: [String] = []
        if let curves {
            let table = try CurveTable(URL(fileURLWithPath: curves), loss: curveLoss, points: fitted)
            (points, notes) = (try table.points(of: fitted), table.notes)
        }
        let minimum = try criticalBatch.map { critical in
            try points.map { point in
                guard let steps = point.steps, let batch = point.batchTokens else {
                    throw TableError("\(point.label) has no steps or no tokens of a step, which --critical-batch needs")
                }
                return steps / (1 + critical / batch)
            }
        }
        let options = FitOptions(loss: fitting.loss, resamples: min(fitting.resamples, 100), seed: fitting.seed)
        let rule =
            criticalBatch.map { "S_min = S/(1 + B_crit/B) with B_crit = \(Number.short($0)) tokens" }
            ?? "the updates as they are: right for batches far above the critical, else give --critical-batch"
        var result = FitResult(
            try StepsLaw(points, minimumSteps: minimum, options: options), points: points.count, rule: rule)
        result.facts += notes.map { ("curves", $0) }
        return result
    }

    /// The form that tells the held-out runs best, fitted to all runs.
    private func best(_ points: [FitPoint], _ options: FitOptions) throws -> FitResult {
        let test = try heldOut(points, share: holdOut ?? 0.2)
        guard let form = test.scores.first(where: { $0.fit != nil })?.form else {
            let problems = test.scores.compactMap(\.problem).joined(separator: "; ")
            throw TableError("no law can be fitted to these runs: \(problems)")
        }
        let taken = form == .compute ? HoldOut.frontier(points) : points
        var result = FitResult(try LawFit(form, taken, options: form == .compute ? fitting.plainOptions : options))
        result.facts.insert(("chosen", "\(form.rawValue), by its error on the runs held out"), at: 0)
        if holdOut == nil { add(test, to: &result) }
        return result
    }

    private func heldOut(_ points: [FitPoint], share: Double) throws -> HoldOut {
        try HoldOut(
            points, share: share, seedDeviation: SeedNoise(points)?.standardDeviation,
            options: FitOptions(loss: fitting.loss, resamples: 0))
    }

    private func add(_ test: HoldOut, to result: inout FitResult) {
        result.blocks.append(test.text.trimmingCharacters(in: .newlines))
        result.fields.append(("hold_out", test.json.trimmingCharacters(in: .newlines)))
    }
}
