import Experiment
import Foundation

/// A prediction as it is filed before its run: dated, complete in itself, and with a hash that shows any later change.
public struct FiledPrediction: Codable, Sendable, Equatable {
    /// What one form said.
    public struct Form: Codable, Sendable, Equatable {
        /// The form's name.
        public var form: String
        /// Nats per token.
        public var loss: Double
        /// 95 %: low, high.
        public var interval: [Double]
        /// Its share in the prediction.
        public var weight: Double
        /// Root mean square relative error on runs held out.
        public var holdOutError: Double?
    }

    /// A form's errors at one cut: what the weights come from.
    public struct Reason: Codable, Sendable, Equatable {
        /// The largest compute fitted, FLOPs.
        public var cut: Double
        /// Runs fitted and held out.
        public var fitted: Int
        /// Runs held out.
        public var heldOut: Int
        /// The form's name.
        public var form: String
        /// Mean and largest |L̂/L − 1|; none where the form could not be fitted.
        public var meanError: Double?
        /// The largest.
        public var largestError: Double?
        /// Akaike's criterion of the runs fitted.
        public var aicc: Double?
    }

    /// `schema` of files that this version writes.
    public static let currentSchema = "apus-prediction-1"

    /// The version of this format.
    public var schema = FiledPrediction.currentSchema
    /// When it was made: ISO 8601, UTC.
    public var made: String
    /// Of apus.
    public var version: String
    /// The run.
    public var name: String
    /// N, by the convention of `nColumn`.
    public var n: Double
    /// D.
    public var d: Double
    /// The different ones among them, where that is known.
    public var uniqueTokens: Double?
    /// C of the run.
    public var flops: Double
    /// The table's column that N is.
    public var nColumn: String
    /// Of the run's configuration, where one was given.
    public var configHash: String?
    /// Nats per token.
    public var loss: Double
    /// Low, high.
    public var interval: [Double]
    /// Of the interval.
    public var level: Double
    /// The form that weighs most.
    public var form: String
    /// Every form.
    public var forms: [Form]
    /// Hold-out errors.
    public var why: [Reason]
    /// Of ln L over seeds, where replicates tell.
    public var seedDeviation: Double?
    /// One run's standard deviation of ln L around the law.
    public var runDeviation: Double
    /// By what the rollout's errors widened the interval.
    public var inflation: Double
    /// Runs fitted.
    public var rows: Int
    /// Of the runs fitted (`rowsDigest`).
    public var rowsSha256: String
    /// Only runs of less compute were taken, FLOPs; none when all were.
    public var budget: Double?
    /// Of the runs fitted, FLOPs.
    public var largestCompute: Double
    /// The run's compute over that.
    public var extrapolation: Double
    /// The run's loss could be known when this was made.
    public var afterTheFact: Bool
    /// Rows of the table that were not fitted, a sentence each; none in files of earlier versions.
    public var dropped: [String]?
    /// What speaks against the prediction, a sentence each; none in files of earlier versions.
    public var cautions: [String]?
    /// Of this file's text with these 64 digits left out: `sed 's/"sha256" : "[0-9a-f]*"/"sha256" : ""/' FILE | sha256sum`.
    public var sha256 = ""

    /// Makes what is to be filed.
    public init(
        _ prediction: Prediction, by predictor: Predictor, name: String, nColumn: String, configHash: String?,
        budget: Double?, made: Date, version: String, afterTheFact: Bool, dropped: [String] = [],
        cautions: [String] = []
    ) {
        self.made = Self.text(of: made)
        self.version = version
        self.name = name
        (n, d, flops) = (prediction.run.n, prediction.run.d, prediction.run.compute)
        uniqueTokens = prediction.run.uniqueTokens
        self.nColumn = nColumn
        self.configHash = configHash
        loss = prediction.loss
        interval = [prediction.interval.lowerBound, prediction.interval.upperBound]
        level = 0.95
        forms = prediction.forms.map {
            Form(
                form: $0.form.rawValue, loss: $0.loss, interval: [$0.interval.lowerBound, $0.interval.upperBound],
                weight: $0.weight, holdOutError: $0.holdOutError)
        }
        form = forms.first?.form ?? ""
        why = predictor.rollout.flatMap { cut in
            cut.scores.map {
                Reason(
                    cut: cut.cut, fitted: cut.fitted.count, heldOut: cut.heldOut.count, form: $0.form.rawValue,
                    meanError: $0.meanError, largestError: $0.largestError, aicc: $0.aicc)
            }
        }
        seedDeviation = predictor.seedDeviation
        runDeviation = prediction.runDeviation
        inflation = prediction.inflation
        rows = predictor.points.count
        rowsSha256 = Self.rowsDigest(predictor.points)
        self.budget = budget
        largestCompute = predictor.largestCompute
        extrapolation = prediction.extrapolation
        self.afterTheFact = afterTheFact
        (self.dropped, self.cautions) = (dropped, cautions)
    }

    /// SHA-256 of the runs fitted, as that of `apus fit` (`FitPoints.digest`).
    public static func rowsDigest(_ points: [FitPoint]) -> String { FitPoints.digest(of: points) }

    /// The file's text, with its hash.
    public var text: String {
        get throws {
            var open = self
            open.sha256 = ""
            let text = try SnakeCaseJSON.text(open) + "\n"
            return text.replacing("\"sha256\" : \"\"", with: "\"sha256\" : \"\(text.sha256)\"")
        }
    }

    /// Reads a file's text and checks its hash.
    /// - Throws: `TableError` when it is no prediction, or not the one that was filed.
    public init(text: String, source: String) throws {
        guard let filed = try? SnakeCaseJSON.decode(Self.self, from: text) else {
            throw TableError("\(source) is no prediction that apus filed: give a file that apus predict wrote")
        }
        guard filed.schema == Self.currentSchema else {
            throw TableError(
                "\(source) is of the schema \(filed.schema), and this apus reads \(Self.currentSchema): use its version"
            )
        }
        let open = text.replacing("\"sha256\" : \"\(filed.sha256)\"", with: "\"sha256\" : \"\"")
        guard open.sha256 == filed.sha256, !filed.sha256.isEmpty else {
            throw TableError(
                "\(source) has been changed since it was filed: its text has the SHA-256 \(open.sha256.prefix(12))…, and it "
                    + "says \(filed.sha256.prefix(12))…; bring the file as it was filed")
        }
        self = filed
    }

    static func text(of date: Date) -> String { date.formatted(.iso8601) }
}

/// What became of a filed prediction.
public struct PredictionScore: Codable, Sendable, Equatable {
    /// The run.
    public var name: String
    /// Of the prediction.
    public var predictionSha256: String
    /// When the prediction was made, and when it was scored: ISO 8601, UTC.
    public var made: String
    /// When it was scored.
    public var scored: String
    /// Nats per token.
    public var predicted: Double
    /// 95 %: low, high.
    public var interval: [Double]
    /// Nats per token.
    public var actual: Double
    /// actual/predicted − 1, a share.
    public var error: Double
    /// The actual loss lies in the interval.
    public var inside: Bool
    /// ln actual − ln predicted in standard deviations over seeds, where they are known.
    public var seedDeviations: Double?
    /// The same in standard deviations of one run around the law.
    public var runDeviations: Double
    /// The prediction was made when the loss could be known: by its own word, or because the run had ended.
    public var afterTheFact: Bool

    /// Scores a prediction on what the run reached.
    /// - Parameter ended: when the run ended, where that is known: a prediction made later is after the fact.
    public init(_ filed: FiledPrediction, actual: Double, ended: Date? = nil, scored: Date) {
        name = filed.name
        predictionSha256 = filed.sha256
        made = filed.made
        self.scored = FiledPrediction.text(of: scored)
        (predicted, interval, self.actual) = (filed.loss, filed.interval, actual)
        error = actual / filed.loss - 1
        inside = filed.interval.count == 2 && actual >= filed.interval[0] && actual <= filed.interval[1]
        let off = log(actual / filed.loss)
        seedDeviations = filed.seedDeviation.flatMap { $0 > 0 ? off / $0 : nil }
        runDeviations = filed.runDeviation > 0 ? off / filed.runDeviation : 0
        let known = ended.map { FiledPrediction.text(of: $0) < filed.made } ?? false
        afterTheFact = filed.afterTheFact || known
    }
}
