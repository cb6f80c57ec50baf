extension EnvelopeFit {
    /// Runs that ever win, with the number of values of compute at which they do, by rising first win.
    public var winners: [(run: String, count: Int)] {
        choices.reduce(into: []) { list, choice in
            if let place = list.firstIndex(where: { $0.run == choice.run }) {
                list[place].count += 1
            } else {
                list.append((choice.run, 1))
            }
        }
    }

    /// The share of the choices that lie in the last 15 % of their run: about 1 where every rate decayed to its run's
    /// end (Hoffmann et al. 2022, §3.1).
    public var lateShare: Double { share { $0.progress >= 0.85 } }

    /// The share of the choices whose winner is at the edge of the sizes.
    public var edgeShare: Double { share(\.isEdge) }

    private func share(_ holds: (Choice) -> Bool) -> Double {
        Double(choices.count(where: holds)) / Double(max(choices.count, 1))
    }

    /// What a reader must know before trusting the exponents, in words.
    public var warnings: [FitWarning] {
        var result: [FitWarning] = []
        if winners.count < 5 {
            result.append(
                .caution(
                    "only \(winners.count) of \(curves.count) runs ever have the lowest loss: the law rests on them"))
        }
        let sizes = Set(choices.filter { usesEdges || !$0.isEdge }.map(\.n)).count
        if sizes < 3 {
            result.append(.grave("the winners inside the range have \(sizes) sizes: N* = k C^a needs at least 3"))
        }
        if usesEdges {
            result.append(
                .grave("nearly every winner is the smallest or largest model there: its size is only a bound"))
        } else if edgeShare > 0.5 {
            result.append(
                .caution(
                    "\(Number.short(100 * edgeShare)) % of the winners are the smallest or largest model at their compute "
                        + "and are left out: add sizes on both sides"))
        }
        if lateShare < 0.85 {
            result.append(
                .caution(
                    "\(Number.short(100 * (1 - lateShare))) % of the choices lie before the last 15 % of their run: right for "
                        + "a constant learning rate, but under a decay to the run's end such losses are too high for "
                        + "their compute, and only matched runs (usableShare 0.15) should be compared"))
        }
        if aInterval == nil && options.resamples > 0 {
            result.append(.grave("most draws of the runs have no envelope: no intervals"))
        }
        if let interval = aInterval, interval.upperBound - interval.lowerBound > 0.3 {
            result.append(
                .grave(
                    "a is not pinned down: 95 % interval \(Number.short(interval.lowerBound)) to "
                        + "\(Number.short(interval.upperBound)) around \(Number.short(a))"))
        }
        return result
    }

    /// No warning says that an exponent cannot be trusted.
    public var isTrustworthy: Bool { !warnings.contains(where: \.isGrave) }
}
