extension HoldOut {
    /// The table of errors as a person reads it on a terminal.
    public var text: String {
        var lines = [
            "fitted to \(fitted.count) runs of at most \(Number.short(cut)) FLOPs, tested on \(heldOut.count) larger "
                + (heldOut.count == 1 ? "one" : "ones"), "",
        ]
        let header = ["", "mean error", "largest", "in seed sigma", "AICc", "runs tested"]
        let rows = scores.map { score in
            [
                score.form.rawValue, Self.percent(score.meanError), Self.percent(score.largestError),
                sigmas(score).map { Number.significant($0, 3) } ?? "",
                score.aicc.map { Number.significant($0, 5) } ?? "",
                score.fit == nil ? "no fit" : "\(score.runs.count)",
            ]
        }
        lines += TextColumns.aligned([header] + rows)
        lines += scores.compactMap { score in score.problem.map { "note: \(score.form.rawValue): \($0)" } }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same as one JSON object: `cut, fitted, held_out, scores[{form, mean_error, largest_error, seed_deviations, aicc,
    /// runs, problem}]`; errors as shares of the loss.
    public var json: String {
        JSONText.object([
            ("cut", JSONText.number(cut)), ("fitted", "\(fitted.count)"), ("held_out", "\(heldOut.count)"),
            ("seed_deviation", Self.number(seedDeviation)), ("scores", JSONText.array(scores.map(scoreJSON))),
        ])
    }

    /// The root mean square error in standard deviations of one run over seeds.
    public func sigmas(_ score: Score) -> Double? {
        guard let seedDeviation, seedDeviation > 0, let error = score.rootMeanSquare else { return nil }
        return error / seedDeviation
    }

    private func scoreJSON(_ score: Score) -> String {
        JSONText.object([
            ("form", JSONText.string(score.form.rawValue)), ("mean_error", Self.number(score.meanError)),
            ("largest_error", Self.number(score.largestError)), ("seed_deviations", Self.number(sigmas(score))),
            ("aicc", Self.number(score.aicc)), ("runs", "\(score.runs.count)"),
            ("problem", score.problem.map(JSONText.string) ?? "null"),
        ])
    }

    private static func number(_ value: Double?) -> String { value.map(JSONText.number) ?? "null" }

    private static func percent(_ share: Double?) -> String {
        share.map { "\(Number.significant(100 * $0, 3)) %" } ?? ""
    }
}
