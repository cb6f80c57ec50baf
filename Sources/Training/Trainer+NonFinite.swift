import Communication
import Experiment
import Tensors

extension Trainer {
    /// Who brought a number that is not finite, and in which tensor's gradient. The step's gradients are computed once
    /// more, to the same bits, since their sums have been written over them; no parameter was touched.
    func nonFinite(_ batch: BatchReport) throws -> Failure {
        try slotGradients.run(step: step, data: &data, parameters: parameters)
        // Backward runs from the end of the layout to its start, so the last tensor is where it came up first.
        let tensors = model.layout.tensors
        let own = tensors.indices.reversed().first { index in
            reduction.partials.contains {
                !model.kernels.sumOfSquares($0[tensors[index].region.range]).isFinite
            }
        }
        let found = try link.allGather([own ?? -1]).map { $0[0] }
        let losses = gathering.slotLosses
        let faulty = losses.firstIndex { !$0.isFinite }
        let ofSlot = faulty.flatMap { slot in
            found.indices.first { rank in
                let leaves = reduction.tree.leaves(rank: rank, ranks: link.ranks)
                return leaves.low <= slot && slot < leaves.high
            }
        }
        let rank = ofSlot ?? found.firstIndex { $0 >= 0 }
        let tensor = rank.flatMap { found[$0] >= 0 ? tensors[found[$0]].name : nil }
        let what =
            faulty.map { "the loss of slot \($0) is \(losses[$0])" } ?? "the gradient's norm is not finite"
        return Failure(
            .worker,
            "Step \(step + 1) was not taken: on rank \(rank.map(String.init) ?? "unknown") \(what)"
                + (tensor.map { ", first seen in the gradient of \($0)" }
                    ?? ", from finite gradients whose sum overflows")
                + "; the parameters are as after step \(step). Lower schedule.peak (\(config.schedule.peak)), or warm up longer."
        )
    }
}
