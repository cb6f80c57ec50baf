import Corpus
import Experiment
import Foundation
import ScalingLaws

/// A run that is to be predicted.
struct PredictionTarget {
    let name: String
    /// Its N, D and C by the table's conventions; it has no loss yet.
    let point: FitPoint
    let configHash: String?
    /// Where the run goes when it is made.
    let folder: RunDirectory

    /// The run of a configuration, or all runs of a sweep. N and C are counted as the table's columns are, where those are
    /// ours.
    /// - Parameter uniqueTokens: how many different tokens a run sees at most; nil for what the configuration tells.
    static func runs(
        of file: String, columns: FitPoints.Columns, uniqueTokens: Double? = nil
    ) throws -> [PredictionTarget] {
        let url = URL(fileURLWithPath: file)
        guard isSweep(url) else {
            var config = try RunConfig(file: url)
            let shape = config.model.shape(tokenizerVocabulary: try config.corpus.vocabulary)
            // As the run's folder will have it, so that its hash is the run's.
            config.model.vocabulary = shape.vocabulary
            return [
                try PredictionTarget(
                    config, shape: shape, folder: .standard(name: config.name), columns: columns,
                    uniqueTokens: uniqueTokens)
            ]
        }
        let sweep = try SweepConfig(file: url)
        let plan = try sweep.plan(vocabulary: sweep.template.corpus.vocabulary, rules: .published, source: file)
        let root = RunDirectory.standard(name: plan.name).url
        return try plan.runs.map { run in
            try PredictionTarget(
                run.config, shape: run.shape, folder: RunDirectory(root.appendingPathComponent(run.name)),
                columns: columns, uniqueTokens: uniqueTokens)
        }
    }

    /// A sweep says what its runs have in common under `base`, which no run's configuration has.
    private static func isSweep(_ file: URL) -> Bool {
        let text = String(decoding: FileManager.default.contents(atPath: file.path) ?? Data(), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("base:") }
    }

    private init(
        _ config: RunConfig, shape: ModelShape, folder: RunDirectory, columns: FitPoints.Columns, uniqueTokens: Double?
    ) throws {
        let parameters =
            switch columns.n {
            case "n_non_embedding": shape.nonEmbeddingParameters
            case "n_with_head": shape.parametersWithHead
            default: shape.totalParameters
            }
        let tokens = config.totalTokens
        let flops = columns.c == "flops_exact" ? shape.flopsExact(tokens: tokens) : shape.flops6ND(tokens: tokens)
        name = config.name
        configHash = config.hash
        let unique = try uniqueTokens ?? Self.uniqueTokens(config)
        point = FitPoint(
            n: Double(parameters), d: Double(tokens), c: flops, loss: 0, label: config.name,
            uniqueTokens: unique.map { min($0, Double(tokens)) })
        self.folder = folder
    }

    /// The different tokens that a run sees: what the ledger will say where the corpus is prepared, a bound where the
    /// configuration has one; nil of a text that nobody has counted.
    private static func uniqueTokens(_ config: RunConfig) throws -> Double? {
        if let prepared = config.corpus.prepared {
            let corpus = try PreparedCorpus(opening: URL(fileURLWithPath: prepared), verifying: false)
            return Double(try TrainingData(corpus, config: config).uniqueTokens(ofTokens: config.totalTokens))
        }
        return (config.corpus.limitTokens ?? config.corpus.calibration?.tokens).map(Double.init)
    }

    /// A run of `n` parameters and `d` tokens, C = 6ND.
    init(n: Double, d: Double, uniqueTokens: Double?, name: String?) {
        self.name = name ?? "n\(Self.short(n))-d\(Self.short(d))"
        configHash = nil
        folder = .standard(name: self.name)
        point = FitPoint(n: n, d: d, loss: 0, label: self.name, uniqueTokens: uniqueTokens)
    }

    private static func short(_ value: Double) -> String {
        String(format: "%.3g", value).replacing("+", with: "")
    }

    /// Where the loss of this run can be read already: among the rows of the table, by its name, configuration, or (for a run
    /// that is known by its numbers alone) N and D; or in a complete run folder. nil when nowhere.
    func known(in points: [FitPoint], hashes: Set<String>, folders: [RunDirectory]) throws -> String? {
        if points.contains(where: { $0.label == name }) { return "the table has a run \"\(name)\"" }
        if let configHash, hashes.contains(configHash) { return "the table has a run of this configuration" }
        if configHash == nil {
            let same = points.first { abs($0.n / point.n - 1) < 1e-6 && abs($0.d / point.d - 1) < 1e-6 }
            if let same { return "the table has \(same.label) of the same N and D" }
        }
        for folder in folders where folder.holdsRun {
            if try RunRecord(folder).status == .complete { return "\(folder.url.relativePath) holds the complete run" }
        }
        return nil
    }
}
