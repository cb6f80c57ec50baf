import Experiment
import Foundation
import Reports

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

    /// Shape of a size; heads are 16 wide.
    struct Size {
        let layers: Int
        let width: Int
    }

    let source: Source
    let sizes: [Size]
    /// Tokens of the runs.
    let horizons: [Int]
    let context: Int
    /// Sequences of a step, in slots of 4.
    let sequences: Int
    let peakLearningRate: Double

    /// About three minutes on two cores. 32³ facts of 3 + 3 symbols (SCIENCE §4): small enough for models of this size
    /// to learn most of.
    static func calibration() -> Ladder {
        let horizons = [300_000, 900_000, 2_400_000]
        return Ladder(
            source: .calibration(
                CalibrationConfig(alphabet: 32, key: 3, value: 3, exponent: 0.5, tokens: 2_500_000)),
            sizes: [
                Size(layers: 2, width: 16), Size(layers: 2, width: 32), Size(layers: 3, width: 64),
                Size(layers: 4, width: 96),
            ],
            horizons: horizons, context: 96, sequences: 32, peakLearningRate: 2e-3)
    }

    /// The same shape on text, with longer runs.
    static func text(_ paths: [String]) -> Ladder {
        Ladder(
            source: .text(paths),
            sizes: [
                Size(layers: 2, width: 32), Size(layers: 2, width: 64), Size(layers: 3, width: 96),
                Size(layers: 4, width: 160),
            ],
            horizons: [500_000, 1_500_000, 4_500_000], context: 128, sequences: 32, peakLearningRate: 2e-3)
    }

    /// The runs below `folder`, the cheapest first.
    func rungs(below folder: URL) throws -> [Rung] {
        try sizes.flatMap { size in
            try horizons.map { tokens in
                let config = try RunConfig(yaml: yaml(size, tokens), source: "the quickstart's ladder", folder: folder)
                return Rung(
                    config: config, directory: RunDirectory(folder.appendingPathComponent(config.name)),
                    cost: cost(config))
            }
        }.sorted { $0.cost < $1.cost }
    }

    private func yaml(_ size: Size, _ tokens: Int) -> String {
        let steps = tokens / (sequences * context)
        return """
            name: L\(size.layers)-d\(size.width)-\(tokens / 100_000 * 100)k
            model:      {layers: \(size.layers), width: \(size.width), heads: \(max(1, size.width / 16)), context: \(context)}
            corpus:     \(corpusYAML)
            batch:      {sequences: \(sequences), slot: 4}
            schedule:   {kind: cosine, peak: \(peakLearningRate), floor: \(peakLearningRate / 10), \
            warmup_steps: \(min(20, steps / 5))}
            steps: \(steps)
            evaluate:   {every: \(max(1, steps / 6)), tokens: 98304}
            checkpoint: {every: \(max(1, steps / 4)), keep: 1}
            seed: 1
            """
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
        let shape = config.model.shape(tokenizerVocabulary: config.corpus.knownVocabulary ?? 257)
        return Double(config.totalTokens) * Double(shape.flopsPerToken + Self.overheadPerToken)
    }

    /// What narrow layers lose to latency, as FLOPs per token; a guess that only time estimates use.
    private static let overheadPerToken = 500_000
}
