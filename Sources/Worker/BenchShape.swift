import ArgumentParser
import Communication
import Corpus
import Experiment
import Foundation
import Tensors
import Training

/// The model and batch that a bench is about.
struct BenchShape: ParsableArguments {
    @Option(help: "Blocks.") var layers = 6
    @Option(help: "Width of the residual stream.") var width = 384
    @Option(help: "Attention heads.") var heads = 6
    @Option(help: "Tokens of a sequence.") var context = 256
    @Option(help: "Token ids.") var vocabulary = 4_096
    @Option(help: "Sequences of a global batch.") var sequences = 16
    @Option(help: "Sequences of a slot; every rank needs one slot.") var slot = 8

    func validate() throws {
        guard layers > 0, width > 0, heads > 0, context > 0, sequences > 0, slot > 0, (2...65_536).contains(vocabulary)
        else { throw ValidationError("All numbers must be 1 or more, and --vocabulary 2 to 65536.") }
        guard width % heads == 0 else {
            throw ValidationError("--width \(width) is not divisible by --heads \(heads).")
        }
        guard sequences % slotSequences == 0 else {
            throw ValidationError("--sequences \(sequences) is not divisible by --slot \(slot).")
        }
    }

    var model: ModelShape {
        ModelShape(layers: layers, width: width, heads: heads, context: context, vocabulary: vocabulary)
    }

    /// Sequences of a slot; of a small batch, all.
    var slotSequences: Int { min(slot, sequences) }

    /// V, slots of the global batch.
    var slots: Int { sequences / slotSequences }

    /// - Throws: `Failure(.usage)` for more ranks than slots, before anything is made.
    func requireSlots(ranks: Int) throws {
        guard ranks <= slots else {
            throw Failure(
                .usage,
                "\(ranks) ranks are more than the \(slots) slots of a global batch of \(sequences) sequences; start at "
                    + "most \(slots), or take a smaller --slot or more --sequences.")
        }
    }

    /// A trainer on random tokens, through the same corpus, batches and hashes as a run's, with its first parameters.
    /// - Parameter steps: that will be taken, each on tokens of its own.
    func trainer<Link: Communicator>(
        steps: Int, reduction: RunConfig.Reduction = .tree, recomputes: Bool = false, link: Link, kernels: Kernels
    ) throws -> Trainer<Link> {
        try requireSlots(ranks: link.ranks)
        return try ScratchFolder.use { folder in
            var config = try RunConfig(yaml: Self.template, source: "bench", folder: folder)
            config.model = ModelConfig(layers: layers, width: width, heads: heads, context: context)
            config.corpus.calibration = CalibrationConfig(
                alphabet: vocabulary, key: 1, value: 1, exponent: 0.5,
                tokens: max(2, steps) * sequences * (context + 1) + 2)
            config.batch = BatchConfig(sequences: sequences, slot: slotSequences)
            config.evaluate.tokens = .tokens(context)
            config.reduction = reduction
            config.recompute = recomputes
            let corpus = try CorpusPreparation.prepare(config.corpus, cache: folder)
            try AvailableMemory(link: link).require(for: config, shape: model)
            let trainer = try Trainer(config: config, corpus: corpus, link: link, kernels: kernels)
            try trainer.initialize()
            return trainer
        }
    }

    private static let template = """
        name: bench
        model: {layers: 1, width: 8, heads: 1, context: 2}
        corpus: {calibration: {alphabet: 2, key: 1, value: 1, exponent: 0.5, tokens: 10}}
        batch: {sequences: 1, slot: 1}
        schedule: {kind: constant, peak: 1e-4}
        steps: 1000
        """
}
