import ArgumentParser
import Experiment
import Foundation
import ScalingLaws

/// What `apus plan` is asked of a law instead of a configuration: a budget or a loss, and whose law answers.
struct BudgetArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Without a configuration: the best N and D for this budget, in FLOPs (1e21) or PF-days (10PFd).",
            valueName: "C"))
    var budget: Compute?
    @Option(help: ArgumentHelp("Or the least budget that reaches this loss, in nats per token.", valueName: "L"))
    var targetLoss: Double?
    @Option(help: ArgumentHelp("With this many parameters instead of the best number.", valueName: "N"))
    var n: Double?
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Sizes that are cheap to use: the tokens that bring each to the same loss, what that costs, and after how "
                + "many generated tokens it pays.", valueName: "N"))
    var deploymentN: [Double] = []
    @Option(help: "A published law: kaplan, hoffmann or epoch.") var law: BudgetLaw.Published?
    @Option(
        help: ArgumentHelp(
            "A law of one's own: a table of runs, or what apus fit --law chinchilla --json wrote.", valueName: "file"))
    var fit: String?
    @Option(help: ArgumentHelp("GFLOP/s of a rank, for hours.", valueName: "g")) var gflops: Double?
    @Option(
        help: ArgumentHelp(
            "The most that the next run may cost, in FLOPs or PF-days; default: the dearest run of the table.",
            valueName: "C"))
    var nextBudget: Compute?

    var isAsked: Bool { budget != nil || targetLoss != nil }

    func validate() throws {
        guard isAsked else {
            guard n == nil, deploymentN.isEmpty, law == nil, fit == nil, gflops == nil, nextBudget == nil else {
                throw ValidationError("What is planned? Add --budget C or --target-loss L, or name a configuration.")
            }
            return
        }
        guard budget == nil || targetLoss == nil else {
            throw ValidationError("--budget and --target-loss ask two questions; give one.")
        }
        guard (law == nil) != (fit == nil) else {
            throw ValidationError(
                "Whose law? Name one: --law \(BudgetLaw.Published.allCases.map(\.rawValue).joined(separator: "|")), or --fit "
                    + "with a table or a fit's JSON.")
        }
        let numbers = [("--target-loss", targetLoss), ("--n", n), ("--gflops", gflops)]
        for case (let name, let value?) in numbers + deploymentN.map({ ("--deployment-n", $0) })
        where !(value > 0 && value.isFinite) {
            throw ValidationError("\(name) is \(value); it must be a number above 0.")
        }
        guard nextBudget == nil || fit != nil else {
            throw ValidationError("--next-budget needs the runs of a --fit; a published law has none.")
        }
    }
}

/// Training compute as people write it: 1e21 (FLOPs), 10PFd (PF-days of 8.64e19).
struct Compute: ExpressibleByArgument, Equatable {
    let flops: Double

    init?(argument: String) {
        let text = argument.lowercased()
        let unit = ["pf-days", "pf-day", "pfdays", "pfd"].first(where: text.hasSuffix)
        guard let value = Double(text.dropLast(unit?.count ?? 0)), value > 0, value.isFinite else { return nil }
        flops = unit == nil ? value : value * KaplanConstants.petaflopDay
    }
}
