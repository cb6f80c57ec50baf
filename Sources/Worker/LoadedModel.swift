import Checkpoints
import Corpus
import Experiment
import Foundation
import Tensors
import Tokenization
import Training
import Transformer

/// A model from a run folder (its newest checkpoint; a damaged one is an error, since reading moves nothing) or from a checkpoint, ready to compute with.
struct LoadedModel {
    let model: GPT2
    let parameters: Arena
    let checkpoint: Checkpoint
    /// The run that the checkpoint belongs to; nil for an imported one.
    let run: RunConfig?
    let directory: RunDirectory?

    /// - Throws: `Failure` or `CheckpointError` when there is nothing good there.
    init(path: String, kernels: Kernels) throws {
        let url = URL(fileURLWithPath: path)
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(.badData, "There is nothing at \(path); give a run folder or a checkpoint (.h5).")
        }
        if isFolder.boolValue {
            let directory = RunDirectory(url)
            let folder = CheckpointFolder(directory.checkpoints)
            guard let newest = try folder.steps().last else {
                throw Failure(.badData, "\(path) holds no checkpoint yet; train it first.")
            }
            checkpoint = try folder.checkpoint(step: newest)
            self.directory = directory
        } else {
            checkpoint = try Checkpoint(url)
            let folder = RunDirectory(url.deletingLastPathComponent().deletingLastPathComponent())
            directory = folder.holdsRun ? folder : nil
        }
        run = try? RunConfig(yaml: checkpoint.config, source: path, folder: URL(fileURLWithPath: "/"))
        let config = try ModelConfig(yaml: checkpoint.config, source: path)
        guard let table = checkpoint.tensors.first, let rows = table.shape.first else {
            throw Failure(.badData, "\(path) holds no token embedding.")
        }
        model = GPT2(shape: config.shape(tokenizerVocabulary: rows), kernels: kernels)
        parameters = Arena(count: model.layout.arenaCount)
        for tensor in model.layout.tensors {
            let floats = try checkpoint.read(tensor.name)
            guard floats.count == tensor.region.count else {
                throw Failure(
                    .badData, "\(tensor.name) of \(path) has \(floats.count) elements, not \(tensor.region.count).")
            }
            parameters.floats[tensor.region.range].copy(from: floats)
        }
    }

    /// The run's configuration, and the corpus that it was trained on.
    func corpus() throws -> (run: RunConfig, corpus: PreparedCorpus) {
        guard let run else {
            throw Failure(.usage, "\(checkpoint.file.path) belongs to no run with a corpus; give --text FILE.")
        }
        if let directory, let provenance = try Provenance.read(directory),
            let corpus = try? PreparedCorpus(
                opening: URL(fileURLWithPath: provenance.corpusFolder), verifying: false),
            corpus.contentDigest == provenance.corpusDigest
        {
            return (run, corpus)
        }
        let corpus = try CorpusPreparation.prepare(run.corpus, cache: RunDirectory.corpora)
        if let digest = checkpoint.header.attributes["corpus_digest"], digest != corpus.contentDigest {
            throw Failure(
                .badData,
                "The text of \(run.name) is not what the run was trained on: what is held out now may have been "
                    + "training text. Bring that text back, or measure a file with --text.")
        }
        return (run, corpus)
    }

    /// The tokenizer of the run's corpus; bytes for a model that no run of ours made.
    func tokenizer() throws -> any Tokenizer {
        if run != nil { return try corpus().corpus.tokenizer }
        let bytes = BytesTokenizer()
        guard bytes.vocabulary == model.shape.vocabulary else {
            throw Failure(
                .usage,
                "\(checkpoint.file.path) has a vocabulary of \(model.shape.vocabulary) whose tokenizer Apus does not "
                    + "have; text goes in and out of models of bytes (vocabulary 257), and of runs.")
        }
        return bytes
    }
}
