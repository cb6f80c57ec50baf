import Experiment

/// Which sequence of which source comes at which position of a run: a pure function of (seed, position). A pass over the
/// mixture is a keyed permutation of the draws c_s of all sources; draw k of a source is sequence k of its own order, so
/// that from pass to pass a source goes on where it was. A corpus with one source is read in that source's order.
public struct Mixture: Sendable {
    /// Of the sources, in the corpus's order.
    public let names: [String]
    /// Of each source in a pass, before counting in whole sequences; they sum to 1.
    public let shares: [Double]
    /// c, sequences of each source in a pass, repeats included; the source with a tiny share may have none.
    public let counts: [Int]
    /// M, the sequences of a pass.
    public let sequencesPerPass: Int
    private let seed: UInt64
    private var orders: [DataOrder]
    /// Where each source's draws begin in a pass, and the end.
    private let starts: [Int]
    private var pass = 0
    private var permutation: KeyedPermutation

    /// - Parameters:
    ///   - available: sequences of each source, at least one each.
    ///   - limit: sequences of a pass at most, at least one; sources are then cut to what they give to it. Nil for none.
    ///   - seed: the run's data seed.
    public init(_ recipe: MixtureRecipe, available: [Int], limit: Int? = nil, seed: UInt64) {
        names = recipe.names
        shares = recipe.shares(available: available)
        let counts = recipe.counts(available: available, limit: limit)
        self.counts = counts
        self.seed = seed
        starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        sequencesPerPass = starts[counts.count]
        let isCut = sequencesPerPass < recipe.counts(available: available, limit: nil).reduce(0, +)
        let isMixed = available.count > 1
        orders = available.indices.map { source in
            DataOrder(
                available: available[source], limit: isCut ? max(1, counts[source]) : nil, seed: seed,
                source: isMixed ? recipe.names[source] : nil)
        }
        permutation = Self.permutation(ofPass: 0, count: sequencesPerPass, seed: seed)
        if isMixed { begin(pass: 0) }
    }

    /// Sequences of each source.
    public var available: [Int] { orders.map(\.available) }

    /// Sequences of each source that the run may read: all, or the subset that a limit leaves.
    public var used: [Int] { zip(orders, counts).map { $1 == 0 ? 0 : $0.count } }

    /// The pass over the mixture that a position is in, from 0.
    public func pass(atPosition position: Int) -> Int { position / sequencesPerPass }

    /// The source, and its sequence, at a position. Remembers a pass's permutations, nothing else.
    public mutating func sequence(atPosition position: Int) -> (source: Int, sequence: Int) {
        let (source, draw) = draw(atPosition: position)
        return (source, orders[source].sequence(atPosition: draw))
    }

    /// The positions below `end` at which a sequence comes, ascending: the inverse of `sequence(atPosition:)`. Costs
    /// some microseconds for each time that it is read.
    public func positions(ofSource source: Int, sequence: Int, before end: Int) -> [Int] {
        guard orders.count > 1 else { return orders[0].positions(ofSequence: sequence, before: end) }
        let count = counts[source]
        guard count > 0 else { return [] }
        let draws = (end + sequencesPerPass - 1) / sequencesPerPass * count
        let positions = orders[source].positions(ofSequence: sequence, before: draws).map { draw in
            let pass = draw / count
            let shuffled = Self.permutation(ofPass: pass, count: sequencesPerPass, seed: seed)
            return pass * sequencesPerPass + shuffled.index(of: starts[source] + draw % count)
        }
        return positions.filter { $0 < end }.sorted()
    }

    /// The source at a position, and which of its draws.
    private mutating func draw(atPosition position: Int) -> (source: Int, draw: Int) {
        guard orders.count > 1 else { return (0, position) }
        let wanted = pass(atPosition: position)
        if wanted != pass { begin(pass: wanted) }
        let place = permutation[position % sequencesPerPass]
        var source = 0
        while place >= starts[source + 1] { source += 1 }
        return (source, wanted * counts[source] + place - starts[source])
    }

    /// A pass's draws come in any order, and may be of several epochs of a source: all are made at once.
    private mutating func begin(pass wanted: Int) {
        pass = wanted
        permutation = Self.permutation(ofPass: wanted, count: sequencesPerPass, seed: seed)
        for source in orders.indices where counts[source] > 0 {
            orders[source].hold(positions: wanted * counts[source]..<(wanted + 1) * counts[source])
        }
    }

    private static func permutation(ofPass pass: Int, count: Int, seed: UInt64) -> KeyedPermutation {
        KeyedPermutation(count: count, stream: RandomStream(seed: seed, purpose: "mixture", name: "epoch \(pass)"))
    }
}

extension Mixture {
    /// What the first positions of a run read of a source, in sequences.
    public struct Reads: Sendable, Equatable {
        /// Repeats included.
        public var all = 0
        /// Different ones.
        public var distinct = 0
    }

    /// Positions of an unfinished pass that are looked at one by one: a fifth of a second.
    static let mostCounted = 1 << 20

    /// What the first `end` positions read of each source. Exact, but for what an unfinished pass of more than 2^20
    /// positions reads: that is taken at the shares.
    public func reads(before end: Int) -> [Reads] {
        let passes = end / sequencesPerPass
        let begun = end % sequencesPerPass
        if orders.count > 1, begun > 0, begun <= Self.mostCounted { return counted(passes, end) }
        return orders.indices.map { source in
            let rest = Self.part(begun, counts[source], of: sequencesPerPass)
            let all = passes * counts[source] + rest
            return Reads(all: all, distinct: min(all, orders[source].count))
        }
    }

    /// Whole passes read the first draws of a source, all different up to its `count`. An unfinished one reads some of
    /// the next draws: such a draw is of a new sequence when the first epoch had not come to that one before.
    private func counted(_ passes: Int, _ end: Int) -> [Reads] {
        var mixture = self
        var reads = orders.indices.map { source in
            let all = passes * counts[source]
            return Reads(all: all, distinct: min(all, orders[source].count))
        }
        var begun = orders.map { _ in Set<Int>() }
        for position in passes * sequencesPerPass..<end {
            let (source, draw) = mixture.draw(atPosition: position)
            reads[source].all += 1
            guard passes * counts[source] < orders[source].count else { continue }
            let sequence = mixture.orders[source].sequence(atPosition: draw)
            let first = orders[source].firstPosition(ofSequence: sequence)
            if first >= passes * counts[source], begun[source].insert(first).inserted { reads[source].distinct += 1 }
        }
        return reads
    }

    /// Tokens that `tokens` tokens of training saw for the first time, as the ledger's `unique_tokens` tells it: each
    /// source is taken to have given its share so far, c/M, up to what it has: floor(Σ min(tokens·c/M, own)). With one
    /// source that is exact, as it is where a pass ends.
    public func uniqueTokens(ofTokens tokens: Int, context: Int) -> Int {
        var spent = 0
        var unspentCounts = 0
        for (source, order) in orders.enumerated() {
            let own = order.count * context
            if Self.part(tokens, counts[source], of: sequencesPerPass) >= own {
                spent += own
            } else {
                unspentCounts += counts[source]
            }
        }
        return spent + Self.part(tokens, unspentCounts, of: sequencesPerPass)
    }

    /// floor(number · part / whole), without overflow.
    private static func part(_ number: Int, _ part: Int, of whole: Int) -> Int {
        whole.dividingFullWidth(number.multipliedFullWidth(by: part)).quotient
    }
}
