import Corpus
import Experiment
import Foundation

/// A run and the corpus that it was begun with.
struct RunCorpus {
    let record: RunRecord
    let corpus: PreparedCorpus

    /// What the run's provenance tells of its corpus.
    private struct Origin: Decodable {
        let corpusFolder: String
        let corpusDigest: String
    }

    /// - Parameters:
    ///   - folder: where the corpus is now; nil for where the run found it.
    ///   - verifying: reads every shard, as against sizes only.
    /// - Throws: `Failure(.badData)` without a run or a launch of it, and for a corpus that is missing, damaged or not
    ///   the run's.
    init(run path: String, corpus folder: String?, verifying: Bool) throws {
        let directory = RunDirectory(URL(fileURLWithPath: path))
        record = try RunRecord(directory)
        let origin = try Self.origin(of: directory)
        let place = folder ?? origin.corpusFolder
        guard FileManager.default.fileExists(atPath: place) else {
            throw Failure(
                .badData,
                "The corpus of \(path) is not at \(place); bring it back, or tell where it is with --corpus.")
        }
        corpus = try PreparedCorpus(opening: URL(fileURLWithPath: place), verifying: verifying)
        guard corpus.contentDigest == origin.corpusDigest else {
            throw Failure(
                .badData,
                "The corpus at \(place) is not the one of \(path): its content digest is \(corpus.contentDigest), the "
                    + "run's is \(origin.corpusDigest). Tell where that one is with --corpus.")
        }
    }

    /// The run's training sequences.
    func data() throws -> TrainingData { try TrainingData(corpus, config: record.config) }

    private static func origin(of directory: RunDirectory) throws -> Origin {
        guard let data = FileManager.default.contents(atPath: directory.provenance.path) else {
            throw Failure(
                .badData, "\(directory.provenance.path) cannot be read, which tells the run's corpus; train it first.")
        }
        do {
            return try SnakeCaseJSON.decode(Origin.self, from: String(decoding: data, as: UTF8.self))
        } catch {
            throw Failure(
                .badData, "\(directory.provenance.path) is damaged: it does not tell the run's corpus; restore it.")
        }
    }
}
