import Checkpoints
import Experiment
import Foundation

/// Which checkpoint a path of the command line means.
enum CheckpointFiles {
    /// The checkpoint at `path`: the file, or the newest of a run folder or of its `checkpoints`. Nothing is moved or
    /// changed; a damaged one is an error, not a reason to take an older one.
    static func open(_ path: String) throws -> Checkpoint {
        let url = URL(fileURLWithPath: path)
        guard let isFolder = (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory else {
            throw Failure(.usage, "There is no file or folder \(path).")
        }
        guard isFolder else { return try Checkpoint(url) }
        for folder in [CheckpointFolder(RunDirectory(url).checkpoints), CheckpointFolder(url)] {
            if let newest = try folder.steps().last { return try folder.checkpoint(step: newest) }
        }
        throw Failure(.badData, "\(path) holds no checkpoint.")
    }

    /// The model's shape: heads from the configuration, everything else from the tensors themselves.
    static func shape(of checkpoint: Checkpoint) throws -> HuggingFaceConfiguration {
        let model = try ModelConfig(
            yaml: checkpoint.config, source: "the configuration in \(checkpoint.file.path)")
        let tokens = checkpoint.tensors.first { $0.name == "transformer.wte.weight" }
        guard let vocabulary = tokens?.shape.first else {
            throw Failure(.badData, "\(checkpoint.file.path) has no tensor transformer.wte.weight; it is no GPT-2.")
        }
        return HuggingFaceConfiguration(
            layers: model.layers, width: model.width, heads: model.heads,
            context: model.context, vocabulary: vocabulary)
    }
}
