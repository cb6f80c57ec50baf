/// Which runs of a WSD sweep share their constant part: of runs that differ in length only, the longest is the trunk, and
/// the others go on from its checkpoints where their own fall begins, with the same bits (Hägele et al. 2024).
enum SweepBranches {
    static func lay(_ runs: inout [SweepRun]) {
        for indices in Dictionary(grouping: runs.indices, by: { key(runs[$0].config) }).values where indices.count > 1 {
            guard let trunk = indices.max(by: { runs[$0].config.steps < runs[$1].config.steps }) else { continue }
            for index in indices where index != trunk {
                let config = runs[index].config
                let begin = config.steps - config.decayStepsOfWSD
                let shared = runs[trunk].config.steps - runs[trunk].config.decayStepsOfWSD
                guard begin > 0, begin <= shared, config.steps < runs[trunk].config.steps else { continue }
                runs[index].trunk = runs[trunk].name
                runs[index].branchStep = begin
                runs[trunk].keepCheckpoint(at: begin)
            }
        }
    }

    private static func key(_ config: RunConfig) -> String { config.beforeTheFall.yaml }
}

extension RunConfig {
    /// All that the arithmetic before the fall of a WSD schedule depends on: equal for runs that differ in length alone.
    fileprivate var beforeTheFall: RunConfig {
        var common = self
        common.name = "trunk"
        common.steps = 1
        common.schedule.decaySteps = nil
        common.checkpoint = CheckpointConfig()
        return common
    }

    /// What a bootstrap should draw together with this run: its name, or one text for all WSD runs that share their
    /// constant part and so their noise.
    public var cluster: String { schedule.kind == .wsd ? "wsd-\(beforeTheFall.hash.prefix(12))" : name }
}
