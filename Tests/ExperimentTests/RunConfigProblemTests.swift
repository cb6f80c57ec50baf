import Experiment
import Foundation
import Testing

@Suite("What is wrong with a configuration")
struct RunConfigProblemTests {
    /// A setting, and what the one sentence about it must hold.
    static let single: [(String, [String])] = [
        // The wrong kind of value.
        ("model.layers=two", ["`model.layers`", "whole number", "\"two\""]),
        ("model.layers=1.5", ["`model.layers`", "whole number", "\"1.5\""]),
        ("model.layers=[1]", ["`model.layers`", "a list"]),
        ("model.layers={a: 1}", ["`model.layers`", "a mapping"]),
        ("schedule.peak=fast", ["`schedule.peak`", "a number", "\"fast\""]),
        ("precision=float16", ["`precision`", "float32", "\"float16\""]),
        ("schedule.kind=cosin", ["`schedule.kind`", "cosine, linear, constant, wsd"]),
        ("optimizer.kind=sgd", ["`optimizer.kind`", "adamw", "\"sgd\""]),
        ("reduction=nccl", ["`reduction`", "tree, mpi"]),
        ("recompute=1", ["`recompute`", "true or false", "\"1\""]),
        ("seed=-1", ["`seed`", "2^64 - 1"]),
        ("corpus.paths=[[a]]", ["`corpus.paths`", "list of paths"]),
        ("batch=24", ["`batch`", "mapping"]),
        // Out of range.
        ("model.layers=0", ["`model.layers` is 0", "1 or more"]),
        ("model.vocabulary=1", ["`model.vocabulary` is 1", "2 or more"]),
        ("model.dropout=1", ["`model.dropout` is 1.0", "below 1"]),
        ("schedule.peak=0", ["`schedule.peak` is 0.0", "above 0"]),
        ("schedule.peak=nan", ["`schedule.peak` is nan"]),
        ("schedule.peak=inf", ["`schedule.peak` is inf"]),
        ("optimizer.beta2=1", ["`optimizer.beta2` is 1.0"]),
        ("optimizer.epsilon=0", ["`optimizer.epsilon` is 0.0"]),
        ("optimizer.clip=-1", ["`optimizer.clip` is -1.0", "null for no clip"]),
        ("checkpoint.keep=0", ["`checkpoint.keep` is 0"]),
        ("steps=0", ["`steps` is 0"]),
        // Missing.
        ("name=null", ["`name` is missing"]),
        ("model.width=null", ["`model.width` is missing"]),
        ("schedule={kind: cosine}", ["`schedule.peak` is missing"]),
        ("seed={init: 1}", ["`seed.data` is missing"]),
        ("steps=null", ["either `steps` or `tokens`"]),
        ("tokens=1_000", ["either `steps` or `tokens`"]),
        // Values that clash: the numbers, and a remedy.
        ("model.heads=5", ["width` 64", "heads` 5", "take 4 heads", "65"]),
        ("batch.slot=7", ["sequences` 24", "slot` 7", "slot of 6"]),
        ("batch.slot=48", ["sequences` 24", "slot` 48", "slot of 24"]),
        ("schedule.warmup_steps=101", ["101", "100 steps"]),
        ("schedule.floor=1", ["floor` 1.0", "peak` 0.001"]),
        ("schedule={peak: 1, kind: wsd, warmup_steps: 60, decay_steps: 50}", ["60", "50", "100 steps"]),
        ("schedule.decay_steps=5", ["decay_steps", "wsd"]),
        ("evaluate.patience=3", ["evaluate.patience", "evaluate.every"]),
        ("model.vocabulary=100", ["vocabulary` 100", "257"]),
        ("model.mup={base_width: 24}", ["base width of 24", "heads of 16", "multiple of 16"]),
        ("model.mup={base_width: 32, base_heads: 4}", ["32 of 4 heads", "heads of 16", "take 8 heads"]),
        ("model.mup={base_heads: 4}", ["`model.mup.base_width` is missing"]),
        ("checkpoint.at=[5, 101]", ["step 101", "100 steps"]),
        ("checkpoint.at=[0]", ["`checkpoint.at`", "1 or more"]),
        ("checkpoint.at=often", ["`checkpoint.at`", "list of whole numbers"]),
        ("name=../up", ["`name`", "../up"]),
        ("name=.hidden", ["`name`"]),
        ("corpus.prepared=x", ["exactly one", "2 are given"]),
        ("corpus.paths=null", ["exactly one", "0 are given"]),
        ("corpus={prepared: x, tokenizer: 'bpe:512'}", ["corpus.tokenizer", "corpus.paths"]),
        (
            "corpus={calibration: {alphabet: 4, key: 2, value: 3, exponent: 0.5, tokens: 100}}",
            ["context` 32", "5 symbols", "take 35"]
        ),
        (
            "corpus={calibration: {alphabet: 256, key: 4, value: 4, exponent: 0.5, tokens: 100}}",
            ["256^4", "shorter key"]
        ),
    ]

    @Test("each kind of bad value is one sentence with the values in it", arguments: single)
    func oneProblem(setting: String, parts: [String]) {
        let found = problems(set: setting)
        #expect(found.count == 1, "\(found)")
        for part in parts { #expect(found.first?.contains(part) == true, "\(part) is not in: \(found)") }
    }

    @Test(
        "an unknown key is refused, and the nearest known one named",
        arguments: [
            ("model.widht=3", "`model.widht`", "`model.width`"), ("model.layer=3", "`model.layer`", "`model.layers`"),
            ("stepps=3", "`stepps`", "`steps`"), ("batch.slots=3", "`batch.slots`", "`batch.slot`"),
            ("optimizer.weightdecay=0", "`optimizer.weightdecay`", "`optimizer.weight_decay`"),
            ("corpus.tokeniser=bytes", "`corpus.tokeniser`", "`corpus.tokenizer`"),
            ("schedule.warmup=3", "`schedule.warmup`", "`schedule.warmup_steps`"),
            ("evaluate.evry=3", "`evaluate.evry`", "`evaluate.every`"),
            ("checkpoint.kep=3", "`checkpoint.kep`", "`checkpoint.keep`"),
        ])
    func unknownKey(setting: String, key: String, nearest: String) {
        #expect(problems(set: setting) == ["\(key) is not a known key; did you mean \(nearest)?"])
    }

    @Test("everything that is wrong is told at once")
    func allAtOnce() {
        let found = problems(
            set: "model.layers=0", "model.widht=3", "schedule.peak=x", "steps=null", "seed={init: 1}", "precision=half")
        #expect(found.count == 6, "\(found)")
        let clashes = problems(set: "model.heads=5", "batch.slot=7", "schedule.floor=2", "name=a b")
        #expect(clashes.count == 4, "\(clashes)")
    }

    @Test("one problem is one line, several are a list under the file's name")
    func description() {
        let one = #expect(throws: ConfigurationError.self) { try decode(set: "batch.slot=0") }
        #expect(one.map { "\($0)" } == "test.yaml: `batch.slot` is 0; it must be 1 or more.")
        let two = #expect(throws: ConfigurationError.self) { try decode(set: "batch.slot=0", "model.heads=0") }
        #expect(
            two.map { "\($0)" }
                == "test.yaml has 2 problems:\n  - `model.heads` is 0; it must be 1 or more and at most 65536.\n"
                + "  - `batch.slot` is 0; it must be 1 or more.")
    }

    @Test(
        "text that is no configuration is refused",
        arguments: ["", "# nothing", "just words", "- a\n- list", "name: [", "a: 1\na: 2", "\t- x: y: z"])
    func notAConfiguration(text: String) {
        #expect(!problems(text).isEmpty)
    }

    @Test("a setting that is no key=value is refused by name", arguments: ["steps", "=3", "=", "model.layers"])
    func badSetting(setting: String) {
        let error = #expect(throws: ConfigurationError.self) { try decode(minimalYAML, set: [setting]) }
        #expect(error?.source == "--set \(setting)")
        #expect(error?.problems.first?.contains("key=value") == true)
    }
}
