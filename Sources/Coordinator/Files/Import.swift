import ArgumentParser
import Checkpoints
import Experiment
import Foundation

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn a Hugging Face folder of a GPT-2 into a checkpoint.",
        discussion: """
            Examples:
              apus import gpt2-hf --out gpt2.h5
              apus inspect gpt2.h5

            Names with and without the prefix "transformer." are read; another kind of model is refused.
            """)

    @Argument(help: "A folder with config.json and model.safetensors.") var folder: String
    @Option(help: ArgumentHelp("The checkpoint to write; its name ends in .h5.", valueName: "checkpoint"))
    var out: String
    @Flag(help: "Write over a checkpoint of that name.") var force = false

    func validate() throws {
        guard out.hasSuffix(".h5") else {
            throw ValidationError("--out is \(out); the name of a checkpoint ends in .h5.")
        }
    }

    func run() throws {
        let file = URL(fileURLWithPath: out)
        guard force || !FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(.usage, "\(out) is there already; give another name, or --force to write over it.")
        }
        let source = try HuggingFaceFolder(URL(fileURLWithPath: folder))
        let header = CheckpointHeader(
            step: 0, tokens: 0, config: Self.model(source.configuration).yaml,
            attributes: ["imported_from": URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent])
        var writer = try CheckpointWriter(file: file, header: header, tensors: source.tensors)
        for tensor in source.tensors {
            let floats = try source.floats(tensor.name)
            try writer.write(floats.span)
        }
        try writer.writeZeros()
        let record = try writer.commit()
        Console.show("\(out)  digest \(record.digest)\n")
    }

    private static func model(_ shape: HuggingFaceConfiguration) -> ModelConfig {
        ModelConfig(
            layers: shape.layers, width: shape.width, heads: shape.heads, context: shape.context,
            vocabulary: shape.vocabulary)
    }
}
