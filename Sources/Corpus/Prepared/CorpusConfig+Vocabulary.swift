import Experiment
import Foundation
import Tokenization

extension CorpusConfig {
    /// How many ids a corpus has, without preparing it.
    /// - Throws: `Failure` for a prepared corpus that does not open, or an unknown tokenizer.
    public var vocabulary: Int {
        get throws {
            if let knownVocabulary { return knownVocabulary }
            guard let prepared else { return try Tokenizers.named(tokenizer).vocabulary }
            return try PreparedCorpus(opening: URL(fileURLWithPath: prepared), verifying: false).vocabulary
        }
    }
}
