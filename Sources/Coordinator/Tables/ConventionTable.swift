import ScalingLaws

/// The same law fitted under every convention that a table has: what counts as N, and what counts as C.
struct ConventionTable {
    private struct Row {
        let n: String
        let fit: LawFit
        /// What counts as C, and FLOPs per token by it.
        let costs: [(c: String, cost: TokenCost)]
    }

    private let rows: [Row]
    /// Conventions that could not be fitted, and why.
    let notes: [String]

    /// What speaks against the fits by another N than the one that was asked for.
    let warnings: [FitWarning]

    /// The columns of our own `runs` table for N and for C.
    static let sizes = ["n_total", "n_with_head", "n_non_embedding"]
    static let computes = ["flops_6nd", "flops_exact"]

    /// Fits the parametric law once for each N that the table has.
    /// - Throws: `TableError` when the table has fewer than two of them.
    init(_ table: Table, columns: FitColumns, selection: FitSelection, options: (FitPoints) throws -> FitOptions) throws
    {
        let sizes = Self.sizes.filter(table.hasColumn)
        guard sizes.count > 1 else {
            throw TableError(
                "\(table.source) has \(sizes.isEmpty ? "none" : "only one") of the columns \(Self.sizes.joined(separator: ", ")): there are no "
                    + "conventions to compare")
        }
        var rows: [Row] = []
        var notes: [String] = []
        for size in sizes {
            var columns = columns
            columns.n = size
            let points = try FitPoints(table, columns: columns, selection: selection)
            do {
                let fit = try LawFit(.chinchilla, points.points, options: try options(points))
                rows.append(Row(n: size, fit: fit, costs: try Self.costs(table, columns, selection)))
            } catch let error as TableError {
                notes.append("N = \(size) is not fitted: \(error.message)")
            }
        }
        self.rows = rows
        self.notes = notes
        warnings = rows.filter { $0.n != columns.n }.flatMap { row in
            row.fit.warnings.map { $0.prefixed("by N = \(row.n)") }
        }
    }

    private static func costs(_ table: Table, _ columns: FitColumns, _ selection: FitSelection) throws -> [(
        c: String, cost: TokenCost
    )] {
        var result = [(c: "6 N D", cost: TokenCost.sixND)]
        let fitted = try FitPoints(table, columns: columns, selection: selection).points
        for compute in computes where table.hasColumn(compute) {
            var columns = columns
            columns.c = compute
            let counted = try FitPoints(table, columns: columns, selection: selection).points
            // D stays what was fitted: where it comes from C, another count of C would make it another, and C/D 6N again.
            let points = zip(fitted, counted).map { point, count in
                var point = point
                point.c = count.c
                return point
            }
            if let cost = TokenCost(points) { result.append((compute, cost)) }
        }
        return result
    }

    /// Exponents beside each other, a line per N.
    var text: String {
        let names = rows.first?.costs.map(\.c) ?? []
        let header = ["N", "alpha", "beta", "E"] + names.map { "a by C = \($0)" }
        let lines = rows.map { row in
            [row.n] + ["alpha", "beta", "E"].map { cell(row.fit, $0) }
                + row.costs.map { cost in
                    let value = cost.cost.optimumExponent(alpha: row.fit.values[3], beta: row.fit.values[4])
                    return Number.short(value) + (interval(row.fit, cost.cost).map { "  \(FitResult.text($0))" } ?? "")
                }
        }
        return
            (["Exponents by what counts as N and as C: N_opt grows as C^a (95 % intervals)"]
            + TextColumns.aligned([header] + lines) + notes.map { "note: \($0)" })
            .joined(separator: "\n")
    }

    /// An object per N and C.
    var json: String {
        JSONText.array(
            rows.flatMap { row in
                row.costs.map { cost in
                    JSONText.object([
                        ("n", JSONText.string(row.n)), ("c", JSONText.string(cost.c)),
                        ("objective", JSONText.number(row.fit.objective)),
                        (
                            "parameters",
                            JSONText.object(row.fit.parameters.map { ($0.name, JSONText.number($0.value)) })
                        ),
                        ("flops_per_token_exponent", JSONText.number(cost.cost.exponent)),
                        (
                            "a",
                            JSONText.number(
                                cost.cost.optimumExponent(alpha: row.fit.values[3], beta: row.fit.values[4]))
                        ),
                        ("a_interval", interval(row.fit, cost.cost).map(FitResult.pair) ?? "null"),
                    ])
                }
            })
    }

    private func cell(_ fit: LawFit, _ name: String) -> String {
        let value = fit.form.value(name, of: fit.values).map(Number.short) ?? ""
        return value + (fit.interval(name).map { "  \(FitResult.text($0))" } ?? "")
    }

    /// 95 % of a over the bootstrap, as that of every parameter, with the cost of a token as it is.
    private func interval(_ fit: LawFit, _ cost: TokenCost) -> ClosedRange<Double>? {
        fit.interval { cost.optimumExponent(alpha: $0[3], beta: $0[4]) }
    }
}
