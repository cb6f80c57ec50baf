import Experiment
import Tokenization

/// What a prepared corpus is made from: text, or the calibration source.
protocol CorpusSource {
    /// `CorpusIndex.contentDigest`.
    var contentDigest: String { get }
    var kind: CorpusIndex.Kind { get }
    var tokenizer: any Tokenizer { get }
    /// `CorpusIndex.sources`.
    var files: [CorpusIndex.Source] { get }
    /// `CorpusIndex.calibration`.
    var calibration: CalibrationConfig? { get }
    /// Appends both token streams.
    func write(into writer: CorpusWriter, progress: (CorpusProgress) -> Void) throws
}

/// What preparing a corpus reports while it works.
public enum CorpusProgress: Sendable, Equatable {
    /// Work done of all work: bytes of text, which is read twice (to check and hash it, then to encode it), or tokens
    /// of the calibration source.
    case work(done: Int, total: Int)
    /// A sentence for the user, such as that a damaged corpus is made again.
    case message(String)
}
