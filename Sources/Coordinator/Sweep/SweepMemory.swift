import Experiment

/// What the runs of a sweep hold of this host's memory, where that decides how many go side by side.
struct SweepMemory: Equatable {
    /// What runs side by side may hold together: a plan is good to 3 %.
    let hostBytes: Double
    private let needs: [Key: Packing.Need]

    /// What the memory of a run depends on, of all that differs between the runs of a sweep.
    private struct Key: Hashable {
        let shape: ModelShape
        let sequences: Int

        init(_ run: SweepRun) { (shape, sequences) = (run.shape, run.config.batch.sequences) }
    }

    /// - Parameters:
    ///   - largest: what the largest run needs on one rank.
    ///   - ask: the worker's word on a run with so many ranks.
    /// - Returns: nil where the host has room for as many of the largest as it has cores, or tells of no limit.
    init?(
        _ runs: [SweepRun], cores: Int, largest: MemoryReport,
        ask: (SweepRun, _ ranks: Int) async throws -> MemoryReport
    ) async throws {
        guard let limit = largest.hostBytes else { return nil }
        hostBytes = Double(limit) / 1.03
        guard Double(largest.bytesNeeded) * Double(cores) > hostBytes else { return nil }
        var needs: [Key: Packing.Need] = [:]
        for run in runs where needs[Key(run)] == nil {
            let most = min(cores, run.config.slots)
            let one = Double(try await ask(run, 1).bytesNeeded)
            let all = most > 1 ? Double(try await ask(run, most).bytesNeeded) : one
            needs[Key(run)] = Packing.Need(ofOneRank: one, ofEachMore: (all - one) / Double(max(1, most - 1)))
        }
        self.needs = needs
    }

    func need(of run: SweepRun) -> Packing.Need { needs[Key(run)] ?? .none }
}
