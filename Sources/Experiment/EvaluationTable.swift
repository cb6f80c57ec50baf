import Foundation

/// The file `evaluations.csv`: one row per evaluation and source, the first of step 0, none missing, none twice, after
/// any number of crashes. A resume from step k first cuts the file back to the evaluations that its checkpoint covers.
public final class EvaluationTable {
    private let file: RowFile

    /// Opens the table with these rows and nothing behind them, creating it where there is none.
    public init(at url: URL, keeping rows: [EvaluationRow]) throws {
        file = try RowFile(at: url, columns: EvaluationRow.columns, rows: rows.map(\.csv))
    }

    /// The rows that a checkpoint after `step` steps covers. Those behind it are not looked at. Run folders of earlier
    /// versions have no table, and theirs begins with a resume.
    /// - Parameters:
    ///   - evaluated: the steps from 1 to `step` at which the ledger has a held-out loss, ascending.
    ///   - sources: what each evaluation has a row of, in order.
    /// - Throws: `Failure(.badData)` when rows of an evaluation are missing between others or at the end.
    public static func rows(
        at url: URL, upTo step: Int, evaluated: [Int], sources: [String]
    ) throws -> [EvaluationRow] {
        guard step > 0 else { return [] }
        // A crash of the machine may have left anything behind these rows.
        let rows = try read(url, atMost: step, rows: (1 + evaluated.count) * sources.count)
        let steps = stride(from: 0, to: rows.count, by: sources.count).map { rows[$0].step }
        let expected = rows.first?.step == 0 ? [0] + evaluated : Array(evaluated.suffix(steps.count))
        let complete = expected.flatMap { step in sources.map { (step, $0) } }
        guard complete.elementsEqual(rows.map { ($0.step, $0.source) }, by: ==) else {
            throw Failure(
                .badData,
                "\(url.path) does not hold one row for each of \(sources.joined(separator: ", ")) at each evaluation "
                    + "up to step \(step) that the ledger has; bring the file back, or start with --fresh.")
        }
        return rows
    }

    /// Appends the rows of an evaluation. Rows that a full disk does not take are tried again with the next ones.
    public func append(_ rows: [EvaluationRow]) { file.append(rows.map(\.csv)) }

    /// Makes the rows so far survive a crash of the machine; to be called before a checkpoint relies on them.
    /// - Throws: `Failure(.worker)` when the disk does not take them.
    public func synchronize() throws { try file.synchronize() }

    /// The first whole rows of a file, up to `limit` of them or the first of a later step than `last`; empty when there
    /// is no file. A torn last line is left out.
    /// - Throws: `Failure(.badData)` when a line other than the last is no row.
    public static func read(_ url: URL, atMost last: Int = .max, rows limit: Int = .max) throws -> [EvaluationRow] {
        var rows: [EvaluationRow] = []
        let lines = try RowFile.rows(of: url, columns: EvaluationRow.columns, name: "table of evaluations")
        for line in lines.prefix(limit) {
            guard let row = EvaluationRow(csv: line), row.step >= rows.last?.step ?? 0 else {
                throw Failure(
                    .badData,
                    "\(url.path) is damaged: line \(rows.count + 2) is not a row of an evaluation.")
            }
            guard row.step <= last else { break }
            rows.append(row)
        }
        return rows
    }
}
