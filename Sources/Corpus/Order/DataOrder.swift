import Experiment

/// Which sequence comes at which position: a pure function of (seed, position), with no rank in it (DESIGN §6). Each
/// epoch is a keyed permutation of its own; a global batch may straddle two.
public struct DataOrder: Sendable {
    /// Sequences of the corpus.
    public let available: Int
    /// Sequences of the subset that is trained on; all of them without a limit.
    public let count: Int
    private let seed: UInt64
    /// Its first `count` values are the subset; nil for all. A smaller subset lies inside a larger one.
    private let subset: KeyedPermutation?
    private var epoch = 0
    private var permutation: KeyedPermutation

    /// - Parameters:
    ///   - available: sequences of the corpus, at least one.
    ///   - limit: sequences to train on, at least one; nil, or as many as there are, for all.
    ///   - seed: the run's data seed.
    public init(available: Int, limit: Int? = nil, seed: UInt64) {
        precondition(available > 0 && limit ?? 1 > 0, "an order needs at least one sequence")
        self.available = available
        self.seed = seed
        count = min(limit ?? available, available)
        let purpose = RandomStream(seed: seed, purpose: "subset")
        subset = count < available ? KeyedPermutation(count: available, stream: purpose) : nil
        permutation = Self.permutation(epoch: 0, count: count, seed: seed)
    }

    /// The epoch of a position, from 0.
    public func epoch(atPosition position: Int) -> Int { position / count }

    /// The sequence, in 0..<available, at a position. Remembers the epoch's permutation, nothing else.
    public mutating func sequence(atPosition position: Int) -> Int {
        let wanted = epoch(atPosition: position)
        if wanted != epoch {
            epoch = wanted
            permutation = Self.permutation(epoch: wanted, count: count, seed: seed)
        }
        let index = permutation[position % count]
        return subset.map { $0[index] } ?? index
    }

    private static func permutation(epoch: Int, count: Int, seed: UInt64) -> KeyedPermutation {
        KeyedPermutation(count: count, stream: RandomStream(seed: seed, purpose: "order", name: "epoch \(epoch)"))
    }
}
