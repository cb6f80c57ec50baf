import Checkpoints
import Foundation
import Testing

@Suite struct HuggingFaceTests {
    private static let configuration = HuggingFaceConfiguration(
        layers: 2, width: 8, heads: 2, context: 5, vocabulary: 11)

    /// Values that tell which tensor they are of.
    private func value(_ index: Int) -> [Float] {
        (0..<Self.configuration.tensors[index].count).map { Float(index) + Float($0) / 1024 }
    }

    private func export(to url: URL) throws {
        var writer = try HuggingFaceFolder.begin(url, configuration: Self.configuration, endOfText: 10)
        for index in Self.configuration.tensors.indices {
            let floats = value(index)
            try writer.write(floats.span)
        }
        try writer.commit()
    }

    /// The exported model with other tensors in its file.
    private func rewrite(
        _ folder: TemporaryFolder, _ change: (inout [(TensorSpecification, [Float])]) -> Void
    ) throws {
        var tensors = Self.configuration.tensors.enumerated().map { ($1, value($0)) }
        change(&tensors)
        var writer = try SafetensorsWriter(folder.file("model.safetensors"), tensors: tensors.map(\.0))
        for (_, floats) in tensors { try writer.write(floats.span) }
        try writer.commit()
    }

    private func setting(_ folder: TemporaryFolder, _ key: String, _ value: Any) throws {
        let url = folder.file("config.json")
        var object = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        object[key] = value
        try JSONSerialization.data(withJSONObject: object).write(to: url)
    }

    private func expectModel(_ folder: TemporaryFolder) throws {
        let model = try HuggingFaceFolder(folder.url)
        #expect(model.configuration == Self.configuration)
        for (index, tensor) in model.tensors.enumerated() { #expect(try model.floats(tensor.name) == value(index)) }
    }

    @Test("the order and shapes are those of GPT2LMHeadModel")
    func order() {
        let tensors = Self.configuration.tensors
        #expect(tensors.count == 2 + 12 * 2 + 2)
        #expect(tensors.first == TensorSpecification(name: "transformer.wte.weight", shape: [11, 8]))
        #expect(tensors[4] == TensorSpecification(name: "transformer.h.0.attn.c_attn.weight", shape: [8, 24]))
        #expect(tensors[24] == TensorSpecification(name: "transformer.h.1.mlp.c_proj.weight", shape: [32, 8]))
        #expect(tensors.last == TensorSpecification(name: "transformer.ln_f.bias", shape: [8]))
    }

    @Test("an exported folder is read back")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        try export(to: folder.url)
        #expect(try folder.names() == ["config.json", "model.safetensors"])
        try expectModel(folder)
    }

    @Test("names without the prefix, causal masks and a tied head are accepted, in any order")
    func oldNames() throws {
        let folder = try TemporaryFolder()
        try export(to: folder.url)
        try rewrite(folder) { tensors in
            tensors = tensors.reversed().map { tensor, floats in
                (TensorSpecification(name: String(tensor.name.dropFirst(12)), shape: tensor.shape), floats)
            }
            tensors.append(
                (TensorSpecification(name: "h.0.attn.bias", shape: [1, 1, 5, 5]), .init(repeating: 1, count: 25)))
            tensors.append((TensorSpecification(name: "h.1.attn.masked_bias", shape: [1]), [-10000]))
            tensors.append((TensorSpecification(name: "lm_head.weight", shape: [11, 8]), value(0)))
        }
        try expectModel(folder)
    }

    @Test("missing, additional, doubled and misshapen tensors and an untied head are refused by name")
    func wrongTensors() throws {
        let folder = try TemporaryFolder()
        try export(to: folder.url)
        let changes: [(String, (inout [(TensorSpecification, [Float])]) -> Void)] = [
            ("transformer.wpe.weight is missing", { $0.remove(at: 1) }),
            ("extra is not part", { $0.append((TensorSpecification(name: "extra", shape: [1]), [0])) }),
            ("same tensor", { $0.append((TensorSpecification(name: "ln_f.bias", shape: [8]), $0[27].1)) }),
            ("[40] instead of [5, 8]", { $0[1].0 = TensorSpecification(name: "transformer.wpe.weight", shape: [40]) }),
            (
                "lm_head.weight",
                {
                    $0.append(
                        (TensorSpecification(name: "lm_head.weight", shape: [11, 8]), .init(repeating: 0, count: 88)))
                }
            ),
        ]
        for (words, change) in changes {
            try rewrite(folder, change)
            let error = checkpointError { _ = try HuggingFaceFolder(folder.url) }
            #expect(error?.kind == .unsuitable)
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "no error")")
        }
    }

    @Test("settings that this trainer does not compute are refused with key and value")
    func wrongSettings() throws {
        let settings: [(String, Any, String)] = [
            ("model_type", "llama", "\"llama\""), ("activation_function", "relu", "\"relu\""),
            ("layer_norm_epsilon", 1e-6, "1e-06"), ("n_inner", 33, "33"), ("tie_word_embeddings", false, "false"),
            ("scale_attn_by_inverse_layer_idx", true, "true"), ("scale_attn_weights", false, "false"),
            ("add_cross_attention", true, "true"), ("n_head", 3, "3"), ("n_layer", 0, "0"), ("n_embd", "8", "\"8\""),
            ("n_layer", 1_000_000, "1000000"), ("vocab_size", 2.5, "2.5"), ("quantization_config", [1], "list"),
        ]
        for (key, value, words) in settings {
            let folder = try TemporaryFolder()
            try export(to: folder.url)
            try setting(folder, key, value)
            let error = checkpointError { _ = try HuggingFaceFolder(folder.url) }
            #expect(error?.kind == .unsuitable, "\(key)")
            #expect(error?.message.contains(words) == true, "\(key): \(error?.message ?? "no error")")
        }
    }

    @Test("n_inner may be four times the width, and defaults of Hugging Face may be absent")
    func allowedSettings() throws {
        let folder = try TemporaryFolder()
        try export(to: folder.url)
        try setting(folder, "n_inner", 32)
        try expectModel(folder)
        let minimal =
            #"{"model_type":"gpt2","n_layer":2,"n_embd":8,"n_head":2,"n_positions":5,"vocab_size":11,"n_ctx":5}"#
        try Data(minimal.utf8).write(to: folder.file("config.json"))
        try expectModel(folder)
    }
}

@Suite struct ReferenceFileTests {
    /// What transformers and safetensors wrote, beside the tests that compare the arithmetic.
    private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("EndToEndTests/Reference/gpt2-tiny")

    @Test("a folder that transformers wrote is read, and its README's number of parameters found")
    func model() throws {
        let model = try HuggingFaceFolder(folder)
        #expect(
            model.configuration
                == HuggingFaceConfiguration(layers: 2, width: 64, heads: 4, context: 32, vocabulary: 256))
        #expect(model.tensors.reduce(0) { $0 + $1.count } == 118_528)
        let norm = try model.floats("transformer.h.1.ln_2.weight")
        #expect(norm.allSatisfy { abs($0 - 1) < 0.2 } && Set(norm).count > 32)
    }

    @Test("integers, doubles and floats of the reference are read")
    func reference() throws {
        let file = try SafetensorsFile(folder.appendingPathComponent("reference.safetensors"))
        #expect(file.shape("tokens") == [4, 32])
        #expect(try file.integers("tokens").allSatisfy { (0..<256).contains($0) })
        let rates = try file.doubles("curve_lr")
        #expect(rates.count == 20 && rates[4] == 1e-3 && rates[0] == 2e-4)
        let losses = try file.floats("curve_loss")
        #expect(abs(losses[0] - 5.520946) < 1e-6 && abs(losses[19] - 5.445710) < 1e-6)
    }
}
