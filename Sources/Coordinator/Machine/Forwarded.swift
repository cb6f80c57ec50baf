import ArgumentParser

/// A command that `apus-worker` carries out on this host, without ranks.
protocol ForwardedCommand: AsyncParsableCommand {
    var workerArguments: [String] { get }
}

extension ForwardedCommand {
    func run() async throws { try await WorkerExecutable.forward(workerArguments) }
}

/// An option as the worker reads it; nothing where it was not given.
private func option(_ name: String, _ value: (some CustomStringConvertible)?) -> [String] {
    value.map { [name, "\($0)"] } ?? []
}

private func flag(_ name: String, _ value: Bool) -> [String] { value ? [name] : [] }

struct Evaluate: ForwardedCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the held-out loss of a run or checkpoint, or its loss on a text.",
        discussion: """
            Examples:
              apus evaluate checkpoints/books
              apus evaluate checkpoints/books/checkpoints/step-00000600.h5 --text chapter.txt --json
              apus evaluate checkpoints/books --losses losses.csv
            """)

    @Argument(help: "A run folder (its newest good checkpoint) or a checkpoint.") var model: String
    @Option(help: ArgumentHelp("A text to measure instead of the run's held-out one.", valueName: "file"))
    var text: String?
    @Option(
        help: ArgumentHelp("Write the loss of every held-out sequence to this CSV file.", valueName: "file"))
    var losses: String?
    @Flag(help: "One JSON object.") var json = false

    var workerArguments: [String] {
        ["evaluate", model] + option("--text", text) + option("--losses", losses) + flag("--json", json)
    }
}

struct Coordinates: ForwardedCommand {
    static let configuration = CommandConfiguration(
        abstract: "Does a learning rate carry over to wider models? Train a few steps at several widths and see.",
        discussion: """
            What training changes in the activations should be as large at every width (Yang et al. 2022, D.1): with \
            `model: {mup: {base_width: 64}}` it is.

            Examples:
              apus coordinates configs/books.yaml --widths 64,128,256,512
              apus coordinates configs/books.yaml --set 'model.mup={base_width: 64}' --steps 3 --json
            """)

    @Argument(help: "The configuration; its width is one of many here.") var config: String
    @Option(
        help: ArgumentHelp("Replace a value of the configuration; may be repeated.", valueName: "key=value"))
    var set: [String] = []
    @Option(help: "Widths, with commas between them.") var widths: String?
    @Option(help: "Updates at each width.") var steps: Int?
    @Flag(help: "One JSON object.") var json = false

    var workerArguments: [String] {
        ["coordinates", config] + set.flatMap { ["--set", $0] } + option("--widths", widths)
            + option("--steps", steps) + flag("--json", json)
    }
}

struct Generate: ForwardedCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write text with a trained model.",
        discussion: """
            Examples:
              apus generate checkpoints/books --prompt "Once upon a time" --tokens 400
              apus generate checkpoints/books --prompt "The " --temperature 0
            """)

    @Argument(help: "A run folder (its newest good checkpoint) or a checkpoint.") var model: String
    @Option(help: "The text to go on from.") var prompt: String
    @Option(help: "Tokens to write.") var tokens: Int?
    @Option(help: "Below 1 is safer, above 1 wilder; 0 always takes the likeliest token.") var temperature: Double?
    @Option(help: "Choose among the k likeliest tokens only.") var topK: Int?
    @Option(help: "Choose among the likeliest tokens whose probabilities sum to p.") var topP: Double?
    @Option(help: "The same seed writes the same text.") var seed: UInt64?

    var workerArguments: [String] {
        ["generate", model, "--prompt=\(prompt)"] + option("--tokens", tokens)
            + option("--temperature", temperature) + option("--top-k", topK) + option("--top-p", topP)
            + option("--seed", seed)
    }
}
