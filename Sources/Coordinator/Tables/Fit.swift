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
              chinchilla  L(N, D) = E + A/N^alpha + B/D^beta (Hoffmann et al. 2022, approach 3)
              kaplan      L(N) and L(D) as power laws (Kaplan et al. 2020), with and without a constant
            Examples:
              apus fit tables/runs.csv --law chinchilla
              apus fit theirs.csv --law chinchilla --n params --d tokens --loss final_loss --json

            Of our own tables complete runs are taken. A table without tokens takes D = C/(6 N). With --strict a fit \
            that cannot be trusted ends with exit code 6.
            """)

    enum Law: String, ExpressibleByArgument, CaseIterable { case chinchilla, kaplan }

    @Argument(help: "A CSV or JSONL file with one row per run.") var table: String
    @Option(help: "The law.") var law: Law
    @Option(help: ArgumentHelp("Column of the parameters.", valueName: "col")) var n = FitPoints.Columns().n
    @Option(help: ArgumentHelp("Column of the tokens.", valueName: "col")) var d = FitPoints.Columns().d
    @Option(help: ArgumentHelp("Column of the FLOPs.", valueName: "col")) var c = FitPoints.Columns().c
    @Option(help: ArgumentHelp("Column of the loss, in nats per token.", valueName: "col"))
    var loss = FitPoints.Columns().loss
    @Option(help: "Where Huber's loss of the log residuals turns from squares to lines.") var huberDelta = 1e-3
    @Flag(help: "Exit with 6 when the fit cannot be trusted.") var strict = false
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        guard huberDelta > 0, huberDelta.isFinite else {
            throw ValidationError("--huber-delta is \(huberDelta); it must be above 0.")
        }
    }

    func run() throws {
        let columns = FitPoints.Columns(n: n, d: d, c: c, loss: loss)
        let points = try FitPoints(try Table(contentsOf: URL(fileURLWithPath: table)), columns: columns)
        let fitted = try fit(points)
        Console.show(fitted.text)
        if strict, !fitted.isTrustworthy {
            throw Failure(.untrustedFit, "The fit cannot be trusted; its warnings say why.")
        }
    }

    private func fit(_ points: FitPoints) throws -> (text: String, isTrustworthy: Bool) {
        switch law {
        case .chinchilla:
            let fit = try ChinchillaFit(points.points, options: ChinchillaOptions(huberDelta: huberDelta))
            return (json ? fit.json(dropped: points.dropped) : fit.text(dropped: points.dropped), fit.isTrustworthy)
        case .kaplan:
            let fit = try KaplanFit(points.points, huberDelta: huberDelta)
            return (json ? fit.json(dropped: points.dropped) : fit.text(dropped: points.dropped), fit.isTrustworthy)
        }
    }
}
