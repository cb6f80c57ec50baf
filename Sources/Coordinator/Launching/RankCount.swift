import Experiment

/// How many ranks a run gets, and what a person should know about that number.
struct RankCount: Equatable {
    let ranks: Int
    /// Why this number, where nobody asked for it.
    let reason: String?
    /// A hint at numbers that suit the slots better.
    let hint: String?

    /// - Parameter asked: `--ranks`. Without it: the hostfile's slots, or this host's cores, at most `slots`.
    /// - Throws: `Failure(.usage)` when more ranks than slots are asked for.
    init(asked: Int?, hostfile: Hostfile?, cores: Int, slots: Int, sequences: Int) throws {
        let wanted = asked ?? hostfile?.slots ?? cores
        guard wanted > 0 else { throw Failure(.usage, "\(wanted) ranks were asked for; at least 1 is needed.") }
        guard wanted <= slots || (asked == nil && hostfile == nil) else {
            throw Failure(
                .usage,
                "\(wanted) ranks are more than the \(slots) slots of a global batch (\(sequences) sequences in slots of "
                    + "\(sequences / slots)): every rank needs one; take at most \(slots) ranks, or a smaller `batch.slot`."
            )
        }
        ranks = min(wanted, slots)
        reason = Self.reason(asked: asked, hostfile: hostfile, cores: cores, slots: slots)
        hint = Self.hint(ranks: ranks, slots: slots)
    }

    private static func reason(asked: Int?, hostfile: Hostfile?, cores: Int, slots: Int) -> String? {
        if asked != nil { return nil }
        if let hostfile { return "the sum of the slots in \(hostfile.path)" }
        let plural = cores == 1 ? "core" : "cores"
        return cores <= slots ? "one per core of this host" : "one per slot; this host has \(cores) \(plural)"
    }

    /// Whole subtrees per rank, and equal work, come with powers of two that divide the slots.
    private static func hint(ranks: Int, slots: Int) -> String? {
        let good = suitable(slots: slots)
        guard !good.contains(ranks) else { return nil }
        let leaves = SlotTree(slots: slots)
        let counts = (0..<ranks).map { leaves.leaves(rank: $0, ranks: ranks) }
        let partials = counts.map { leaves.maximalSubtrees(in: $0).count }.max() ?? 1
        let largest = counts.map(\.count).max() ?? 1
        let better = [good.last { $0 < ranks }, good.first { $0 > ranks }].compactMap { $0 }
        let cost = partials > 1 ? ", and up to \(partials) partial gradients instead of one" : ""
        return
            "\(ranks) ranks over \(slots) slots: the busiest rank has \(largest)\(cost); "
            + "\(better.map(String.init).joined(separator: " or ")) ranks would suit better."
    }

    /// Powers of two that divide `slots`.
    static func suitable(slots: Int) -> [Int] {
        Array(sequence(first: 1) { $0 * 2 }.prefix { $0 <= slots }).filter { slots % $0 == 0 }
    }
}
