import Experiment
import Foundation
import Testing

@Suite("Writing a configuration")
struct RunConfigYAMLTests {
    static let settings: [[String]] = [
        [],
        [
            "name=null-model", "model.vocabulary=50257", "model.dropout=0.1",
            "seed={init: 7, data: 18446744073709551615}",
        ],
        ["name='1e5'", "optimizer.clip=null", "optimizer.epsilon=1e-12", "schedule.peak=0.1"],
        ["corpus.limit_tokens=1_000", "corpus.tokenizer='bpe:4096'", "evaluate={every: 3, tokens: all, patience: 2}"],
        [
            "schedule={peak: 3e-4, kind: wsd, warmup_steps: 3, decay_steps: 9, floor: 1e-5}", "reduction=mpi",
            "recompute=true",
        ],
        ["corpus={prepared: 'some where'}", "checkpoint={every: 10, keep: 1}"],
        ["corpus={calibration: {alphabet: 4, key: 5, value: 3, exponent: 0.30000000000000004, tokens: 1000}}"],
        ["steps=null", "tokens=1_000_000"],
        ["model.mup={base_width: 32}", "checkpoint={every: 10, at: [30, 7, 7]}"],
        ["model.mup={base_width: 32, base_heads: 2}", "checkpoint.at=50"],
    ]

    @Test("a configuration that is written reads back equal, from any folder", arguments: settings)
    func roundTrip(overrides: [String]) throws {
        let config = try decode(minimalYAML, set: overrides)
        let again = try RunConfig(
            yaml: config.yaml, source: "again", folder: URL(fileURLWithPath: "/elsewhere", isDirectory: true))
        #expect(again == config)
        #expect(again.yaml == config.yaml)
        #expect(again.hash == config.hash)
    }

    @Test(
        "a path comes back whatever is in its name",
        arguments: [
            "/plain", "/with space", "/quote\"and\\slash", "/new\nline\tand tab", "/null", "/a: b", "/#c", "/[d]",
            "/ü/日本/🪶", "/del\u{7F}", "/next line\u{85}end", "/separators\u{2028}\u{2029}", "/'e'", "/%f", "/ g ",
        ])
    func paths(path: String) throws {
        var config = try decode(minimalYAML)
        config.corpus.paths = [path, "/other"]
        #expect(try decode(config.yaml).corpus.paths == config.corpus.paths)
    }

    @Test("the hash is that of the arithmetic: how often a run is saved is not in it, nor what is recomputed")
    func hash() throws {
        let plain = try decode(minimalYAML)
        #expect(plain.hash.count == 64)
        #expect(try decode(set: "checkpoint={every: 1, keep: 9}").hash == plain.hash)
        #expect(try decode(set: "checkpoint.at=[10, 20]").hash == plain.hash)
        #expect(try decode(set: "recompute=true").hash == plain.hash)
        for setting in [
            "seed=2", "steps=99", "batch.slot=4", "model.width=128", "model.mup={base_width: 32}", "evaluate.every=5",
        ] {
            #expect(try decode(set: setting).hash != plain.hash, "\(setting)")
        }
    }
}
