import Experiment
import Foundation
import ScalingLaws

/// The tables of a set of runs (DESIGN §5): `runs`, one row per run, `curves`, one row per step, and `evaluations`, one
/// row per evaluation and source.
struct RunTables {
    let records: [RunRecord]

    /// Reads every run that the paths name.
    /// - Throws: `Failure(.badData)` where there is none, or one does not read.
    init(paths: [String]) throws {
        records = try paths.flatMap { path in
            let directories = try RunRecord.directories(at: path)
            guard !directories.isEmpty else {
                throw Failure(.badData, "\(path) holds no run: there is no config.yaml in it or in the folders below.")
            }
            return try directories.map { try RunRecord($0) }
        }
    }

    init(records: [RunRecord]) { self.records = records }

    var runs: Table {
        Table(
            source: "runs",
            columns: RunColumn.all.map { column in
                Table.Column(name: column.name, cells: records.map { column.cell(RunRow($0)) })
            })
    }

    var curves: Table {
        let lines = records.flatMap(\.rows).map { $0.csv.split(separator: ",", omittingEmptySubsequences: false) }
        return Table(
            source: "curves",
            columns: LedgerRow.columns.enumerated().map { index, name in
                Table.Column(name: name, cells: lines.map { String($0[index]) })
            })
    }

    /// The held-out losses of each source; nil when no run has them, as runs of earlier versions.
    var evaluations: Table? {
        let rows = records.flatMap(\.sourceEvaluations).map(\.cells)
        guard !rows.isEmpty else { return nil }
        return Table(
            source: "evaluations",
            columns: EvaluationRow.columns.enumerated().map { index, name in
                Table.Column(name: name, cells: rows.map { $0[index] })
            })
    }

    /// Theory's word, when all runs are on one calibration source.
    var calibration: CalibrationTheory? {
        guard !records.isEmpty else { return nil }
        let sources = records.map { record -> CalibrationTheory? in
            record.config.corpus.calibration.map {
                CalibrationTheory(alphabet: $0.alphabet, key: $0.key, value: $0.value, exponent: $0.exponent)
            }
        }
        return sources.allSatisfy { $0 == sources[0] } ? sources[0] : nil
    }
}
