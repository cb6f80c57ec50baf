import ArgumentParser
import Corpus
import Experiment
import Foundation
import Tensors
import Transformer

struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Text from a model, token by token.")

    @Argument(help: "A run folder (its newest good checkpoint) or a checkpoint.") var model: String
    @Option(help: "The text to go on from.") var prompt: String
    @Option(help: "Tokens to write.") var tokens = 256
    @Option(help: "Below 1 is safer, above 1 wilder; 0 always takes the likeliest token.") var temperature = 0.8
    @Option(help: "Choose among the k likeliest tokens only.") var topK: Int?
    @Option(help: "Choose among the likeliest tokens whose probabilities sum to p.") var topP: Double?
    @Option(help: "The same seed writes the same text.") var seed: UInt64 = 1
    @OptionGroup var kernelOption: KernelOption

    func validate() throws {
        guard tokens > 0 else { throw ValidationError("--tokens must be 1 or more.") }
        guard temperature >= 0 else { throw ValidationError("--temperature must be 0 or more.") }
        guard topK.map({ $0 > 0 }) ?? true else { throw ValidationError("--top-k must be 1 or more.") }
        guard topP.map({ $0 > 0 && $0 <= 1 }) ?? true else {
            throw ValidationError("--top-p must be above 0 and at most 1.")
        }
    }

    func run() throws {
        let loaded = try LoadedModel(path: model, kernels: kernelOption.pinned())
        defer { withExtendedLifetime(loaded) {} }
        let tokenizer = try loaded.tokenizer()
        var ids = try tokenizer.encode(Array(prompt.utf8))
        if ids.isEmpty {
            guard let end = tokenizer.endOfText else { throw Failure(.usage, "Give a --prompt of one token or more.") }
            ids = [Int32(end)]
        }
        let start = ids.count
        let sampler = Sampler(temperature: temperature, topK: topK, topP: topP, seed: seed)
        let work = Workspace(shape: loaded.model.shape, sequences: 1)
        while ids.count < start + tokens {
            let logits = loaded.model.nextLogits(after: ids, parameters: loaded.parameters.floats, work: work)
            // A vocabulary may be larger than the tokenizer's: ids behind it have no text.
            let next = sampler.choose(Array(logits.prefix(tokenizer.vocabulary)), index: ids.count - start)
            if let end = tokenizer.endOfText, next == end { break }
            ids.append(Int32(next))
        }
        print(prompt + String(decoding: try tokenizer.decode(Array(ids[start...])), as: UTF8.self))
    }
}
