import Corpus
import Experiment
import Foundation
import Reports
import Tokenization

/// A small ladder of runs: every size with every length, each with its own learning-rate schedule, on one source.
struct Ladder {
    /// What the models learn.
    enum Source {
        /// The source whose law is known.
        case calibration(CalibrationConfig)
        /// Files or folders of text, absolute paths.
        case text([String])
    }

    /// One run of a ladder and its place.
    struct Rung {
        let config: RunConfig
        let directory: RunDirectory
        /// Work of the whole run, in FLOPs and what a token costs besides.
        let cost: Double
    }

    let source: Source
    /// Widths of the models; heads are 16 wide.
    let widths: [Int]
    let layers: Int
    /// Tokens of the runs.
    let horizons: [Int]
    let context: Int
    /// Sequences of a step, in slots of 4.
    let sequences: Int
    /// At most a third of the run.
    let warmupSteps: Int
    /// Of a model of width 128; narrower ones take more, in proportion to 1/√width.
    let peakLearningRate: Double

    /// About five minutes on two cores. Small batches and a rate for each width, so that the shortest runs, too, end
    /// where their data ends and not in the early course of training, which no law describes.
    static func calibration() -> Ladder {
        Ladder(
            source: .calibration(
                CalibrationConfig(alphabet: 32, key: 4, value: 3, exponent: 0.5, tokens: 9_700_000)),
            widths: [16, 32, 48, 80], layers: 2, horizons: [1_200_000, 2_400_000, 4_800_000, 9_600_000], context: 98,
            sequences: 16, warmupSteps: 50, peakLearningRate: 3e-3)
    }

    /// About ten minutes on two cores: the same shape on text, with a longer context and a longer warm-up, without which
    /// losses jump when the rate reaches its peak.
    static func text(_ paths: [String]) -> Ladder {
        Ladder(
            source: .text(paths), widths: [32, 64, 96, 128], layers: 3,
            horizons: [500_000, 1_200_000, 2_500_000, 5_000_000], context: 128, sequences: 16, warmupSteps: 100,
            peakLearningRate: 2e-3)
    }

    /// The runs below `folder`, the cheapest first.
    func rungs(below folder: URL) throws -> [Rung] {
        try widths.flatMap { width in
            try horizons.map { tokens in
                let config = try RunConfig(
                    yaml: yaml(width: width, tokens: tokens), source: "the quickstart's ladder", folder: folder)
                return Rung(
                    config: config, directory: RunDirectory(folder.appendingPathComponent(config.name)),
                    cost: cost(config))
            }
        }.sorted { $0.cost < $1.cost }
    }

    private func yaml(width: Int, tokens: Int) -> String {
        let steps = tokens / (sequences * context)
        let peak = peakLearningRate * (128 / Double(width)).squareRoot()
        return """
            name: d\(width)-\(tokens / 1000)k
            model:      {layers: \(layers), width: \(width), heads: \(max(1, width / 16)), context: \(context), \
            vocabulary: \(vocabulary)}
            corpus:     \(corpusYAML)
            batch:      {sequences: \(sequences), slot: 4}
            schedule:   {kind: cosine, peak: \(peak), floor: \(peak / 10), warmup_steps: \(min(warmupSteps, steps / 3))}
            steps: \(steps)
            evaluate:   {every: \(max(1, steps / 4)), tokens: 98000}
            checkpoint: {every: \(max(1, steps / 4)), keep: 1}
            seed: 1
            """
    }

    /// Given, so that the configuration is the resolved one that the run's folder holds.
    private var vocabulary: Int {
        switch source {
        case .calibration(let calibration): calibration.alphabet
        case .text: BytesTokenizer().vocabulary
        }
    }

    private var corpusYAML: String {
        switch source {
        case .calibration(let c):
            return "{calibration: {alphabet: \(c.alphabet), key: \(c.key), value: \(c.value), exponent: \(c.exponent), "
                + "tokens: \(c.tokens)}}"
        case .text(let paths):
            // A JSON string is a YAML string, whatever it holds.
            let quoted = paths.map { path in
                (try? JSONEncoder().encode(path)).map { String(decoding: $0, as: UTF8.self) } ?? path
            }
            return "{paths: [\(quoted.joined(separator: ", "))], tokenizer: bytes}"
        }
    }

    private func cost(_ config: RunConfig) -> Double {
        let shape = config.model.shape(tokenizerVocabulary: vocabulary)
        return Double(config.totalTokens) * Double(shape.flopsPerToken + Self.overheadPerToken)
    }

    /// What narrow layers lose to latency, as FLOPs per token; a guess that only time estimates use.
    private static let overheadPerToken = 60_000
}
