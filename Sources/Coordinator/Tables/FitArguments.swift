import ArgumentParser
import Experiment
import Foundation
import ScalingLaws

/// What a fit minimises, and how its intervals are drawn.
struct FitArguments: ParsableArguments {
    enum LossFunction: String, ExpressibleByArgument, CaseIterable {
        case huber, lad, mse
        case logMSE = "log-mse"
        case asymmetricMAE = "asymmetric-mae"
    }

    @Option(
        help: """
            What is summed: huber, lad, log-mse of ln L; mse, asymmetric-mae (ten times above the loss) of L itself.
            """)
    var lossFunction = LossFunction.huber
    @Option(help: "Where Huber's loss of the log residuals turns from squares to lines.") var huberDelta = 1e-3
    @Option(help: "Bootstrap resamples behind the intervals; 0 for none.") var resamples = 300
    @Option(help: "Of the resamples.") var seed: UInt64 = 1
    @Option(
        help: ArgumentHelp(
            "Draw these resamples: a CSV without header, a resample per line, rows of the table counted from 0.",
            valueName: "file"))
    var resampleIndices: String?
    @Option(help: ArgumentHelp("Write the resamples that were drawn to this file, in that form.", valueName: "file"))
    var writeIndices: String?

    func validate() throws {
        guard huberDelta > 0, huberDelta.isFinite else {
            throw ValidationError("--huber-delta is \(huberDelta); it must be above 0.")
        }
        guard resamples >= 0 else { throw ValidationError("--resamples is \(resamples); it cannot be below 0.") }
    }

    /// - Throws: `TableError` for resamples that name rows which are not fitted.
    func options(for points: FitPoints) throws -> FitOptions {
        let indices = try resampleIndices.map { try ResampleFile.read(URL(fileURLWithPath: $0), points) }
        return FitOptions(loss: loss, resamples: resamples, seed: seed, indices: indices)
    }

    /// Without given resamples, for a fit to some of the rows.
    var plainOptions: FitOptions { FitOptions(loss: loss, resamples: resamples, seed: seed) }

    var loss: FitLoss {
        switch lossFunction {
        case .huber: .huber(delta: huberDelta)
        case .lad: .lad
        case .mse: .mse
        case .logMSE: .logMSE
        case .asymmetricMAE: .asymmetricMAE(ratio: 10)
        }
    }
}

/// Resamples as other programs read and write them: a CSV without header, one resample per line, each a list of rows of
/// the table, counted from 0 without its header.
enum ResampleFile {
    /// - Returns: places among `points`.
    static func read(_ url: URL, _ points: FitPoints) throws -> [[Int]] {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else {
            throw TableError("cannot read the resamples \(url.path): name a text file with a resample per line")
        }
        let places = Dictionary(uniqueKeysWithValues: points.rows.enumerated().map { ($1, $0) })
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        let resamples = try lines.filter { !$0.element.isEmpty }.map { number, line in
            try line.split(separator: ",").map { cell in
                let row = Int(cell.trimmingCharacters(in: .whitespaces))
                guard let row, let place = places[row] else {
                    throw TableError(
                        "\(url.lastPathComponent), line \(number + 1) draws row \(cell), which is none of the \(points.rows.count) "
                            + "rows fitted of \(points.source): rows count from 0, and those left out cannot be drawn")
                }
                return place
            }
        }
        guard !resamples.isEmpty else { throw TableError("\(url.lastPathComponent) holds no resample: add a line") }
        return resamples
    }

    static func write(_ resamples: [[Int]], _ points: FitPoints, to url: URL) throws {
        let lines = resamples.map { $0.map { String(points.rows[$0]) }.joined(separator: ",") + "\n" }
        try DurableFile.replace(url, with: Data(lines.joined().utf8))
    }
}
