import ArgumentParser
import Checkpoints
import Experiment
import Foundation
import Reports

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "What is in a checkpoint, after checking every byte of it.",
        discussion: """
            Examples:
              apus inspect checkpoints/books
              apus inspect checkpoints/books/checkpoints/step-00000600.h5 --json
            """)

    @Argument(help: "A checkpoint, or a run folder (its newest checkpoint).") var path: String
    @Flag(help: "One JSON object with step, tokens, digest and more.") var json = false

    func run() throws {
        let checkpoint = try CheckpointFiles.open(path)
        Console.show(json ? try Self.object(checkpoint) : Self.text(checkpoint))
    }

    private struct Contents: Encodable {
        struct Tensor: Encodable {
            let name: String
            let shape: [Int]
        }

        let file: String
        let step: Int
        let tokens: Int
        let digest: String
        let sha256: String
        let bytes: Int
        let parameters: Int
        let attributes: [String: String]
        let config: String
        let tensors: [Tensor]
    }

    private static func object(_ checkpoint: Checkpoint) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let contents = Contents(
            file: checkpoint.file.path, step: checkpoint.step, tokens: checkpoint.tokens, digest: checkpoint.digest,
            sha256: checkpoint.record.sha256, bytes: checkpoint.record.bytes,
            parameters: checkpoint.tensors.map(\.count).reduce(0, +), attributes: checkpoint.header.attributes,
            config: checkpoint.config, tensors: checkpoint.tensors.map { .init(name: $0.name, shape: $0.shape) })
        return String(decoding: try encoder.encode(contents), as: UTF8.self) + "\n"
    }

    private static func text(_ checkpoint: Checkpoint) -> String {
        let parameters = checkpoint.tensors.map(\.count).reduce(0, +)
        var facts = [
            ("file", checkpoint.file.path), ("step", "\(checkpoint.step)"), ("tokens", "\(checkpoint.tokens)"),
            ("digest", checkpoint.digest),
            (
                "parameters",
                "\(parameters) (\(Humanly.count(parameters))) in \(checkpoint.tensors.count) tensors, with both moments"
            ),
            ("size", "\(Humanly.bytes(Double(checkpoint.record.bytes))), every byte as it was committed"),
        ]
        facts += checkpoint.header.attributes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let width = facts.map(\.0.count).max() ?? 0
        var lines = facts.map { $0.padding(toLength: width + 2, withPad: " ", startingAt: 0) + $1 }
        lines += ["", checkpoint.config]
        var tensors = TerminalTable([.init("tensor", .left), .init("shape")])
        for tensor in checkpoint.tensors {
            tensors.add([tensor.name, tensor.shape.map(String.init).joined(separator: " x ")])
        }
        return lines.joined(separator: "\n") + "\n" + tensors.text(Console.style)
    }
}
