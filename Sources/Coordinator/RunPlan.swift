import Experiment
import Foundation
import Reports

/// What a run will take, from its configuration alone.
struct RunPlan {
    let config: RunConfig
    let shape: ModelShape
    let ranks: Int

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
            "slots           \(config.slots) of \(config.batch.slot) sequences; \(ranks) \(ranks == 1 ? "rank" : "ranks") with "
                + slotsPerRank,
            "",
            "memory of the largest rank, about \(bytes(memory.total)):",
        ]
        lines += memory.parts.map {
            "  \(bytes($0.bytes).padding(toLength: 12, withPad: " ", startingAt: 0))  \($0.name)"
        }
        lines += ["checkpoint      \(bytes(checkpointBytes)) each, \(config.checkpoint.keep) kept"]
        return lines.map { Console.style.plain($0) + "\n" }.joined()
    }

    /// Bytes of the rank that needs the most.
    private var memory: (parts: [(name: String, bytes: Int)], total: Int) {
        let arena = 4 * shape.totalParameters
        let gradients = largestRank.arenas
        let parts = [
            (name: "parameters", bytes: arena),
            (name: "gradients: \(gradients) \(gradients == 1 ? "arena" : "arenas")", bytes: gradients * arena),
            (name: "both moments of its shard, 1/\(ranks) of the model", bytes: 2 * arena / ranks),
            (name: "sums and messages of the reduction", bytes: reductionBytes),
            (name: "activations of a slot of \(config.batch.slot * shape.context) tokens", bytes: activationBytes),
        ]
        return (parts, parts.map(\.bytes).reduce(0, +))
    }

    /// Gradient arenas, and slots, of the rank that has the most: one arena per maximal subtree, and what depth-first
    /// addition of the deepest one needs besides.
    private var largestRank: (arenas: Int, slots: Int) {
        let tree = SlotTree(slots: config.slots)
        let leaves = (0..<ranks).map { tree.leaves(rank: $0, ranks: ranks) }
        let arenas = leaves.map { range in
            tree.maximalSubtrees(in: range).enumerated().map { $0 + SlotTree.depth(leaves: $1.count) }.max() ?? 0
        }
        return (arenas.max() ?? 1, leaves.map(\.count).max() ?? 1)
    }

    /// The sums over a rank's shards, and what the others send for one shard of a bucket of 16 MiB.
    private var reductionBytes: Int {
        guard ranks > 1 else { return 0 }
        let tree = SlotTree(slots: config.slots)
        let partials = (0..<ranks).map { tree.maximalSubtrees(in: tree.leaves(rank: $0, ranks: ranks)).count }
        let shard = min(16 << 20, 4 * shape.totalParameters) / ranks
        return 4 * shape.totalParameters / ranks + (partials.reduce(0, +) - 1) * shard
    }

    /// What a forward pass keeps for backward, with a tile of logits: per token and block ten widths, the heads'
    /// softmax sums and the norms' moments; eight widths besides.
    private var activationBytes: Int {
        let tokens = config.batch.slot * shape.context
        let perToken = shape.layers * (10 * shape.width + shape.heads + 4) + 8 * shape.width + 2
        return 4 * (tokens * perToken + min(tokens, shape.logitTileRows) * shape.vocabulary)
    }

    private var checkpointBytes: Int { 3 * 4 * shape.totalParameters }

    private var slotsPerRank: String {
        let least = config.slots / ranks
        return largestRank.slots == least ? "\(least) each" : "\(least) to \(largestRank.slots)"
    }

    private func pfDays(_ tokens: Int) -> String { Humanly.significant(shape.flops6ND(tokens: tokens) / 8.64e19, 3) }
    private func bytes(_ count: Int) -> String { Humanly.bytes(Double(count)) }
    private func exact(_ count: Int) -> String { "\(count) (\(Humanly.count(count)))" }
}
