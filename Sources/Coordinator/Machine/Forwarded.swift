import ArgumentParser

/// A command that `apus-worker` carries out on this host, without ranks.
protocol ForwardedCommand: AsyncParsableCommand {
    var workerArguments: [String] { get }
}

extension ForwardedCommand {
    func run() async throws { try await WorkerExecutable.forward(workerArguments) }
}

struct Evaluate: ForwardedCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the held-out loss of a run or checkpoint, or its loss on a text.",
        discussion: """
            Examples:
              apus evaluate checkpoints/books
              apus evaluate checkpoints/books/checkpoints/step-00000600.h5 --text chapter.txt --json
            """)

    @Argument(help: "A run folder (its newest good checkpoint) or a checkpoint.") var model: String
    @Option(help: ArgumentHelp("A text to measure instead of the run's held-out one.", valueName: "file"))
    var text: String?
    @Flag(help: "One JSON object.") var json = false

    var workerArguments: [String] {
        ["evaluate", model] + (text.map { ["--text", $0] } ?? []) + (json ? ["--json"] : [])
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
        func option(_ name: String, _ value: (some CustomStringConvertible)?) -> [String] {
            value.map { [name, "\($0)"] } ?? []
        }
        return ["generate", model, "--prompt=\(prompt)"] + option("--tokens", tokens)
            + option("--temperature", temperature) + option("--top-k", topK) + option("--top-p", topP)
            + option("--seed", seed)
    }
}
