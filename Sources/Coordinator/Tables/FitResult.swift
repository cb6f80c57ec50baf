import Foundation
import ScalingLaws

/// What the fit of any law says, for a terminal and as JSON (DESIGN §5).
struct FitResult {
    /// A named number with what is known of its error.
    struct Parameter {
        let name: String
        let value: Double
        var error: Double?
        /// 95 %.
        var interval: ClosedRange<Double>?
        var unit = ""
    }

    /// As `--law` names it.
    let law: String
    let formula: String
    let pointCount: Int
    let parameters: [Parameter]
    /// What follows from the parameters: exponents and factor of the compute optimum.
    var optimum: [Parameter] = []
    /// What the optimum's numbers are.
    var optimumFormula: String?
    let objective: Double
    /// What was summed.
    let objectiveName: String
    /// Lines of a label and a text.
    var facts: [(label: String, text: String)] = []
    /// Blocks of text below the facts.
    var blocks: [String] = []
    var warnings: [FitWarning] = []
    /// More of the JSON: names, and values that are JSON already.
    var fields: [(String, String)] = []
    /// Bootstrap resamples by places among the points, where there are any.
    var resamples: [[Int]] = []

    var isTrustworthy: Bool { !warnings.contains(where: \.isGrave) }

    /// The parameters, and of the optimum what is none of them.
    private var all: [Parameter] {
        parameters + optimum.filter { derived in !parameters.contains { $0.name == derived.name } }
    }

    /// The fit as a person reads it; warnings last.
    func text(_ points: FitPoints) -> String {
        var lines = ["\(formula)    fitted to \(pointCount) \(pointCount == 1 ? "point" : "points")", ""]
        lines += Self.aligned(all)
        if let optimumFormula { lines += ["", optimumFormula] }
        lines.append("")
        let facts = [("objective", "\(Number.exact(objective))  (\(objectiveName))")] + self.facts
        lines += TextColumns.aligned(facts.map { [$0.0, $0.1] })
        for block in blocks { lines += ["", block] }
        if !points.dropped.isEmpty || !warnings.isEmpty { lines.append("") }
        lines += points.dropped.map { "note: \($0)" }
        lines += warnings.map { "\($0.isGrave ? "do not trust" : "caution"): \($0.text)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func aligned(_ parameters: [Parameter]) -> [String] {
        let rows = parameters.map { parameter in
            [
                parameter.name, Number.significant(parameter.value, 6), parameter.error.map(Number.short) ?? "",
                parameter.interval.map(text) ?? "", parameter.unit,
            ]
        }
        return TextColumns.aligned([["", "value", "std. error", "95 % interval", ""]] + rows)
    }

    static func text(_ interval: ClosedRange<Double>) -> String {
        "\(Number.short(interval.lowerBound)) … \(Number.short(interval.upperBound))"
    }

    /// One object: the keys that every law has, those of this one, and which rows were fitted.
    func json(_ points: FitPoints) -> String {
        JSONText.document(
            [
                ("law", JSONText.string(law)), ("formula", JSONText.string(formula)),
                ("objective", JSONText.number(objective)), ("objective_is", JSONText.string(objectiveName)),
                ("n_points", String(pointCount)), ("parameters", Self.object(parameters) { JSONText.number($0.value) }),
                ("intervals", Self.object(all) { $0.interval.map(Self.pair) }),
                ("standard_errors", Self.object(all) { $0.error.map(JSONText.number) }),
                ("optimum", Self.object(optimum) { JSONText.number($0.value) }),
                ("warnings", JSONText.array(warnings.map { JSONText.string($0.text) })),
                ("trustworthy", isTrustworthy ? "true" : "false"),
            ] + fields + Self.provenance(points))
    }

    static func pair(_ interval: ClosedRange<Double>) -> String {
        JSONText.array([JSONText.number(interval.lowerBound), JSONText.number(interval.upperBound)])
    }

    private static func object(_ parameters: [Parameter], _ value: (Parameter) -> String?) -> String {
        JSONText.object(parameters.compactMap { parameter in value(parameter).map { (parameter.name, $0) } })
    }

    /// Where the numbers came from: enough to fit the same rows again, with this program or another.
    private static func provenance(_ points: FitPoints) -> [(String, String)] {
        let columns = points.columns
        let rows = points.points.map { point in
            JSONText.array(
                [point.n, point.d, point.compute, point.loss, point.weight].map(JSONText.number))
        }
        return [
            ("source", JSONText.string(points.source)),
            (
                "columns",
                JSONText.object([
                    ("n", JSONText.string(columns.n)), ("d", JSONText.string(columns.d)),
                    ("c", JSONText.string(columns.c)), ("loss", JSONText.string(columns.loss)),
                    ("d_from_c", columns.tokensFromCompute ? "true" : "false"),
                ])
            ),
            ("filters", JSONText.array(points.selection.filters.map { JSONText.string($0.description) })),
            ("highest_losses_dropped", String(points.selection.highestLossesDropped)),
            ("dropped", JSONText.array(points.dropped.map(JSONText.string))),
            ("rows", JSONText.array(points.rows.map(String.init))), ("rows_sha256", JSONText.string(points.digest)),
            ("points_n_d_c_loss_weight", JSONText.array(rows)),
        ]
    }
}
