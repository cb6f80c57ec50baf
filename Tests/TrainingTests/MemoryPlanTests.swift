import Communication
import Corpus
import Experiment
import Foundation
import Tensors
import Testing

@testable import Training
@testable import Transformer

/// A plan's bytes are those that the trainer then allocates, and what does not fit is refused with settings that do.
@Suite struct MemoryPlanTests {
    @Test(
        "every part is as large as what the trainer allocates for it",
        arguments: [(1, 16, 1, 1, false), (3, 32, 4, 2, false), (2, 48, 6, 1, true)])
    func parts(layers: Int, width: Int, slots: Int, slot: Int, recomputes: Bool) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = try Self.config(
            layers: layers, width: width, slots: slots, slot: slot, recomputes: recomputes, folder: folder)
        let corpus = try CorpusPreparation.prepare(config.corpus, cache: folder)
        let trainer = try Trainer(
            config: config, corpus: corpus, link: OneProcess(), kernels: Kernels(.baseline))
        let plan = MemoryPlan(config: config, shape: trainer.model.shape, ranks: 1, hosts: 1, baseBytes: 1_000)
        let parts = plan.parts(ofRank: 0)
        func bytes(_ name: String) -> Int? { parts.first { $0.name.hasPrefix(name) }?.bytes }

        #expect(bytes("parameters") == 4 * trainer.parameters.count)
        #expect(bytes("gradients") == trainer.slotGradients.gradientBytes)
        #expect(
            bytes("both moments") == 4 * (trainer.optimizer.firstMoment.count + trainer.optimizer.secondMoment.count))
        let batches = 2 * Batch.bytes(capacity: slot, context: config.model.context)
        #expect(bytes("activations") == 4 * trainer.work.arena.count + 8 * trainer.work.losses.count + batches)
        #expect(plan.bytes(ofRank: 0) == parts.reduce(0) { $0 + $1.bytes })
        #expect(plan.bytes(ofHost: 0) == plan.bytes(ofRank: 0))
    }

    @Test("ranks of a host share one copy of the parameters; a host of one rank shares nothing")
    func sharing() throws {
        let config = try Self.config(layers: 2, width: 64, slots: 8, slot: 1, recomputes: false)
        let shape = config.model.shape(tokenizerVocabulary: 8)
        let one = MemoryPlan(config: config, shape: shape, ranks: 8, hosts: 1, baseBytes: 0)
        let eight = MemoryPlan(config: config, shape: shape, ranks: 8, hosts: 8, baseBytes: 0)
        let arena = 4 * one.arenaCount
        #expect(one.sharedBytes(ofHost: 0) == 9 * arena)
        #expect(eight.sharedBytes(ofHost: 3) == 0)
        #expect(one.bytes(ofHost: 0) < 8 * one.bytes(ofRank: one.largestRank) - 7 * arena)
        #expect(eight.bytes(ofHost: 1) == eight.bytes(ofRank: 1))
        #expect(one.bytesSentPerHost == 0)
        #expect(eight.bytesSentPerHost > arena)
    }

    @Test("what does not fit is refused with settings that do", arguments: [0.95, 0.8, 0.6, 0.4, 0.25])
    func refusal(share: Double) throws {
        let config = try Self.config(layers: 4, width: 64, slots: 4, slot: 8, recomputes: false)
        let plan = MemoryPlan(
            config: config, shape: config.model.shape(tokenizerVocabulary: 8), ranks: 2, hosts: 1, baseBytes: 1_000)
        let needed = MemoryCheck(plan, hostBytes: nil).neededBytes
        // What a plan may be wrong by stays free.
        #expect(MemoryCheck(plan, hostBytes: needed + needed / 25).refusal == nil)
        #expect(MemoryCheck(plan, hostBytes: needed + needed / 50).refusal != nil)
        let limit = Int(share * Double(needed))
        let check = MemoryCheck(plan, hostBytes: limit)
        #expect(!check.fits)
        #expect(check.refusal?.code == .usage)
        #expect(!check.suggestions.isEmpty)
        for setting in check.suggestions {
            #expect(setting.bytes <= limit)
            #expect(check.refusal?.message.contains(setting.changes[0]) == true)
        }
    }

    @Test("a model that is too large for any setting is refused without one")
    func hopeless() throws {
        let config = try Self.config(layers: 4, width: 64, slots: 4, slot: 8, recomputes: false)
        let plan = MemoryPlan(
            config: config, shape: config.model.shape(tokenizerVocabulary: 8), ranks: 2, hosts: 1, baseBytes: 1_000)
        let check = MemoryCheck(plan, hostBytes: 10_000)
        #expect(check.suggestions.isEmpty)
        #expect(check.refusal?.message.contains("smaller model") == true)
    }

    private static func config(
        layers: Int, width: Int, slots: Int, slot: Int, recomputes: Bool,
        folder: URL = FileManager.default.temporaryDirectory
    ) throws -> RunConfig {
        let text = """
            name: planned
            model: {layers: \(layers), width: \(width), heads: 2, context: 32}
            corpus: {calibration: {alphabet: 8, key: 2, value: 2, exponent: 0.5, tokens: 20000}}
            batch: {sequences: \(slots * slot), slot: \(slot)}
            schedule: {peak: 1e-3}
            steps: 4
            recompute: \(recomputes)
            """
        return try RunConfig(yaml: text, source: "test", folder: folder)
    }
}
