/// One row of `evaluations.csv`: the held-out loss of one source, or of all of them, after a step.
public struct EvaluationRow: Sendable, Equatable {
    public var run: String
    /// Updates before the evaluation; 0 for the initial parameters.
    public var step: Int
    /// Tokens seen before it.
    public var tokens: Int
    /// The source's name; where there are several, also `all`.
    public var source: String
    /// Nats per token: the mean over all tokens that were evaluated of the source. Of `all` it is the mean over all
    /// tokens of all sources, the ledger's `loss_eval`.
    public var loss: Double
    /// Of the loss, over sequences.
    public var lossStandardError: Double
    /// Of the source's held-out text; nil where tokens are not text.
    public var bitsPerByte: Double?
    /// A character is a Unicode scalar; nil where tokens are not text.
    public var bitsPerCharacter: Double?
    /// That were evaluated.
    public var sequences: Int

    public init(
        run: String, step: Int, tokens: Int, source: String, loss: Double, lossStandardError: Double,
        bitsPerByte: Double?, bitsPerCharacter: Double?, sequences: Int
    ) {
        self.run = run
        self.step = step
        self.tokens = tokens
        self.source = source
        self.loss = loss
        self.lossStandardError = lossStandardError
        self.bitsPerByte = bitsPerByte
        self.bitsPerCharacter = bitsPerCharacter
        self.sequences = sequences
    }

    /// The columns, in the order of the file.
    public static let columns = [
        "run", "step", "tokens", "source", "loss", "loss_se", "bits_per_byte", "bits_per_character", "sequences",
    ]

    /// The row as a CSV line without its end; numbers in the shortest form that reads back to the same bits.
    public var csv: String { cells.joined(separator: ",") }

    /// The row's values in the order of `columns`; empty where nothing was measured.
    public var cells: [String] {
        [
            run, "\(step)", "\(tokens)", source, "\(loss)", "\(lossStandardError)", bitsPerByte.map { "\($0)" } ?? "",
            bitsPerCharacter.map { "\($0)" } ?? "", "\(sequences)",
        ]
    }

    /// Reads a CSV line; nil when it is not a whole row.
    public init?(csv line: Substring) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == Self.columns.count, let step = Int(fields[1]), let tokens = Int(fields[2]),
            !fields[3].isEmpty, let loss = Double(fields[4]), let error = Double(fields[5]),
            fields[6].isEmpty == (Double(fields[6]) == nil), fields[7].isEmpty == (Double(fields[7]) == nil),
            let sequences = Int(fields[8])
        else { return nil }
        self.init(
            run: fields[0], step: step, tokens: tokens, source: fields[3], loss: loss, lossStandardError: error,
            bitsPerByte: Double(fields[6]), bitsPerCharacter: Double(fields[7]), sequences: sequences)
    }
}
