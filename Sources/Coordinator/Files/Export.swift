import ArgumentParser
import Checkpoints
import Experiment
import Foundation
import Tokenization

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a checkpoint as a Hugging Face folder of a GPT-2.",
        discussion: """
            Examples:
              apus export checkpoints/books --out books-hf

            Writes config.json, model.safetensors and, for the bytes tokenizer, tokenizer.json, so that
              transformers.AutoModelForCausalLM.from_pretrained("books-hf")
            gives the same logits.
            """)

    @Argument(help: "A checkpoint, or a run folder (its newest checkpoint).") var checkpoint: String
    @Option(help: ArgumentHelp("The folder to write.", valueName: "dir")) var out: String
    @Flag(help: "Write over a model that is in the folder.") var force = false

    func run() throws {
        let source = try CheckpointFiles.open(checkpoint)
        let shape = try CheckpointFiles.shape(of: source)
        let folder = URL(fileURLWithPath: out)
        try refuseOverwriting(folder)
        let usesBytes = usesBytesTokenizer(source, vocabulary: shape.vocabulary)
        var writer = try HuggingFaceFolder.begin(
            folder, configuration: shape, endOfText: usesBytes ? BytesTokenizer().endOfText : nil)
        for tensor in shape.tensors {
            let floats = try source.read(tensor.name)
            try writer.write(floats.span)
        }
        try writer.commit()
        if usesBytes {
            try DurableFile.replace(
                folder.appendingPathComponent(Tokenizers.fileName), with: BytesTokenizer().serialized)
        }
        Console.show("step \(source.step) of \(source.file.path) is now in \(out)\n")
    }

    private func refuseOverwriting(_ folder: URL) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        guard names.isEmpty || force else {
            throw Failure(.usage, "\(out) is not empty; give another folder, or --force to write over the model in it.")
        }
    }

    /// An imported model belongs to no run; its tokenizer is not ours to write.
    private func usesBytesTokenizer(_ checkpoint: Checkpoint, vocabulary: Int) -> Bool {
        let folder = checkpoint.file.deletingLastPathComponent()
        guard let run = try? RunConfig(yaml: checkpoint.config, source: checkpoint.file.path, folder: folder)
        else { return false }
        return run.corpus.calibration == nil && run.corpus.prepared == nil && run.corpus.tokenizer == "bytes"
            && vocabulary == 257
    }
}
