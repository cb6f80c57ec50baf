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
              compute           L(C) = a C^-b + c through the runs that no cheaper one beats
              data-constrained  L(N, D, unique tokens), where repeats are worth ever less (Muennighoff et al. 2023)
            Examples:
              apus fit tables/runs.csv --law chinchilla
              apus fit tables/runs.csv --law chinchilla --all-conventions
              apus fit theirs.csv --law chinchilla --n params --c flops --loss final_loss --d-from-c --json
              apus fit theirs.jsonl --law chinchilla --n N --d D --loss L --where 'D>1e9' --drop-highest-loss 5

            Only finished runs are fitted: a column `status` must say complete (or finished, done, …), \
            `schedule_fraction` must not be below 1, `role` must be a run's; what is left out is told. A table without \
            tokens takes D = C/(6 N). With --strict a fit that cannot be trusted ends with exit code 6.
            """)

    enum Law: String, ExpressibleByArgument, CaseIterable {
        case chinchilla, kaplan, compute
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
    @Flag(help: "Fit with each N of the table, and show the exponents by each count of FLOPs.")
    var allConventions = false
    @Flag(help: "Exit with 6 when the fit cannot be trusted.") var strict = false
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        guard !allConventions || law == .chinchilla else {
            throw ValidationError("--all-conventions compares exponents of N and D: it needs --law chinchilla.")
        }
        guard base == nil || law == .dataConstrained else {
            throw ValidationError("--base is for --law data-constrained.")
        }
    }

    func run() throws {
        let table = try source.read()
        let points = try FitPoints(table, columns: source.columns, selection: source.selection)
        var result = try fit(points)
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
        case .chinchilla: return FitResult(try LawFit(.chinchilla, points.points, options: options))
        case .kaplanIrreducible: return FitResult(try LawFit(.kaplanIrreducible, points.points, options: options))
        case .kaplan:
            let joint = [LawForm.kaplan, .kaplanIrreducible].compactMap {
                try? LawFit($0, points.points, options: options)
            }
            return FitResult(try KaplanFit(points.points, huberDelta: fitting.huberDelta), joint: joint)
        case .compute:
            let frontier = ComputeFrontier(points.points)
            var plain = options
            plain.indices = nil
            var result = FitResult(try LawFit(.compute, frontier.points, options: plain))
            result.facts.append(("runs taken", frontier.rule))
            result.resamples = []
            return result
        case .dataConstrained:
            guard let base else { return FitResult(try LawFit(.dataConstrained, points.points, options: options)) }
            let law = try FitFile(URL(fileURLWithPath: base)).law
            return FitResult(try LawFit(dataConstrainedFrom: law, points.points, options: options))
        }
    }
}

/// The runs that no cheaper one beats: the points of a law in C alone.
struct ComputeFrontier {
    let points: [FitPoint]
    let rule: String

    init(_ all: [FitPoint]) {
        var best = Double.infinity
        points = all.sorted { ($0.compute, $0.loss) < ($1.compute, $1.loss) }.filter { point in
            guard point.loss < best else { return false }
            best = point.loss
            return true
        }
        rule = "\(points.count) of \(all.count), those that no cheaper run beats"
    }
}
