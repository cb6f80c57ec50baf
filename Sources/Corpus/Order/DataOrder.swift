import Experiment

/// Which sequence of a source comes at which of its draws: a pure function of (seed, source, draw), with no rank in it
/// (DESIGN §6). Each epoch is a keyed permutation of its own; a global batch may straddle two.
public struct DataOrder: Sendable {
    /// Sequences of the source.
    public let available: Int
    /// Sequences of the subset that is trained on; all of them without a limit.
    public let count: Int
    private let seed: UInt64
    /// Begins the key of every epoch; empty for the only source.
    private let prefix: String
    /// Its first `count` values are the subset; nil for all. A smaller subset lies inside a larger one.
    private let subset: KeyedPermutation?
    /// Of epoch 0.
    private let first: KeyedPermutation
    /// The epochs whose permutations are at hand.
    private var epochs = 0..<1
    private var permutations: [KeyedPermutation]

    /// - Parameters:
    ///   - available: sequences of the source, at least one.
    ///   - limit: sequences to train on, at least one; nil, or as many as there are, for all.
    ///   - seed: the run's data seed.
    ///   - source: its name where there are several, so that each has an order of its own.
    public init(available: Int, limit: Int? = nil, seed: UInt64, source: String? = nil) {
        precondition(available > 0 && limit ?? 1 > 0, "an order needs at least one sequence")
        self.available = available
        self.seed = seed
        count = min(limit ?? available, available)
        prefix = source.map { "source \($0) " } ?? ""
        let purpose = RandomStream(seed: seed, purpose: "subset", name: source ?? "")
        subset = count < available ? KeyedPermutation(count: available, stream: purpose) : nil
        first = Self.permutation(ofEpoch: 0, prefix, count: count, seed: seed)
        permutations = [first]
    }

    /// The epoch of a position, from 0.
    public func epoch(atPosition position: Int) -> Int { position / count }

    /// The sequence, in 0..<available, at a position. Remembers permutations of epochs, nothing else.
    public mutating func sequence(atPosition position: Int) -> Int {
        let epoch = epoch(atPosition: position)
        if !epochs.contains(epoch) { hold(epoch..<epoch + 1) }
        let index = permutations[epoch - epochs.lowerBound][position % count]
        return subset.map { $0[index] } ?? index
    }

    /// Makes the permutations of all positions of a range, so that looking them up in any order costs nothing more.
    mutating func hold(positions: Range<Int>) {
        hold(epoch(atPosition: positions.lowerBound)..<epoch(atPosition: max(positions.upperBound - 1, 0)) + 1)
    }

    private mutating func hold(_ wanted: Range<Int>) {
        permutations = wanted.map(permutation)
        epochs = wanted
    }

    /// The positions below `end` at which a sequence comes, ascending: one in each epoch; none outside of the subset.
    public func positions(ofSequence sequence: Int, before end: Int) -> [Int] {
        let index = subset.map { $0.index(of: sequence) } ?? sequence
        guard index < count else { return [] }
        return (0..<(end + count - 1) / count)
            .map { $0 * count + permutation(ofEpoch: $0).index(of: index) }
            .filter { $0 < end }
    }

    /// Where a sequence of the subset comes in epoch 0.
    func firstPosition(ofSequence sequence: Int) -> Int {
        first.index(of: subset.map { $0.index(of: sequence) } ?? sequence)
    }

    private func permutation(ofEpoch epoch: Int) -> KeyedPermutation {
        Self.permutation(ofEpoch: epoch, prefix, count: count, seed: seed)
    }

    private static func permutation(
        ofEpoch epoch: Int, _ prefix: String, count: Int, seed: UInt64
    ) -> KeyedPermutation {
        KeyedPermutation(
            count: count, stream: RandomStream(seed: seed, purpose: "order", name: "\(prefix)epoch \(epoch)"))
    }
}
