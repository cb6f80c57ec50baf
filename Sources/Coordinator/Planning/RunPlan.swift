import Corpus
import Experiment
import Foundation
import Reports

/// What a run will take, from its configuration alone.
struct RunPlan {
    let config: RunConfig
    let shape: ModelShape
    let memory: MemoryReport
    let time: TimePlan
    /// Why nothing was probed, where nothing was.
    let reasonForEstimate: String?

    private var ranks: Int { memory.ranks }

    var text: String {
        let tokens = config.totalTokens
        var lines = [
            "\(config.name): \(shape.layers) layers, width \(shape.width), \(shape.heads) heads, context \(shape.context), "
                + "vocabulary \(Humanly.count(shape.vocabulary))",
            "",
            "parameters      \(exact(shape.totalParameters)) in all (tied head once)",
            "                \(exact(shape.parametersWithHead)) without position embeddings",
            "                \(exact(shape.nonEmbeddingParameters)) non-embedding",
            "tokens          \(exact(tokens)) in \(Humanly.count(config.steps)) steps of \(exact(config.tokensPerStep)); "
                + "\(Humanly.significant(Double(tokens) / Double(shape.totalParameters), 3)) per parameter",
            "training        \(Humanly.flops(shape.flopsExact(tokens: tokens))) exactly, "
                + "\(Humanly.flops(shape.flops6ND(tokens: tokens))) as 6ND, \(pfDays(tokens)) PF-days",
        ]
        lines += parametrization + reading
        lines += [
            "slots           \(config.slots) of \(config.batch.slot) sequences; \(ranks) \(ranks == 1 ? "rank" : "ranks") with "
                + slotsPerRank,
            "",
            "memory of the largest rank, about \(bytes(memory.bytesPerRank)):",
        ]
        lines += memory.memory.map {
            "  \(bytes($0.bytes).padding(toLength: 12, withPad: " ", startingAt: 0))  \($0.name)"
        }
        lines += hostLines
        lines += ["checkpoint      \(bytes(checkpointBytes)) each, \(config.checkpoint.keep) kept"]
        lines += timeLines
        return lines.map { Console.style.plain($0) + "\n" }.joined()
    }

    private var parametrization: [String] {
        config.model.mup.map { mup in
            let ratio = Humanly.significant(Double(mup.baseWidth) / Double(config.model.width), 3)
            return [
                "muP             base width \(mup.baseWidth): hidden matrices and the final norm learn at \(ratio) of the rate"
            ]
        } ?? []
    }

    /// What the run reads of each source of a corpus that is prepared already.
    private var reading: [String] {
        guard let folder = config.corpus.prepared,
            let corpus = try? PreparedCorpus(opening: URL(fileURLWithPath: folder), verifying: false),
            let data = try? TrainingData(corpus, config: config)
        else { return [] }
        return data.readings(steps: config.steps).enumerated().map { number, reading in
            (number == 0 ? "reads           " : "                ") + reading.text
        }
    }

    private var hostLines: [String] {
        let shared = memory.sharedBytesPerHost > 0 ? ", \(bytes(memory.sharedBytesPerHost)) of it shared" : ""
        let have = memory.hostBytes.map { "; a host has \(bytes($0))" } ?? ""
        let count = memory.ranksPerHost == 1 ? "1 rank" : "\(memory.ranksPerHost) ranks"
        var lines = ["host            \(bytes(memory.bytesPerHost)) for \(count)\(shared)\(have)"]
        if memory.hosts > 1 {
            lines.append(
                "wire            a step sends \(bytes(memory.bytesSentPerRankAndStep)) from the busiest rank, "
                    + "\(bytes(memory.bytesSentPerHostAndStep)) from its host: "
                    + "\(Humanly.duration(seconds: time.secondsOfMessages)) at 10 Gbit/s")
        }
        return lines
    }

    private var timeLines: [String] {
        let parts = [
            ("steps of \(stepText(time.secondsPerStep))", time.secondsOfSteps),
            ("evaluations", time.secondsOfEvaluations), ("checkpoints", time.secondsOfCheckpoints),
            ("start and end", time.secondsOfStart),
        ]
        let list = parts.map { "\($0) \(Humanly.duration(seconds: $1))" }.joined(separator: ", ")
        let source = reasonForEstimate.map { "estimated, not probed (\($0))" } ?? "probed on this host"
        return ["time            \(Humanly.duration(seconds: time.seconds)), \(source): \(list)"]
    }

    private func stepText(_ seconds: Double) -> String {
        seconds < 10 ? "\(Humanly.significant(1e3 * seconds, 3)) ms" : Humanly.duration(seconds: seconds)
    }

    /// What others read; the memory's keys beside it.
    var json: String {
        get throws { try SnakeCaseJSON.text(Object(plan: self)) + "\n" }
    }

    private struct Object: Encodable {
        let plan: RunPlan

        private enum Key: String, CodingKey {
            case run, parameters, parametersWithHead, nonEmbeddingParameters, tokens, steps, slots, flopsExact, flops6nd
            case checkpointBytes, hours, seconds, secondsPerStep, secondsOfEvaluations, secondsOfCheckpoints
            case secondsOfStart, isEstimated, reasonForEstimate
        }

        func encode(to encoder: any Encoder) throws {
            let (config, shape, time) = (plan.config, plan.shape, plan.time)
            try plan.memory.encode(to: encoder)
            var keys = encoder.container(keyedBy: Key.self)
            try keys.encode(config.name, forKey: .run)
            try keys.encode(shape.totalParameters, forKey: .parameters)
            try keys.encode(shape.parametersWithHead, forKey: .parametersWithHead)
            try keys.encode(shape.nonEmbeddingParameters, forKey: .nonEmbeddingParameters)
            try keys.encode(config.totalTokens, forKey: .tokens)
            try keys.encode(config.steps, forKey: .steps)
            try keys.encode(config.slots, forKey: .slots)
            try keys.encode(shape.flopsExact(tokens: config.totalTokens), forKey: .flopsExact)
            try keys.encode(shape.flops6ND(tokens: config.totalTokens), forKey: .flops6nd)
            try keys.encode(plan.checkpointBytes, forKey: .checkpointBytes)
            try keys.encode(time.hours, forKey: .hours)
            try keys.encode(time.seconds, forKey: .seconds)
            try keys.encode(time.secondsPerStep, forKey: .secondsPerStep)
            try keys.encode(time.secondsOfEvaluations, forKey: .secondsOfEvaluations)
            try keys.encode(time.secondsOfCheckpoints, forKey: .secondsOfCheckpoints)
            try keys.encode(time.secondsOfStart, forKey: .secondsOfStart)
            try keys.encode(time.isEstimated, forKey: .isEstimated)
            try keys.encodeIfPresent(plan.reasonForEstimate, forKey: .reasonForEstimate)
        }
    }

    private var checkpointBytes: Int { 3 * 4 * shape.totalParameters }

    private var slotsPerRank: String {
        let least = config.slots / ranks
        let most = memory.slotsOfBusiestRank
        return most == least ? "\(least) each" : "\(least) to \(most)"
    }

    private func pfDays(_ tokens: Int) -> String { Humanly.significant(shape.flops6ND(tokens: tokens) / 8.64e19, 3) }
    private func bytes(_ count: Int) -> String { Humanly.bytes(Double(count)) }
    private func exact(_ count: Int) -> String { "\(count) (\(Humanly.count(count)))" }
}
