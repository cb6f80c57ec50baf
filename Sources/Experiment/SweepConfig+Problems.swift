extension SweepConfig {
    /// A sweep of more runs is a slip of the pen.
    private static let mostCombinations = 10_000

    /// What is wrong with the runs of the sweep together, before the first of them is made; a sentence each.
    var problems: [String] { [tooMany, unequalHeads].compactMap { $0 } }

    private var tooMany: String? {
        var scans = 1
        if case .values(let values) = learningRate { scans *= values.count }
        if case .values(let values) = batch { scans *= values.count }
        let seeds = seeds.count + replicates.map(\.seeds.count).reduce(0, +)
        let combinations = sizes.count * horizons.count * seeds * scans + extras.count
        guard combinations > Self.mostCombinations else { return nil }
        return "sizes, lengths, seeds and scans make \(combinations) combinations, more than the "
            + "\(Self.mostCombinations) of the largest sweep; take fewer, or several sweeps."
    }

    /// muP's rates carry over to other widths only while heads stay as wide as they are (Yang et al. 2022): attention
    /// scores are divided by the root of the head width.
    private var unequalHeads: String? {
        guard template.model.mup != nil else { return nil }
        let widths = Set((sizes + extras.map(\.size)).map { $0.width / $0.heads }).sorted()
        guard let least = widths.first, let most = widths.last, least < most else { return nil }
        return "`base.model.mup` needs heads of one width (width/heads) in all sizes; these have heads of \(least) to "
            + "\(most). Give each size as many heads as its width has of one."
    }
}
