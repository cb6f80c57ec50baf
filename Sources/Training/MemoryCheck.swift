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
    public var fits: Bool { hostBytes.map { neededBytes <= $0 } ?? true }

    /// Settings that fit: each that suffices alone, nearest first of its kind; else the smallest combination that does;
    /// none where the model itself is too large for any.
    public var suggestions: [MemoryReport.Setting] {
        let alone = [smallerSlots, fewerRanks, moreHosts].compactMap { variants in variants.first(where: fits) }
        if !alone.isEmpty { return alone.map(setting) }
        let slots = smallerSlots
        for slot in slots {
            for hosts in moreHosts {
                let both = Variant(slot: slot.slot, ranks: hosts.ranks, hosts: hosts.hosts)
                if fits(both) { return [setting(both)] }
            }
        }
        return []
    }

    /// The refusal: need, have, and what would fit.
    public var refusal: Failure? {
        guard let hostBytes, !fits else { return nil }
        let ranks = plan.reduction.ranks(ofHost: plan.largestHost).count
        let options = suggestions.map { "\($0.changes.joined(separator: " with ")) (\(Self.text($0.bytes)))" }
        let remedy =
            options.isEmpty
            ? "no smaller slot, no fewer ranks and no more hosts make room; take a smaller model or more memory."
            : "it would fit with \(options.joined(separator: ", or with "))."
        return Failure(
            .usage,
            "\(plan.config.name) needs \(Self.text(neededBytes)) on a host with \(ranks) \(ranks == 1 ? "rank" : "ranks"), "
                + "which has \(Self.text(hostBytes)); \(remedy)")
    }

    private struct Variant {
        var slot: Int
        var ranks: Int
        var hosts: Int
    }

    private var current: Variant {
        Variant(slot: plan.config.batch.slot, ranks: plan.reduction.ranks, hosts: plan.reduction.hosts)
    }

    /// Halves of the slot, as long as it divides.
    private var smallerSlots: [Variant] {
        sequence(first: current.slot) { $0 % 2 == 0 ? $0 / 2 : nil }.dropFirst().map {
            var variant = current
            variant.slot = $0
            return variant
        }
    }

    /// Fewer ranks on each host.
    private var fewerRanks: [Variant] {
        let perHost = (current.ranks + current.hosts - 1) / current.hosts
        return sequence(first: perHost / 2) { $0 / 2 }.prefix { $0 > 0 }.map {
            var variant = current
            variant.ranks = $0 * current.hosts
            return variant
        }
    }

    /// The same ranks on more hosts, up to one each.
    private var moreHosts: [Variant] {
        let doubled = sequence(first: 2 * current.hosts) { 2 * $0 }.prefix { $0 < current.ranks } + [current.ranks]
        return doubled.filter { $0 > current.hosts }.map {
            var variant = current
            variant.hosts = $0
            return variant
        }
    }

    private func plan(_ variant: Variant) -> MemoryPlan {
        var config = plan.config
        config.batch.slot = variant.slot
        return MemoryPlan(
            config: config, shape: plan.shape, ranks: variant.ranks, hosts: variant.hosts, baseBytes: plan.baseBytes,
            sharedBaseBytes: plan.sharedBaseBytes,
            corpusBytes: plan.corpusBytes)
    }

    private func fits(_ variant: Variant) -> Bool { MemoryCheck(plan(variant), hostBytes: hostBytes).fits }

    private func setting(_ variant: Variant) -> MemoryReport.Setting {
        var changes: [String] = []
        if variant.slot != current.slot { changes.append("batch.slot: \(variant.slot)") }
        if variant.ranks != current.ranks { changes.append("--ranks \(variant.ranks)") }
        if variant.hosts != current.hosts { changes.append("the ranks on \(variant.hosts) hosts") }
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
