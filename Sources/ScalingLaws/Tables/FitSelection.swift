import Foundation

/// Which rows of a table are fitted. Rows of unfinished, diverged or mid-schedule runs are left out unless they are asked
/// for: their losses are no points of a law.
public struct FitSelection: Sendable, Equatable {
    /// Conditions that a row must meet, all of them.
    public var filters: [RowFilter]
    /// This many rows of the highest loss are left out, after everything else.
    public var highestLossesDropped: Int
    /// Rows are taken whatever `status`, `schedule_fraction` and `role` say of them, and those of scans.
    public var takesUnfinished: Bool

    /// Of runs that differ in learning rate or batch alone all are taken, not the best one only.
    public var takesScans: Bool

    /// All complete runs, unless told otherwise.
    public init(
        filters: [RowFilter] = [], highestLossesDropped: Int = 0, takesUnfinished: Bool = false,
        takesScans: Bool = false
    ) {
        self.filters = filters
        self.highestLossesDropped = highestLossesDropped
        self.takesUnfinished = takesUnfinished
        self.takesScans = takesScans
    }

    /// What a `status` says of a run that ended as it should, in our tables and in those of others.
    static let finished: Set<String> = [
        "complete", "completed", "finished", "done", "success", "successful", "succeeded", "ok",
    ]
    /// What a `role` says of a run that counts by itself.
    static let ownRoles: Set<String> = ["", "run"]

    /// A run whose last loss is above its lowest by this share broke down on the way.
    static let brokenRise = 0.05

    /// The rows that are left, and a sentence per reason for those that are not.
    /// - Throws: `TableError` for a share of the schedule that is no number, and what the filters throw.
    func rows(of table: Table, columns: FitColumns) throws -> (rows: [Int], notes: [String]) {
        var rows = Array(0..<table.rowCount)
        var notes: [String] = []
        let reasons = try unfinished(table, columns)
        if takesUnfinished {
            let odd = rows.filter { reasons[$0] != nil }
            if !odd.isEmpty {
                notes.append(
                    Self.sentence(
                        odd, "fitted as asked, though their status, schedule or role speaks against it", table, columns)
                )
            }
        } else {
            notes += Self.sentences(rows.compactMap { row in reasons[row].map { (row, $0) } }, table, columns)
            rows.removeAll { reasons[$0] != nil }
        }
        for filter in filters {
            let kept = try rows.filter { try filter.holds(table, row: $0) }
            let dropped = Set(rows).subtracting(kept).sorted()
            if !dropped.isEmpty { notes.append(Self.sentence(dropped, "left out: not \(filter)", table, columns)) }
            rows = kept
        }
        return (rows, notes)
    }

    /// Why a row is no finished run of its own, by row; nil where nothing speaks against it.
    private func unfinished(_ table: Table, _ columns: FitColumns) throws -> [String?] {
        func cells(_ name: String) throws -> [String]? {
            try table.hasColumn(name) ? table.texts(name).map { $0.trimmingCharacters(in: .whitespaces) } : nil
        }
        let (roles, states) = (try cells(columns.role), try cells(columns.status))
        let (fractions, schedules) = (try cells(columns.scheduleFraction), try cells("schedule"))
        let broken = try brokenDown(table, columns)
        return try (0..<table.rowCount).map { row in
            if let role = roles?[row].lowercased(), !Self.ownRoles.contains(role) {
                return "role \"\(role)\", no run of its own"
            }
            if let status = states?[row], !Self.finished.contains(status.lowercased()) {
                return "status \(status.isEmpty ? "empty" : "\"\(status)\""), not complete"
            }
            if broken.contains(row) {
                return "broke down, more than \(Int(100 * Self.brokenRise)) % above its own lowest loss"
            }
            // Without a decay there is no middle of a schedule.
            guard schedules?[row].lowercased() != "constant", let text = fractions?[row], !text.isEmpty else {
                return nil
            }
            guard let fraction = Double(text), fraction.isFinite else {
                if takesUnfinished { return "\(columns.scheduleFraction) \"\(text)\", no number" }
                throw TableError(
                    "\(table.place(row, columns.scheduleFraction)) is \"\(text)\", and the share of its schedule that a run "
                        + "has taken is a number: correct or empty the cell, or take rows whatever it says with --all-rows"
                )
            }
            return fraction < 1 ? "mid-schedule, \(columns.scheduleFraction) below 1" : nil
        }
    }

    /// Rows whose loss ends above what it once was. Runs that read tokens again may do so by overfitting, which the law of
    /// repeats is about: they stay.
    private func brokenDown(_ table: Table, _ columns: FitColumns) throws -> Set<Int> {
        guard table.hasColumn(columns.lossBest), table.hasColumn(columns.loss) else { return [] }
        func numbers(_ name: String) throws -> [Double?] {
            table.hasColumn(name)
                ? try table.texts(name).map { Double($0.trimmingCharacters(in: .whitespaces)) }
                : Array(repeating: nil, count: table.rowCount)
        }
        let (last, best) = (try numbers(columns.loss), try numbers(columns.lossBest))
        let (tokens, unique) = (try numbers(columns.d), try numbers(columns.uniqueTokens))
        return Set(
            (0..<table.rowCount).filter { row in
                guard let last = last[row], let best = best[row], best > 0 else { return false }
                let repeats = (tokens[row] ?? 0) > 1.01 * (unique[row] ?? .infinity)
                return !repeats && last > best * (1 + Self.brokenRise)
            })
    }

    private static func sentences(_ dropped: [(row: Int, reason: String)], _ table: Table, _ columns: FitColumns)
        -> [String]
    {
        let groups = Dictionary(grouping: dropped, by: \.reason)
        return groups.keys.sorted().map { reason in
            sentence(groups[reason, default: []].map(\.row), "left out: \(reason)", table, columns)
        }
    }

    /// "2 rows left out: status "partial", not complete (a, line 7)": rows by name where they are few.
    static func sentence(_ rows: [Int], _ what: String, _ table: Table, _ columns: FitColumns) -> String {
        let labels = table.hasColumn(columns.label) ? try? table.texts(columns.label) : nil
        let names = rows.map { row in
            labels.map { $0[row] }.flatMap { $0.isEmpty ? nil : $0 } ?? "line \(table.line(row))"
        }
        let count = "\(rows.count) \(rows.count == 1 ? "row" : "rows")"
        return "\(count) \(what)" + (rows.count <= 5 ? " (\(names.joined(separator: ", ")))" : "")
    }
}
