import Foundation

/// The loss of one model on every sequence of a held-out set.
public struct SequenceLosses: Sendable, Equatable {
    /// The run or file, as messages name it.
    public let name: String
    /// Of the held-out tokens; two sets are comparable when these are equal. nil where nobody told.
    public let heldOutDigest: String?
    /// What the sequences are called, in order.
    public let sequences: [String]
    /// Counted tokens of each sequence.
    public let tokens: [Double]
    /// Mean loss of each sequence, nats per token.
    public let losses: [Double]

    /// Losses with their tokens, in the order of the held-out set; the three arrays have one length.
    public init(name: String, heldOutDigest: String?, sequences: [String], tokens: [Double], losses: [Double]) {
        precondition(sequences.count == tokens.count && tokens.count == losses.count, "one loss and count per sequence")
        self.name = name
        self.heldOutDigest = heldOutDigest
        self.sequences = sequences
        self.tokens = tokens
        self.losses = losses
    }

    /// Reads the table that `apus-worker evaluate RUN --losses FILE` writes: columns `sequence`, `tokens`, `loss`.
    /// - Throws: `TableError` for a missing column, and a cell that is no number or no count.
    public init(_ table: Table, name: String, heldOutDigest: String?) throws {
        let tokens = try table.doubles("tokens")
        let losses = try table.doubles("loss")
        for row in tokens.indices where !(tokens[row] > 0 && losses[row].isFinite) {
            throw TableError(
                "\(table.place(row, "tokens")) and its loss are \(tokens[row]) and \(losses[row]); a sequence needs a "
                    + "count above 0 and a finite loss: evaluate the run again")
        }
        self.init(
            name: name, heldOutDigest: heldOutDigest, sequences: try table.texts("sequence"), tokens: tokens,
            losses: losses)
    }

    /// Mean over all tokens, nats per token.
    public var loss: Double {
        zip(tokens, losses).reduce(0) { $0 + $1.0 * $1.1 } / tokens.reduce(0, +)
    }
}

/// Whether two sets of weights differ on the same held-out sequences: the mean difference, and its error from the
/// differences of pairs, in which what makes a sequence hard for both cancels. It says nothing of other seeds.
public struct PairedComparison: Sendable, Equatable {
    /// Loss of the second minus loss of the first, nats per token, over all tokens.
    public let difference: Double
    /// Of the difference, over sequences.
    public let standardError: Double
    /// What the standard error would be, had the two been measured on different sequences.
    public let unpairedError: Double
    /// 95 %, by Student's t with one degree of freedom less than sequences.
    public let interval: ClosedRange<Double>
    /// Of a difference of this size or larger between equal models; two-sided.
    public let probability: Double
    /// Sequences compared.
    public let sequences: Int

    /// Compares two models on the same sequences; sequences count by their tokens.
    /// - Throws: `TableError` when the held-out sets differ, or there are fewer than two sequences.
    public init(_ a: SequenceLosses, _ b: SequenceLosses) throws {
        try Self.requireSame(a, b)
        let total = a.tokens.reduce(0, +)
        let pairs = a.losses.indices.map { b.losses[$0] - a.losses[$0] }
        difference = zip(a.tokens, pairs).reduce(0) { $0 + $1.0 * $1.1 } / total
        sequences = pairs.count
        standardError = Self.error(pairs, a.tokens)
        unpairedError = (pow(Self.error(a.losses, a.tokens), 2) + pow(Self.error(b.losses, b.tokens), 2)).squareRoot()
        let freedom = Double(pairs.count - 1)
        let reach = StudentT.halfWidth(level: 0.95, degreesOfFreedom: freedom) * standardError
        interval = (difference - reach)...(difference + reach)
        probability =
            standardError > 0
            ? StudentT.twoSidedProbability(difference / standardError, degreesOfFreedom: freedom)
            : difference == 0 ? 1 : 0
    }

    /// 0 lies outside of the 95 % interval.
    public var isSignificant: Bool { probability < 0.05 }

    /// Of a token-weighted mean, a ratio of sums over sequences (Cochran 1977, eq. 2.39).
    private static func error(_ values: [Double], _ tokens: [Double]) -> Double {
        let total = tokens.reduce(0, +)
        let mean = zip(tokens, values).reduce(0) { $0 + $1.0 * $1.1 } / total
        let squares = zip(tokens, values).reduce(0) { $0 + pow($1.0 * ($1.1 - mean), 2) }
        let count = Double(values.count)
        return (squares * count / (count - 1)).squareRoot() / total
    }

    private static func requireSame(_ a: SequenceLosses, _ b: SequenceLosses) throws {
        if let first = a.heldOutDigest, let second = b.heldOutDigest, first != second {
            throw TableError(
                "\(a.name) and \(b.name) were measured on different held-out tokens (digests \(first.prefix(12)) and "
                    + "\(second.prefix(12))); compare runs of one corpus with equal `evaluate` settings")
        }
        guard a.sequences == b.sequences, a.tokens == b.tokens else {
            throw TableError(
                "\(a.name) has \(a.sequences.count) held-out sequences and \(b.name) \(b.sequences.count), and they are "
                    + "not the same; compare runs of one corpus with equal `evaluate` settings")
        }
        guard a.sequences.count > 1 else {
            throw TableError(
                "\(a.name) was measured on \(a.sequences.count) sequence; a standard error needs at least 2: evaluate on more"
            )
        }
    }
}
