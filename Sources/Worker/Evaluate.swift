import ArgumentParser
import Communication
import Corpus
import Experiment
import Foundation
import Tensors
import Training
import Transformer

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Loss of a model, on its run's held-out text or on a file.",
        discussion: """
            Two models can be compared sequence by sequence where their evaluations have the same `held_out_digest`.

            Examples:
              apus-worker evaluate checkpoints/books --json
              apus-worker evaluate checkpoints/books --losses losses.csv
              apus-worker evaluate checkpoints/books/checkpoints/step-00000600.h5 --text chapter.txt
            """)

    @Argument(help: "A run folder (its newest good checkpoint) or a checkpoint.") var model: String
    @Option(help: "A UTF-8 text to measure instead of the held-out one.") var text: String?
    @Option(help: "Write a CSV file of the held-out sequences: sequence (from 0), tokens, loss in nats per token.")
    var losses: String?
    @Flag(help: "One JSON object.") var json = false
    @OptionGroup var kernelOption: KernelOption

    func run() throws {
        if text != nil, losses != nil {
            throw Failure(.usage, "--losses is about the sequences of the run's held-out text; leave --text out.")
        }
        let loaded = try LoadedModel(path: model, kernels: kernelOption.pinned())
        defer { withExtendedLifetime(loaded) {} }
        let result = try text.map { try measure(loaded, file: $0) } ?? measureHeldOut(loaded)
        if json {
            print(try SnakeCaseJSON.text(result))
        } else {
            let bits = Self.bits(result.bitsPerByte, result.bitsPerCharacter)
            print(
                "step \(result.step): loss \(rounded(result.loss, 4)) ± \(rounded(result.standardError, 4)) nats per token"
                    + "\(bits), over \(result.tokens) tokens")
            for source in result.sources where result.sources.count > 1 {
                print(
                    "\(source.name): loss \(rounded(source.loss, 4)) ± \(rounded(source.standardError, 4)) nats per "
                        + "token\(Self.bits(source.bitsPerByte, source.bitsPerCharacter)), over \(source.tokens) tokens"
                )
            }
        }
    }

    private static func bits(_ perByte: Double?, _ perCharacter: Double?) -> String {
        (perByte.map { ", \(rounded($0, 4)) bits per byte" } ?? "")
            + (perCharacter.map { ", \(rounded($0, 4)) per character" } ?? "")
    }

    /// What was measured.
    struct Result: Codable {
        var step: Int
        var digest: String
        var loss: Double
        var standardError: Double
        var bitsPerByte: Double?
        var bitsPerCharacter: Double?
        var tokens: Int
        /// Of the tokens that were evaluated, in their order; none for a file.
        var heldOutDigest: String?
        /// Of the run's held-out text; none for a file.
        var sources: [Source]
    }

    /// The part that is of one source.
    struct Source: Codable {
        var name: String
        var loss: Double
        var standardError: Double
        var bitsPerByte: Double?
        var bitsPerCharacter: Double?
        var sequences: Int
        var tokens: Int

        init(_ source: Evaluation.Source, context: Int) {
            (name, loss, standardError) = (source.name, source.loss, source.standardError)
            (bitsPerByte, bitsPerCharacter) = (source.bitsPerByte, source.bitsPerCharacter)
            (sequences, tokens) = (source.sequences, source.sequences * context)
        }
    }

    private func measureHeldOut(_ loaded: LoadedModel) throws -> Result {
        let (run, corpus) = try loaded.corpus()
        let heldOut = try HeldOutData(corpus, config: run)
        let evaluation = Evaluation(model: loaded.model, parameters: loaded.parameters.floats, heldOut: heldOut)
        if let losses { try write(evaluation, context: heldOut.context, to: losses) }
        return Result(
            step: loaded.checkpoint.step, digest: loaded.checkpoint.digest, loss: evaluation.loss,
            standardError: evaluation.standardError, bitsPerByte: evaluation.bitsPerByte,
            bitsPerCharacter: evaluation.bitsPerCharacter, tokens: evaluation.sequences * heldOut.context,
            heldOutDigest: heldOut.digest, sources: evaluation.sources.map { Source($0, context: heldOut.context) })
    }

    private func write(_ evaluation: Evaluation, context: Int, to file: String) throws {
        let rows = evaluation.sequenceLosses.enumerated().map { "\($0.offset),\(context),\($0.element)\n" }
        try DurableFile.replace(
            URL(fileURLWithPath: file), with: Data(("sequence,tokens,loss\n" + rows.joined()).utf8))
    }

    /// All whole windows of the file, and the rest as one short window.
    private func measure(_ loaded: LoadedModel, file: String) throws -> Result {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw Failure(.badData, "Cannot read \(file).")
        }
        let tokenizer = try loaded.tokenizer()
        let ids = try tokenizer.encode(Array(bytes))
        guard ids.count > 1 else {
            throw Failure(.badData, "\(file) has fewer than two tokens; nothing can be predicted.")
        }
        let shape = loaded.model.shape
        let work = Workspace(shape: shape, sequences: 1)
        var windows: [(loss: Double, tokens: Int)] = []
        for start in stride(from: 0, to: ids.count - 1, by: shape.context) {
            let length = min(shape.context, ids.count - 1 - start)
            let padding = [Int32](repeating: 0, count: shape.context - length)
            loaded.model.losses(
                tokens: Array(ids[start..<(start + length)]) + padding,
                targets: Array(ids[(start + 1)...(start + length)]) + padding,
                counted: (0..<shape.context).map { $0 < length ? 1 : 0 }, sequences: 1,
                parameters: loaded.parameters.floats, work: work)
            windows.append((work.losses.prefix(length).reduce(0, +), length))
        }
        let tokens = windows.reduce(0) { $0 + $1.tokens }
        let total = windows.reduce(0) { $0 + $1.loss }
        let mean = total / Double(tokens)
        let count = Double(windows.count)
        let squares = windows.reduce(0) { sum, window in
            let difference = window.loss / Double(window.tokens) - mean
            return sum + difference * difference
        }
        let text = try tokenizer.decode(Array(ids.dropFirst()))
        let bits = total / PortableMath.log(2)
        return Result(
            step: loaded.checkpoint.step, digest: loaded.checkpoint.digest, loss: mean,
            standardError: count > 1 ? (squares / (count - 1) / count).squareRoot() : 0,
            bitsPerByte: bits / Double(text.count),
            bitsPerCharacter: bits / Double(String(decoding: text, as: UTF8.self).unicodeScalars.count), tokens: tokens,
            sources: [])
    }
}
