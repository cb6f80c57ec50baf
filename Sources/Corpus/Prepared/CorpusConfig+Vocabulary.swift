import Experiment
import Foundation
import Tokenization

extension CorpusConfig {
    /// How many ids a corpus has, without preparing it; at most as many, for a tokenizer that is to be trained.
    /// - Throws: `Failure` for a prepared corpus that does not open, or an unknown tokenizer.
    public var vocabulary: Int {
        get throws {
            if let knownVocabulary { return knownVocabulary }
            if let prepared {
                return try PreparedCorpus(opening: URL(fileURLWithPath: prepared), verifying: false).vocabulary
            }
            if case .train(let vocabulary, _) = try TokenizerSpecification(tokenizer) { return vocabulary }
            return try Tokenizers.named(tokenizer).vocabulary
        }
    }
}
