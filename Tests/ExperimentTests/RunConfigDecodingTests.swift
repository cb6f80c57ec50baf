import Experiment
import Foundation
import Testing

@Suite("Reading a configuration")
struct RunConfigDecodingTests {
    @Test("what is left out takes the documented values")
    func defaults() throws {
        let config = try decode(minimalYAML)
        #expect(config.precision == .float32)
        #expect(config.model.dropout == 0)
        #expect(config.model.vocabulary == nil)
        #expect(config.corpus.tokenizer == "bytes")
        #expect(config.batch.slot == 8)
        #expect(config.slots == 3)
        #expect(config.optimizer == OptimizerConfig(beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1))
        #expect(config.schedule == ScheduleConfig(kind: .cosine, peak: 1e-3, floor: 0, warmupSteps: 0))
        #expect(config.evaluate == EvaluateConfig(every: nil, tokens: .tokens(65_536)))
        #expect(config.checkpoint == CheckpointConfig(every: nil, keep: 2))
        #expect(config.reduction == .tree)
        #expect(!config.recompute)
        #expect(config.seed == Seed(1))
        #expect(config.totalTokens == 100 * 24 * 32)
    }

    @Test("one of the two seeds can be set by itself, and the other stays what both were")
    func seeds() throws {
        #expect(try decode(set: "seed=7", "seed.init=3").seed == Seed(initialization: 3, data: 7))
        #expect(try decode(set: "seed.data=3").seed == Seed(initialization: 1, data: 3))
        #expect(try decode(set: "seed={init: 2, data: 5}", "seed.data=3").seed == Seed(initialization: 2, data: 3))
    }

    @Test("the design's example reads as it stands")
    func example() throws {
        let config = try decode(
            """
            name: books-10m
            precision: float32
            model:      {layers: 6, width: 384, heads: 6, context: 256, dropout: 0}
            corpus:     {paths: [data/books], tokenizer: bytes, limit_tokens: null}
            batch:      {sequences: 64, slot: 8}
            optimizer:  {kind: adamw, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weight_decay: 0.1, clip: 1.0}
            schedule:   {kind: cosine, peak: 1e-3, floor: 1e-4, warmup_steps: 20}
            steps: 300                                               # or tokens: 20_000_000
            evaluate:   {every: 50}
            checkpoint: {every: 100, keep: 2}
            reduction: tree
            seed: 1
            """)
        #expect(config.corpus.paths == ["/data/experiments/data/books"])
        #expect(config.corpus.limitTokens == nil)
        #expect(config.schedule.floor == 1e-4)
        #expect(config.tokensPerStep == 16_384)
    }

    @Test(
        "numbers are read as people write them",
        arguments: [("1e-3", 1e-3), ("0.001", 0.001), ("1E-3", 1e-3), ("2_000.5", 2000.5), ("3", 3)])
    func numbers(text: String, value: Double) throws {
        #expect(try decode(set: "schedule.peak=\(text)").schedule.peak == value)
    }

    @Test("a budget of tokens is as many whole global batches")
    func tokens() throws {
        let config = try decode(set: "steps=null", "tokens=20_000_000")
        #expect(config.steps == 20_000_000 / (24 * 32))
        #expect(problems(set: "steps=null", "tokens=767") == ["`tokens` is less than one global batch of 768 tokens."])
    }

    @Test("paths are relative to the folder of the file")
    func paths() throws {
        let config = try decode(set: "corpus.paths=[a, ../b, ./c/../d, /e, 'with space']")
        #expect(
            config.corpus.paths == [
                "/data/experiments/a", "/data/b", "/data/experiments/d", "/e", "/data/experiments/with space",
            ])
        #expect(try decode(set: "corpus={prepared: ../p}").corpus.prepared == "/data/p")
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("c.yaml")
            try Data(minimalYAML.utf8).write(to: file)
            #expect(
                try RunConfig(file: file).corpus.paths
                    == [folder.standardizedFileURL.appendingPathComponent("texts").path])
        }
    }

    @Test("one path needs no list")
    func onePath() throws {
        #expect(try decode(set: "corpus.paths=one").corpus.paths == ["/data/experiments/one"])
    }

    @Test("--set replaces, adds and removes values, at any depth")
    func overrides() throws {
        let config = try decode(
            set: "name=other", "model.dropout=0.1", "seed.init=3", "seed.data=4", "optimizer.clip=null",
            "corpus={calibration: {alphabet: 4, key: 2, value: 2, exponent: 0.5, tokens: 1_000}}",
            "corpus.calibration.key=6")
        #expect(config.name == "other")
        #expect(config.model.dropout == 0.1)
        #expect(config.seed == Seed(initialization: 3, data: 4))
        #expect(config.optimizer.clip == nil)
        #expect(config.corpus.calibration?.key == 6)
        #expect(try decode(set: "evaluate.tokens=all").evaluate.tokens == .all)
    }

    @Test("the whole range of seeds is read")
    func wholeRangeOfSeeds() throws {
        #expect(try decode(set: "seed=18446744073709551615").seed == Seed(UInt64.max))
    }

    @Test("a file that is not there is an error of usage that names it")
    func missingFile() {
        let error = #expect(throws: Failure.self) { try RunConfig(file: URL(fileURLWithPath: "/no/such/config.yaml")) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("/no/such/config.yaml") == true)
    }
}
