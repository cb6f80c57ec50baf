import Experiment
import Foundation
import Reports
import ScalingLaws

/// Makes the page of a set of runs: curves always, laws where there are enough complete runs.
struct ReportBuilder {
    let tables: RunTables
    var title: String?
    /// Bootstrap resamples of the fit's intervals.
    var fitted: LadderFit
    var sample: String?

    init(_ tables: RunTables, title: String? = nil, sample: String? = nil) {
        self.tables = tables
        self.title = title
        self.sample = sample
        fitted = LadderFit(tables)
    }

    /// Writes the page, and where there is a folder for them, every figure as a file with its data.
    /// - Parameter figures: made where there is none; the page links to the files in it.
    /// - Returns: `file`.
    /// - Throws: `Failure(.usage)` where the folder cannot be made, `Failure(.worker)` where a file cannot be written.
    @discardableResult
    func write(to file: URL, figures: URL? = nil) throws -> URL {
        let page = ReportPage(
            report(beside: file.deletingLastPathComponent()), figures: figures.map { Self.path(to: $0, from: file) })
        if let figures {
            do {
                try FileManager.default.createDirectory(at: figures, withIntermediateDirectories: true)
            } catch {
                throw Failure(.usage, "Cannot create the folder \(figures.path): \(error.localizedDescription)")
            }
            for (name, text) in page.files {
                try DurableFile.replace(figures.appendingPathComponent(name), with: Data(text.utf8))
            }
        }
        try DurableFile.replace(file, with: Data(page.html.utf8))
        return file
    }

    /// The way from the page to the folder as a link: relative, so that both may be moved together.
    private static func path(to folder: URL, from page: URL) -> String {
        let here = page.deletingLastPathComponent().standardizedFileURL.pathComponents
        let there = folder.standardizedFileURL.pathComponents
        let shared = zip(here, there).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: here.count - shared) + there.dropFirst(shared)
        let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: ":"))
        return steps.map { $0.addingPercentEncoding(withAllowedCharacters: allowed) ?? $0 }.joined(separator: "/")
    }

    /// - Parameter folder: of the page; what takes long to compute is kept there.
    private func report(beside folder: URL) -> Report {
        var report = Report(
            title: title ?? defaultTitle, runs: tables.records.compactMap(Self.summary),
            curves: tables.records.map(Self.curve), chinchilla: fitted.chinchilla, kaplan: fitted.kaplan,
            fitProblem: fitted.problem, calibration: tables.calibration, dropped: fitted.dropped, facts: facts,
            sample: sample)
        let evidence = ReportEvidence(tables: tables, points: fitted.points)
        report.predictions = evidence.predictions(in: folder)
        report.repeats = evidence.repeats
        report.profiles = evidence.profiles
        report.optima = evidence.optima
        report.cautions = evidence.warnings
        report.likelihoods = evidence.likelihoods(of: fitted.chinchilla)
        report.seedNoise = evidence.seedNoise?.standardDeviation
        // A run by itself is reported at its end, where nobody wants to wait for counts.
        if tables.records.count > 1 { report.baselines = evidence.baselines(cachedIn: folder) }
        return report
    }

    private var defaultTitle: String {
        tables.records.count == 1 ? tables.records[0].config.name : "\(tables.records.count) runs"
    }

    private static func summary(_ record: RunRecord) -> RunSummary? {
        guard let last = record.rows.last else { return nil }
        let final = record.evaluations.last
        return RunSummary(
            name: record.config.name, parameters: last.totalParameters,
            nonEmbeddingParameters: last.nonEmbeddingParameters, tokens: last.tokens, flops: last.flops6ND,
            exactFLOPs: last.flopsExact, finalLoss: final?.loss, finalLossError: final?.standardError,
            bitsPerByte: final?.bitsPerByte, sources: sources(record),
            status: RunSummary.Status(rawValue: record.status.rawValue) ?? .partial,
            learningRate: record.config.schedule.peak, batchTokens: record.config.tokensPerStep)
    }

    /// The last evaluation by source, where there are several.
    private static func sources(_ record: RunRecord) -> [RunSummary.SourceLoss] {
        let rows = record.sourceEvaluations.filter { $0.step == record.sourceEvaluations.last?.step }
        guard rows.count > 1 else { return [] }
        return rows.map {
            RunSummary.SourceLoss(
                name: $0.source, loss: $0.loss, standardError: $0.lossStandardError, bitsPerByte: $0.bitsPerByte,
                bitsPerCharacter: $0.bitsPerCharacter)
        }
    }

    private static func curve(_ record: RunRecord) -> Curve {
        Curve(
            name: record.config.name, parameters: record.rows.last?.totalParameters ?? 0,
            steps: record.rows.map { row in
                Curve.Step(
                    tokens: Double(row.tokens), flops: row.flops6ND, lossTrain: row.trainLoss,
                    lossEvaluated: row.evalLoss, lossEvaluatedError: row.evalLossStandardError,
                    gradientSquare: row.gradientSquare, gradientNoise: row.gradientNoise)
            })
    }

    private var facts: [Report.Fact] {
        var facts = [Report.Fact("apus", Version.current)]
        let starts = tables.records.compactMap { record -> RunEvent.Started? in
            for case .started(let started) in record.events.reversed() { return started }
            return nil
        }
        if let started = starts.last {
            facts.append(Report.Fact("kernel set", Set(starts.map(\.kernels)).sorted().joined(separator: ", ")))
            facts.append(Report.Fact("hosts", Set(starts.flatMap(\.hosts)).sorted().joined(separator: ", ")))
            facts.append(Report.Fact("ranks", "\(started.ranks)"))
        }
        if tables.records.count == 1 { facts.append(Report.Fact("config hash", tables.records[0].config.hash)) }
        return facts
    }
}
