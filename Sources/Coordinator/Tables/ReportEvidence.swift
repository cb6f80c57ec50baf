import Corpus
import Experiment
import Foundation
import Reports
import ScalingLaws

/// What a report can show beside the curves and the law, as far as the runs give it: nothing here fails a page.
struct ReportEvidence {
    let tables: RunTables
    /// The complete runs that laws are fitted to.
    let points: [FitPoint]
    private let isoFLOPFit: IsoFLOPFit?
    private let envelopeFit: EnvelopeFit?

    init(tables: RunTables, points: [FitPoint]) {
        self.tables = tables
        self.points = points
        envelopeFit = Self.envelope(tables, points)
        isoFLOPFit = try? IsoFLOPFit(points, noise: SeedNoise(points))
    }

    /// What repeated tokens are worth, where three or more runs read their text at least one and a half times.
    var repeats: RepeatWorth? {
        let epochs = points.map { $0.d / ($0.uniqueTokens ?? $0.d) }
        guard epochs.count(where: { $0 > 1.5 }) > 2, let fit = try? LawFit(.dataConstrained, points),
            let decay = fit.parameters.first(where: { $0.name == "R_D" })?.value
        else { return nil }
        return RepeatWorth(decay: decay, interval: fit.interval("R_D"), mostEpochs: epochs.max() ?? 1)
    }

    /// Approach 2's profiles: with intervals from the fit, without where fewer than two budgets have a minimum inside.
    var profiles: [IsoFLOPProfile] { isoFLOPFit?.profiles ?? IsoFLOPFit.profiles(points) }

    /// The best size by approaches 1 and 2, where the runs are laid out for them.
    var optima: [OptimumEstimate] { [envelope, isoFLOP].compactMap { $0 } }

    /// What speaks against `optima`.
    var warnings: [FitWarning] {
        (envelopeFit?.warnings ?? []).map { $0.prefixed("envelope") }
            + (isoFLOPFit?.warnings ?? []).map { $0.prefixed("IsoFLOP") }
    }

    /// How much seeds alone move ln L.
    var seedNoise: SeedNoise? { SeedNoise(points) }

    /// Of E, the exponents and a.
    func likelihoods(of fit: ChinchillaFit?) -> [ProfileLikelihood] {
        guard let fit else { return [] }
        return ProfileLikelihood.Parameter.allCases.compactMap { ProfileLikelihood(fit, $0) }
            .filter { $0.curve.count > 2 && $0.estimate.isFinite }
    }

    private static func envelope(_ tables: RunTables, _ points: [FitPoint]) -> EnvelopeFit? {
        let fitted = Set(points.map(\.label))
        let curves = tables.records.filter { fitted.contains($0.config.name) }.map { record in
            LossCurve(
                run: record.config.name, n: Double(record.rows.last?.totalParameters ?? 0),
                points: record.rows.map { (Double($0.tokens), $0.flops6ND, $0.trainLoss) })
        }
        return try? EnvelopeFit(curves)
    }

    private var envelope: OptimumEstimate? {
        guard let fit = envelopeFit else { return nil }
        return OptimumEstimate(
            "envelope", points: fit.choices.filter { fit.usesEdges || !$0.isEdge }.map { ($0.compute, $0.n, $0.d) },
            coefficient: fit.parameters.coefficient, exponent: fit.a, interval: fit.aInterval)
    }

    private var isoFLOP: OptimumEstimate? {
        guard let fit = isoFLOPFit else { return nil }
        let vertices = fit.profiles.filter(\.isInterior).compactMap { profile in
            profile.vertexParameters.flatMap { n in profile.vertexTokens.map { (profile.budget, n, $0) } }
        }
        return OptimumEstimate(
            "IsoFLOP", points: vertices, coefficient: fit.parameters.coefficient, exponent: fit.a,
            interval: fit.aInterval)
    }

    /// What `apus predict` filed under `predictions` in `folder`, by date, with what came of it; files that are no
    /// predictions, or were changed since, are left out.
    func predictions(in folder: URL) -> [PredictedRun] {
        let place = folder.appendingPathComponent("predictions")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        let came = CameRuns(tables.records, source: folder.path)
        return names.filter { $0.hasSuffix(".json") }.sorted().compactMap { name in
            let file = place.appendingPathComponent(name)
            guard let text = try? String(contentsOf: file, encoding: .utf8),
                let filed = try? FiledPrediction(text: text, source: file.path)
            else { return nil }
            let found = try? came.run(of: filed)
            let score = found.map { PredictionScore(filed, actual: $0.loss, ended: $0.run.ended, scored: Date()) }
            let isLate = score?.afterTheFact ?? filed.afterTheFact
            return PredictedRun(
                name: filed.name, origin: isLate ? "some were filed after the run had ended" : "filed before the run",
                compute: filed.flops, predicted: filed.loss,
                interval: filed.interval.count == 2 && filed.interval[0] <= filed.interval[1]
                    ? filed.interval[0]...filed.interval[1] : nil,
                measured: found?.loss)
        }
    }

    /// n-grams of the corpus that all runs share, from `baseline.json` in `folder` where they were counted before.
    func baselines(cachedIn folder: URL) -> [Baseline] {
        guard tables.calibration == nil, let counted = counted(cachedIn: folder) else { return [] }
        return counted.losses.enumerated().map { index, loss in
            Baseline(index == 0 ? "token frequencies" : "\(index + 1)-grams", loss: loss)
        }
    }

    private func counted(cachedIn folder: URL) -> NGramBaseline? {
        let digests = Set(tables.records.map(\.corpusDigest))
        guard digests.count == 1, case let digest?? = digests.first else { return nil }
        let file = folder.appendingPathComponent("baseline.json")
        if let cached = try? JSONFile.read(NGramBaseline.self, from: file), cached.corpusDigest == digest {
            return cached
        }
        guard let run = tables.records.first?.directory.url.path,
            let corpus = try? RunCorpus(run: run, corpus: nil, verifying: false).corpus,
            let baseline = try? NGramBaseline(corpus)
        else { return nil }
        // The next page only takes longer without it.
        try? DurableFile.replace(file, with: (try? JSONFile.encode(baseline)) ?? Data())
        return baseline
    }
}
