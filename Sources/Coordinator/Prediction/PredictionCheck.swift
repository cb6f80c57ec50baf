import Experiment
import Foundation
import Reports
import ScalingLaws

/// The runs in which predictions are looked up.
struct CameRuns {
    /// A run that came.
    struct Run {
        let name: String
        let configHash: String?
        let n: Double, d: Double
        /// The final loss; nil while it is not complete.
        let loss: Double?
        let ended: Date?
        /// How far it came, for messages.
        var progress = ""
    }

    let source: String
    let runs: [Run]

    /// - Throws: `Failure` when there is no run.
    init(folder: String) throws { self.init(try RunTables(paths: [folder]).records, source: folder) }

    /// Runs that have been read, by the name that messages have for them.
    init(_ records: [RunRecord], source: String) {
        self.source = source
        runs = records.map { record in
            let tokens = record.reachedItsEnd ? record.rows.last?.tokens : nil
            return Run(
                name: record.config.name, configHash: record.config.hash,
                n: Double(record.rows.last?.totalParameters ?? 0), d: Double(tokens ?? record.config.totalTokens),
                loss: record.reachedItsEnd ? record.evaluations.last?.loss : nil,
                ended: record.ended.map { Date(timeIntervalSince1970: $0.time) },
                progress: "; it stands at step \(record.step) of \(record.config.steps)")
        }
    }

    /// - Throws: `TableError` when the table cannot be used.
    init(table: String, columns: PredictColumns) throws {
        source = table
        let table = try Table(contentsOf: URL(fileURLWithPath: table))
        let hashes = table.hasColumn("config_hash") ? try table.texts("config_hash") : nil
        let labels = table.hasColumn(columns.nameColumn) ? try table.texts(columns.nameColumn) : nil
        runs = try FitPoints(table, columns: columns.columns, selection: columns.selection).points.map { point in
            let row = labels?.firstIndex(of: point.label)
            return Run(
                name: point.label, configHash: row.flatMap { hashes?[$0] }, n: point.n, d: point.d, loss: point.loss,
                ended: nil)
        }
    }

    /// The run that was predicted: by its configuration, else its name, else (where neither was told of it) N and D.
    /// - Throws: `Failure(.badData)` when there is none, or it is not complete.
    func run(of filed: FiledPrediction) throws -> (run: Run, loss: Double) {
        let found =
            runs.first { $0.configHash != nil && $0.configHash == filed.configHash }
            ?? runs.first { $0.name == filed.name }
            ?? runs.first {
                filed.configHash == nil && abs($0.n / filed.n - 1) < 1e-3 && abs($0.d / filed.d - 1) < 1e-3
            }
        guard let found else {
            throw Failure(
                .badData,
                "\(source) has no run \"\(filed.name)\", none of its configuration, and none of its N and D; its runs are "
                    + "\(runs.prefix(8).map(\.name).joined(separator: ", ")).")
        }
        guard let loss = found.loss else {
            throw Failure(
                .badData,
                "\(found.name) in \(source) has no final loss of a whole schedule\(found.progress); score the prediction when "
                    + "it is complete.")
        }
        return (found, loss)
    }
}

/// Scores filed predictions.
struct PredictionCheck {
    let files: [String]
    let came: CameRuns
    let strict: Bool
    let json: Bool

    func run() throws {
        var outside = 0
        // `predictions/*.json` names the scores of earlier checks too.
        for file in files where !file.hasSuffix(".score.json") {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Failure(.usage, "Cannot read the prediction \(file).")
            }
            let filed = try FiledPrediction(text: String(decoding: data, as: UTF8.self), source: file)
            let (run, loss) = try came.run(of: filed)
            if let hash = run.configHash, let predicted = filed.configHash, hash != predicted {
                Console.tell("apus: \(run.name) was run with another configuration than was predicted.")
            }
            let score = PredictionScore(filed, actual: loss, ended: run.ended, scored: Date())
            let text = try SnakeCaseJSON.text(score) + "\n"
            try DurableFile.replace(URL(fileURLWithPath: file + ".score.json"), with: Data(text.utf8))
            Console.show(json ? text : Console.style.plain(words(score)))
            if !score.inside { outside += 1 }
        }
        if strict, outside > 0 {
            throw Failure(.untrustedFit, "\(outside) of \(files.count) losses lie outside of their intervals.")
        }
    }

    private func words(_ score: PredictionScore) -> String {
        let side = score.error >= 0 ? "above" : "below"
        var text =
            "\(score.name): predicted \(Humanly.loss(score.predicted)) (95 % "
            + "\(score.interval.map(Humanly.loss).joined(separator: " … "))), came \(Humanly.loss(score.actual)): "
            + "\(Humanly.significant(100 * abs(score.error), 2)) % \(side), "
            + (score.inside ? "inside the interval" : "OUTSIDE of the interval")
        if let seeds = score.seedDeviations {
            text += ", \(Humanly.significant(abs(seeds), 2)) standard deviations of a seed"
        } else {
            text += ", \(Humanly.significant(abs(score.runDeviations), 2)) standard deviations of a run around the law"
        }
        return text + (score.afterTheFact ? "; made after the fact" : "; made \(score.made)") + "\n"
    }
}
