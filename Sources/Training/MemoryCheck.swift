import Experiment

/// Whether hosts have the memory that a plan needs, and the nearest settings that would do where they have not.
public struct MemoryCheck: Sendable {
    public let plan: MemoryPlan
    /// What a host may take; nil where nobody knows.
    public let hostBytes: Int?

    public init(_ plan: MemoryPlan, hostBytes: Int?) {
        self.plan = plan
        self.hostBytes = hostBytes
    }

    public var neededBytes: Int { plan.heldBytes(ofHost: plan.largestHost) }
    /// A plan is good to 3 %: as much stays free.
    public var fits: Bool { hostBytes.map { Double(neededBytes) * 1.03 <= Double($0) } ?? true }

    /// Settings that fit: the nearest of each kind that suffices alone; else the nearest combination of them; none where
    /// the model is too large for any.
    public var suggestions: [MemoryReport.Setting] {
        let alone = [recomputation, smallerSlots, fewerRanks, moreHosts(slots: plan.config.slots)].compactMap {
            $0.first(where: fits)
        }
        if !alone.isEmpty { return alone.map(setting) }
        let combined = ([current] + smallerSlots).compactMap { slot in
            ([current] + fewerRanks + moreHosts(slots: plan.config.batch.sequences / slot.slot)).lazy.map { hosts in
                Variant(slot: slot.slot, recomputes: true, ranks: hosts.ranks, hosts: hosts.hosts)
            }.first(where: fits)
        }
        return combined.min { $0.hosts < $1.hosts }.map { [setting($0)] } ?? []
    }

    /// The refusal: need, have, and what would fit.
    public var refusal: Failure? {
        guard let hostBytes, !fits else { return nil }
        let ranks = plan.reduction.ranks(ofHost: plan.largestHost).count
        let options = suggestions.map { "\($0.changes.joined(separator: " ")) (\(Self.text($0.bytes)))" }
        let remedy =
            options.isEmpty
            ? "neither recompute, nor smaller slots, fewer ranks or more hosts make room; take a smaller model or more memory."
            : "it would fit with \(options.joined(separator: ", or "))."
        return Failure(
            .usage,
            "\(plan.config.name) needs \(Self.text(neededBytes)) on a host with \(ranks) \(ranks == 1 ? "rank" : "ranks"), "
                + "which has \(Self.text(hostBytes)); \(remedy)")
    }

    private struct Variant {
        var slot: Int
        var recomputes: Bool
        var ranks: Int
        var hosts: Int
    }

    private var current: Variant {
        Variant(
            slot: plan.config.batch.slot, recomputes: plan.config.recompute, ranks: plan.reduction.ranks,
            hosts: plan.reduction.hosts)
    }

    private func current(changing change: (inout Variant) -> Void) -> Variant {
        var variant = current
        change(&variant)
        return variant
    }

    private var recomputation: [Variant] {
        plan.config.recompute ? [] : [current { $0.recomputes = true }]
    }

    /// Halves of the slot, as long as it divides.
    private var smallerSlots: [Variant] {
        sequence(first: current.slot) { $0 % 2 == 0 ? $0 / 2 : nil }.dropFirst().map { slot in
            current { $0.slot = slot }
        }
    }

    /// Fewer ranks on each host.
    private var fewerRanks: [Variant] {
        let perHost = (current.ranks + current.hosts - 1) / current.hosts
        return sequence(first: perHost / 2) { $0 / 2 }.prefix { $0 > 0 }.map { ranks in
            current { $0.ranks = ranks * current.hosts }
        }
    }

    /// The same ranks on more hosts; then one on each of still more, up to one per slot.
    private func moreHosts(slots: Int) -> [Variant] {
        let doubled = sequence(first: 2 * current.hosts) { 2 * $0 }.prefix { $0 <= slots }
        let counts = Set(doubled).union([current.ranks, slots]).filter { $0 > current.hosts }
        return counts.sorted().map { hosts in
            current {
                $0.hosts = hosts
                $0.ranks = max($0.ranks, hosts)
            }
        }
    }

    private func plan(_ variant: Variant) -> MemoryPlan {
        var config = plan.config
        config.batch.slot = variant.slot
        config.recompute = variant.recomputes
        return MemoryPlan(
            config: config, shape: plan.shape, ranks: variant.ranks, hosts: variant.hosts, baseBytes: plan.baseBytes,
            sharedBaseBytes: plan.sharedBaseBytes,
            corpusBytes: plan.corpusBytes)
    }

    private func fits(_ variant: Variant) -> Bool { MemoryCheck(plan(variant), hostBytes: hostBytes).fits }

    private func setting(_ variant: Variant) -> MemoryReport.Setting {
        var changes: [String] = []
        if variant.recomputes != current.recomputes { changes.append("--set recompute=true") }
        if variant.slot != current.slot { changes.append("--set batch.slot=\(variant.slot)") }
        if variant.ranks != current.ranks { changes.append("--ranks \(variant.ranks)") }
        if variant.hosts != current.hosts { changes.append("on \(variant.hosts) hosts") }
        return MemoryReport.Setting(
            changes: changes, bytes: MemoryCheck(plan(variant), hostBytes: hostBytes).neededBytes)
    }

    /// 1.53 GiB.
    private static func text(_ bytes: Int) -> String {
        let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")]
        let (shift, unit) = units.first { bytes >= 1 << $0.0 } ?? (0, "B")
        let scaled = Double(bytes) / Double(1 << shift)
        let tenths = Int((scaled * 100).rounded())
        return "\(tenths / 100).\(tenths % 100 < 10 ? "0" : "")\(tenths % 100) \(unit)"
    }
}
