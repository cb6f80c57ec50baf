import Foundation

/// One row of the ledger: what one step did, as the promise covers it (DESIGN §5). Losses in nats per token.
public struct LedgerRow: Sendable, Equatable {
    public var run: String
    /// Steps count from 1: the row describes the step that was just taken.
    public var step: Int
    /// Tokens seen after this step.
    public var tokens: Int
    public var flops6ND: Double
    public var flopsExact: Double
    public var nonEmbeddingParameters: Int
    public var totalParameters: Int
    /// Mean training loss before this step's update.
    public var trainLoss: Double
    /// Held-out loss after this step's update, where it was measured, and its standard error over sequences.
    public var evalLoss: Double?
    public var evalLossStandardError: Double?
    public var learningRate: Double
    /// Global norm of the gradient of the mean loss, before clipping.
    public var gradientNorm: Double
    public var batchTokens: Int
    public var uniqueTokens: Int
    /// The pass over the training sequences, from 0, that this step's first sequence belongs to.
    public var epoch: Int
    /// SHA-256 (hex) over the step's batch.
    public var batchDigest: String
    /// |G|², estimated from the step's slots without bias; it may be negative. Empty for one slot, and in ledgers of
    /// earlier versions.
    public var gradientSquare: Double?
    /// S of the same estimate (McCandlish et al. 2018): over |G|², both averaged over steps, the noise scale in tokens.
    public var gradientNoise: Double?

    public init(
        run: String, step: Int, tokens: Int, flops6ND: Double, flopsExact: Double, nonEmbeddingParameters: Int,
        totalParameters: Int, trainLoss: Double, evalLoss: Double?, evalLossStandardError: Double?,
        learningRate: Double, gradientNorm: Double, batchTokens: Int, uniqueTokens: Int, epoch: Int,
        batchDigest: String, gradientSquare: Double? = nil, gradientNoise: Double? = nil
    ) {
        self.run = run
        self.step = step
        self.tokens = tokens
        self.flops6ND = flops6ND
        self.flopsExact = flopsExact
        self.nonEmbeddingParameters = nonEmbeddingParameters
        self.totalParameters = totalParameters
        self.trainLoss = trainLoss
        self.evalLoss = evalLoss
        self.evalLossStandardError = evalLossStandardError
        self.learningRate = learningRate
        self.gradientNorm = gradientNorm
        self.batchTokens = batchTokens
        self.uniqueTokens = uniqueTokens
        self.epoch = epoch
        self.batchDigest = batchDigest
        self.gradientSquare = gradientSquare
        self.gradientNoise = gradientNoise
    }

    /// The columns, in the order of the file.
    public static let columns = [
        "run", "step", "tokens", "flops_6nd", "flops_exact", "n_non_embedding", "n_total", "loss_train", "loss_eval",
        "loss_eval_se", "learning_rate", "gradient_norm", "batch_tokens", "unique_tokens", "epoch", "batch_digest",
        "gradient_square", "gradient_noise",
    ]

    /// The columns of earlier versions' ledgers: the first of today's.
    static let earlierColumns = Array(columns.prefix(16))

    /// The row as a CSV line without its end; numbers in the shortest form that reads back to the same bits.
    public var csv: String {
        [
            run, "\(step)", "\(tokens)", "\(flops6ND)", "\(flopsExact)", "\(nonEmbeddingParameters)",
            "\(totalParameters)", "\(trainLoss)", evalLoss.map { "\($0)" } ?? "",
            evalLossStandardError.map { "\($0)" } ?? "", "\(learningRate)", "\(gradientNorm)", "\(batchTokens)",
            "\(uniqueTokens)", "\(epoch)", batchDigest, gradientSquare.map { "\($0)" } ?? "",
            gradientNoise.map { "\($0)" } ?? "",
        ].joined(separator: ",")
    }

    /// Reads a CSV line; nil when it is not a whole row.
    public init?(csv line: Substring) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == Self.columns.count,
            let step = Int(fields[1]), let tokens = Int(fields[2]), let flops6ND = Double(fields[3]),
            let flopsExact = Double(fields[4]), let nonEmbedding = Int(fields[5]), let total = Int(fields[6]),
            let trainLoss = Double(fields[7]), fields[8].isEmpty == (Double(fields[8]) == nil),
            fields[9].isEmpty == (Double(fields[9]) == nil), let rate = Double(fields[10]),
            let norm = Double(fields[11]), let batchTokens = Int(fields[12]), let unique = Int(fields[13]),
            let epoch = Int(fields[14]), !fields[15].isEmpty, fields[16].isEmpty == (Double(fields[16]) == nil),
            fields[17].isEmpty == (Double(fields[17]) == nil)
        else { return nil }
        self.init(
            run: fields[0], step: step, tokens: tokens, flops6ND: flops6ND, flopsExact: flopsExact,
            nonEmbeddingParameters: nonEmbedding, totalParameters: total, trainLoss: trainLoss,
            evalLoss: Double(fields[8]), evalLossStandardError: Double(fields[9]), learningRate: rate,
            gradientNorm: norm, batchTokens: batchTokens, uniqueTokens: unique, epoch: epoch, batchDigest: fields[15],
            gradientSquare: Double(fields[16]), gradientNoise: Double(fields[17]))
    }
}

/// The file `ledger.csv`: one row per step, none missing, none twice, after any number of crashes. Rows are appended
/// as steps are taken; a resume from step k first cuts the file back to the k rows that its checkpoint covers.
public final class Ledger {
    private let file: RowFile

    /// Opens the ledger for the step after `step`, creating it where there is none.
    /// Rows behind `step` are not looked at: a crash of the machine may have left anything there.
    /// - Throws: `Failure(.badData)` when the file holds fewer than `step` whole rows.
    public init(at url: URL, resumingAfter step: Int) throws {
        let rows = try Self.read(url, atMost: step)
        guard rows.count >= step else {
            throw Failure(
                .badData,
                "\(url.path) holds \(rows.count) whole rows, fewer than the \(step) steps of the newest checkpoint; "
                    + "bring the ledger back, or start with --fresh.")
        }
        file = try RowFile(at: url, columns: LedgerRow.columns, rows: rows.map(\.csv))
    }

    /// Makes the ledger anew with these rows, of the steps 1, 2, 3, …, and nothing behind them.
    public init(at url: URL, keeping rows: [LedgerRow]) throws {
        file = try RowFile(at: url, columns: LedgerRow.columns, rows: rows.map(\.csv))
    }

    /// Appends the row of the next step. Rows that a full disk does not take are tried again with the next one.
    public func append(_ row: LedgerRow) { file.append([row.csv]) }

    /// Makes the rows so far survive a crash of the machine; to be called before a checkpoint relies on them.
    /// - Throws: `Failure(.worker)` when the disk does not take them.
    public func synchronize() throws { try file.synchronize() }

    /// The whole rows 1, 2, 3, … of a ledger, up to `limit`; empty when there is no file. A torn last line is left out.
    /// - Throws: `Failure(.badData)` when a line other than the last is no row, or a step is missing.
    public static func read(_ url: URL, atMost limit: Int = .max) throws -> [LedgerRow] {
        var rows: [LedgerRow] = []
        let lines = try RowFile.rows(
            of: url, columns: LedgerRow.columns, earlier: LedgerRow.earlierColumns, name: "ledger")
        for line in lines.prefix(limit) {
            guard let row = LedgerRow(csv: line), row.step == rows.count + 1 else {
                throw Failure(
                    .badData, "\(url.path) is damaged: line \(rows.count + 2) is not the row of step \(rows.count + 1)."
                )
            }
            rows.append(row)
        }
        return rows
    }
}
