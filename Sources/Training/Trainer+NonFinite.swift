import Communication
import Experiment
import Tensors

extension Trainer {
    /// Who brought a number that is not finite, and in which tensor's gradient: found by asking all ranks, before any
    /// parameter is touched.
    func nonFinite(_ batch: BatchReport, partials: [Arena]) throws -> Failure {
        // Backward runs from the end of the layout to its start, so the last tensor is where it came up first.
        let tensors = model.layout.tensors
        let own = tensors.indices.reversed().first { index in
            partials.contains { !model.kernels.sumOfSquares($0.floats[tensors[index].region.range]).isFinite }
        }
        let found = try link.allGather([own ?? -1]).map { $0[0] }
        let slotTree = SlotTree(slots: config.slots)
        let faulty = batch.slotLosses.firstIndex { !$0.isFinite }
        let ofSlot = faulty.flatMap { slot in
            found.indices.first { rank in
                let leaves = slotTree.leaves(rank: rank, ranks: link.ranks)
                return leaves.low <= slot && slot < leaves.high
            }
        }
        let rank = ofSlot ?? found.firstIndex { $0 >= 0 }
        let tensor = rank.flatMap { found[$0] >= 0 ? tensors[found[$0]].name : nil }
        let what =
            faulty.map { "the loss of slot \($0) is \(batch.slotLosses[$0])" } ?? "the gradient's norm is not finite"
        return Failure(
            .worker,
            "Step \(step + 1) was not taken: on rank \(rank.map(String.init) ?? "unknown") \(what)"
                + (tensor.map { ", first seen in the gradient of \($0)" }
                    ?? ", from finite gradients whose sum overflows")
                + "; the parameters are as after step \(step). Lower schedule.peak (\(config.schedule.peak)), or warm up longer."
        )
    }
}
