import Experiment
import Foundation
import Reports
import ScalingLaws

/// The final loss of a run that is under way, in words or JSON.
struct ForecastOfRun {
    let record: RunRecord
    let siblings: [RunRecord]
    let resamples: Int
    let seed: UInt64
    let json: Bool

    /// - Throws: `Failure` when a folder holds no run.
    init(_ directory: RunDirectory, siblings: [String], resamples: Int, seed: UInt64, json: Bool) throws {
        record = try RunRecord(directory)
        let own = directory.url.standardizedFileURL
        self.siblings =
            try siblings.isEmpty
            ? [] : RunTables(paths: siblings).records.filter { $0.directory.url.standardizedFileURL != own }
        (self.resamples, self.seed, self.json) = (resamples, seed, json)
    }

    func run() throws {
        let (used, left) = alike()
        let forecast = try RunForecast(
            ScheduledCurve(record), siblings: used.map { ScheduledCurve($0) }, resamples: resamples, seed: seed)
        Console.show(json ? try text(forecast) : Console.style.plain(words(forecast, left: left)))
    }

    /// Complete runs with the same kind of schedule and batch: what one run learns from another is the shape of its curve.
    private func alike() -> (used: [RunRecord], left: Int) {
        let used = siblings.filter { sibling in
            sibling.status == .complete && sibling.step == sibling.config.steps
                && sibling.config.schedule.kind == record.config.schedule.kind
                && sibling.config.tokensPerStep == record.config.tokensPerStep
        }
        return (used, siblings.count - used.count)
    }

    private func words(_ forecast: RunForecast, left: Int) -> String {
        let (low, high) = (forecast.interval.lowerBound, forecast.interval.upperBound)
        var text =
            "\(record.config.name) at step \(forecast.step) of \(forecast.steps): the final "
            + (forecast.isHeldOut ? "held-out" : "training") + " loss will be \(Humanly.loss(forecast.loss)) nats per "
            + "token, 95 % \(Humanly.loss(low)) … \(Humanly.loss(high))\n"
        text +=
            "The rate has done \(Humanly.percent(forecast.annealed)) of its annealing. Errors of the curve's fit "
            + "\(Humanly.significant(100 * forecast.bootstrapError, 2)) %, "
        if forecast.checks.isEmpty {
            text +=
                "of forecasts without siblings to check them on \(Humanly.significant(100 * forecast.checkError, 2)) %.\n"
            text += "Complete runs of the same kind make this narrower: --siblings DIR.\n"
        } else {
            text +=
                "of forecasts of \(forecast.checks.count) siblings at the same share "
                + "\(Humanly.significant(100 * forecast.checkError, 2)) %.\n"
        }
        if left > 0 {
            text += "\(left) siblings left out: not complete, or of another schedule or batch.\n"
        }
        return text
    }

    private func text(_ forecast: RunForecast) throws -> String {
        try SnakeCaseJSON.text(
            Answer(
                name: record.config.name, step: forecast.step, steps: forecast.steps, loss: forecast.loss,
                interval: [forecast.interval.lowerBound, forecast.interval.upperBound], level: 0.95,
                heldOut: forecast.isHeldOut, annealed: forecast.annealed, bootstrapError: forecast.bootstrapError,
                checkError: forecast.checkError,
                siblings: forecast.checks.map {
                    Sibling(name: $0.name, predicted: $0.predicted, actual: $0.actual, error: $0.error)
                })) + "\n"
    }

    private struct Answer: Encodable {
        let name: String
        let step: Int, steps: Int
        let loss: Double
        let interval: [Double]
        let level: Double
        let heldOut: Bool
        let annealed: Double, bootstrapError: Double, checkError: Double
        let siblings: [Sibling]
    }

    private struct Sibling: Encodable {
        let name: String
        let predicted: Double, actual: Double, error: Double
    }
}

extension ScheduledCurve {
    /// A run's ledger and the rest of its schedule.
    init(_ record: RunRecord) {
        self.init(
            name: record.config.name, rates: (0..<record.config.steps).map { record.config.learningRate(update: $0) },
            losses: record.rows.map(\.trainLoss),
            evaluations: record.rows.compactMap { row in row.evalLoss.map { (step: row.step, loss: $0) } })
    }
}
