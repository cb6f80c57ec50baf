import Corpus
import Experiment
import Foundation
import Tokenization

/// The quickstart's sweep: every size with every length, each with its own learning-rate schedule, on one source.
struct Ladder {
    /// What the models learn.
    enum Source {
        /// The source whose law is known.
        case calibration(CalibrationConfig)
        /// Files or folders of text, absolute paths.
        case text([String])
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

    /// The same as a sweep's file says it.
    func sweep() throws -> SweepConfig {
        try SweepConfig(yaml: yaml, source: "the quickstart's ladder", folder: URL(fileURLWithPath: "/"))
    }

    private var yaml: String {
        """
        name: quickstart
        base:
          corpus:     \(corpusYAML)
          model:      {layers: \(layers), context: \(context)}
          batch:      {sequences: \(sequences), slot: 4}
          schedule:   {kind: cosine, floor_fraction: 0.1, warmup_steps: \(warmupSteps)}
          evaluate:   {tokens: 98000}
          seed: 1
        sizes:    {widths: \(widths), head: 16}
        horizons: {tokens: \(horizons)}
        learning_rate: {peak: \(peakLearningRate), width: 128, exponent: -0.5}
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
}
