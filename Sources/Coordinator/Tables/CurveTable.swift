import Foundation
import ScalingLaws

/// Training curves from a table with a row per step, as `apus table` writes them, of the runs that are fitted.
struct CurveTable {
    let curves: [LossCurve]
    /// What was left out.
    let notes: [String]

    /// - Parameters:
    ///   - loss: the column of the loss along the way.
    ///   - points: the finished runs; curves of other runs are left out, so that no unfinished one wins unawares.
    /// - Throws: `TableError` for a missing column, a cell of a fitted run that is no possible number, two runs of one name,
    ///   and when no run is left.
    init(_ url: URL, loss: String, points: FitPoints) throws {
        let table = try Table(contentsOf: url)
        let columns = points.columns
        let runs = try table.texts(columns.label)
        let n = try table.doubles(columns.n)
        let tokens = try table.doubles(columns.d)
        let flops = try table.hasColumn(columns.c) ? table.doubles(columns.c) : zip(n, tokens).map { 6 * $0 * $1 }
        let losses = try table.optionalDoubles(loss)
        let finished = try Self.byName(points, in: Set(runs))
        var names: [String] = []
        var steps: [String: [(tokens: Double, flops: Double, loss: Double)]] = [:]
        var sizes: [String: Double] = [:]
        for row in runs.indices {
            guard let value = losses[row] else { continue }
            if finished[runs[row]] != nil {
                // A step before the first update has taken no tokens yet.
                for (number, column, isPossible) in [
                    (value, loss, value > 0), (n[row], columns.n, n[row] > 0),
                    (tokens[row], columns.d, tokens[row] >= 0),
                    (flops[row], columns.c, flops[row] >= 0),
                ] where !(isPossible && number.isFinite) {
                    throw TableError(
                        "\(table.place(row, column)) is \(Number.exact(number)), which no curve of a finished run has: "
                            + "correct or remove the row, or leave \(runs[row]) out with --where")
                }
                if let size = sizes[runs[row]], size != n[row] {
                    throw TableError(
                        "\(table.place(row, columns.n)) is \(Number.exact(n[row])), and \(runs[row]) had "
                            + "\(Number.exact(size)) before: two runs of one name are no curve, give each its own")
                }
            }
            if steps[runs[row]] == nil { names.append(runs[row]) }
            steps[runs[row], default: []].append((tokens[row], flops[row], value))
            sizes[runs[row]] = n[row]
        }
        let known = names.filter { finished[$0] != nil }
        guard !known.isEmpty else {
            throw TableError(
                "\(url.lastPathComponent) has no curve of any of the \(points.points.count) runs fitted: its column "
                    + "\(columns.label) must name them")
        }
        for name in known {
            let places = steps[name, default: []].map(\.tokens)
            guard Set(places).count == places.count else {
                throw TableError(
                    "\(url.lastPathComponent) has two losses of \(name) at one number of tokens: two runs of one name are no "
                        + "curve, give each its own in the column \(columns.label)")
            }
        }
        curves = known.map { name in
            LossCurve(
                run: name, n: sizes[name] ?? 0, points: steps[name] ?? [], cluster: finished[name]?.cluster)
        }
        let others = names.count - known.count
        notes = others == 0 ? [] : ["\(others) curves left out, whose runs are not among those fitted"]
    }

    /// The fitted runs by their names, by which curves are found.
    private static func byName(_ points: FitPoints, in names: Set<String>) throws -> [String: FitPoint] {
        let groups = Dictionary(grouping: points.points.filter { names.contains($0.label) }, by: \.label)
        if let twice = groups.keys.sorted().first(where: { groups[$0, default: []].count > 1 }) {
            throw TableError(
                "\(groups[twice, default: []].count) of the runs fitted of \(points.source) are named \(twice), and a curve is "
                    + "found by its run's name: give each its own in the column \(points.columns.label)")
        }
        return groups.compactMapValues(\.first)
    }

    /// Points of the curves for a law in steps: of each run about `count`, log-spaced in its steps and after the first
    /// twentieth, which is warm-up. Steps are tokens over the tokens of a step.
    func points(of fitted: FitPoints, count: Int = 40) throws -> [FitPoint] {
        let runs = Dictionary(fitted.points.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
        return try curves.flatMap { curve -> [FitPoint] in
            guard let batch = runs[curve.run]?.batchTokens else {
                throw TableError(
                    "\(fitted.source) does not tell the tokens of a step of \(curve.run): name its column with --batch-column"
                )
            }
            let smooth = curve.smoothed(window: 10).points
            guard let last = smooth.last?.tokens else { return [] }
            var next = last / 20
            return smooth.compactMap { step in
                guard step.tokens >= next else { return nil }
                next = step.tokens * pow(20, 1 / Double(count))
                return FitPoint(
                    n: curve.n, d: step.tokens, c: step.flops, loss: step.loss, label: curve.run,
                    cluster: curve.cluster,
                    steps: step.tokens / batch, batchTokens: batch)
            }
        }
    }
}
