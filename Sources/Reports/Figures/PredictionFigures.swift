import ScalingLaws

extension ReportFigures {
    /// What was predicted, and how it came.
    var predictions: [Exhibit] {
        let scored = report.predictions.filter { $0.measured != nil }
        let open = report.predictions.count - scored.count
        guard !scored.isEmpty else {
            let because =
                open == 0
                ? "none is filed in predictions/ beside the page; file one with apus predict before the next, larger run"
                : "\(open) filed, and none of those runs is complete yet"
            return [.missing("Predictions and their score", because: because)]
        }
        return [.figure(predictionErrors(scored)), .paragraph(coverage(scored, open: open))]
    }

    /// How far every prediction was off, in per cent of the measured loss, with its interval.
    private func predictionErrors(_ scored: [PredictedRun]) -> Figure {
        let rows = scored.map { prediction in
            let measured = prediction.measured ?? prediction.predicted
            let percent: (Double) -> Double = { 100 * ($0 / measured - 1) }
            let interval = prediction.interval.map { percent($0.lowerBound)...percent($0.upperBound) }
            return IntervalPlot.Row(prediction.name, percent(prediction.predicted), interval: interval, isOurs: true)
        }
        return Figure(
            "predictions", "How far the predictions were off",
            [
                IntervalPlot(
                    "Predicted against measured losses", axis: Axis("predicted − measured (% of the loss)", .linear),
                    rows: rows + [IntervalPlot.Row("measured", 0)])
            ],
            caption: "Each with the 95 % interval that was predicted; an interval that reaches 0 holds. "
                + Set(scored.map(\.origin)).sorted().joined(separator: "; ") + ".")
    }

    /// How many intervals hold, against how many should.
    private func coverage(_ scored: [PredictedRun], open: Int) -> String {
        let judged = scored.filter { $0.interval != nil }
        let held = judged.count { run in run.measured.map { run.interval?.contains($0) ?? false } ?? false }
        let waiting = open == 0 ? "" : " \(open) more \(open == 1 ? "waits" : "wait") for the run."
        guard !judged.isEmpty else { return "No prediction came with an interval.\(waiting)" }
        return "\(held) of \(judged.count) intervals of 95 % hold the measured loss.\(waiting)"
    }
}
