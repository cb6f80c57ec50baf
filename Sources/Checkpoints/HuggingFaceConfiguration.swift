import Foundation

/// The shape of a GPT-2 of Hugging Face, as its `config.json` gives it.
public struct HuggingFaceConfiguration: Hashable, Sendable {
    /// `n_layer`.
    public let layers: Int
    /// `n_embd`; the feed-forward part is four times as wide.
    public let width: Int
    /// `n_head`, which divides `width`.
    public let heads: Int
    /// `n_positions`.
    public let context: Int
    /// `vocab_size`.
    public let vocabulary: Int

    /// A GPT-2 of this shape.
    public init(layers: Int, width: Int, heads: Int, context: Int, vocabulary: Int) {
        self.layers = layers
        self.width = width
        self.heads = heads
        self.context = context
        self.vocabulary = vocabulary
    }

    /// All parameters in Hugging Face's order, with the names of `GPT2LMHeadModel`; the tied head is not listed twice.
    public var tensors: [TensorSpecification] {
        var tensors: [TensorSpecification] = []
        func add(_ name: String, _ shape: Int...) {
            tensors.append(TensorSpecification(name: "transformer." + name, shape: shape))
        }
        add("wte.weight", vocabulary, width)
        add("wpe.weight", context, width)
        for layer in 0..<layers {
            add("h.\(layer).ln_1.weight", width)
            add("h.\(layer).ln_1.bias", width)
            add("h.\(layer).attn.c_attn.weight", width, 3 * width)
            add("h.\(layer).attn.c_attn.bias", 3 * width)
            add("h.\(layer).attn.c_proj.weight", width, width)
            add("h.\(layer).attn.c_proj.bias", width)
            add("h.\(layer).ln_2.weight", width)
            add("h.\(layer).ln_2.bias", width)
            add("h.\(layer).mlp.c_fc.weight", width, 4 * width)
            add("h.\(layer).mlp.c_fc.bias", 4 * width)
            add("h.\(layer).mlp.c_proj.weight", 4 * width, width)
            add("h.\(layer).mlp.c_proj.bias", width)
        }
        add("ln_f.weight", width)
        add("ln_f.bias", width)
        return tensors
    }

    /// Reads `config.json` at `url`.
    ///
    /// Throws `CheckpointError`: `cannotRead`, `damaged` when it is not JSON, `unsuitable` when it asks for something
    /// that this trainer does not compute; the sentence names key and value.
    public init(_ url: URL) throws {
        let input = try InputFile(url.resolvingSymlinksInPath().path)
        let values: [String: ConfigurationValue]
        do {
            let bytes = try input.bytes(at: 0, count: input.byteCount)
            values = try JSONDecoder().decode([String: ConfigurationValue].self, from: Data(bytes))
        } catch let error as DecodingError {
            throw CheckpointError(.damaged, "\(input.path) is not a JSON object: \(error.summary); get it again")
        }
        try Self.refuseOthers(values, input.path)
        func size(_ key: String) throws -> Int {
            guard case .number(let number)? = values[key], let size = Int(exactly: number), (1...1 << 31) ~= size else {
                throw CheckpointError(
                    .unsuitable, "\(input.path): \(key) is \(values.text(key)); a whole number of at least 1 is needed")
            }
            return size
        }
        layers = try size("n_layer")
        width = try size("n_embd")
        heads = try size("n_head")
        context = try size("n_positions")
        vocabulary = try size("vocab_size")
        if width % heads != 0 {
            throw CheckpointError(.unsuitable, "\(input.path): n_embd \(width) is not divisible by n_head \(heads)")
        }
        for (key, expected) in [("n_inner", 4 * width), ("n_ctx", context)] {
            try Self.require(key, is: [.null, .number(Double(expected))], orAbsent: true, in: values, input.path)
        }
    }

    /// Settings that change what is computed may only have the values that this trainer computes. Where a key may be
    /// absent, Hugging Face's default is such a value.
    private static func refuseOthers(_ values: [String: ConfigurationValue], _ path: String) throws {
        try require("model_type", is: [.text("gpt2")], orAbsent: false, in: values, path)
        try require("activation_function", is: [.text("gelu_new")], orAbsent: true, in: values, path)
        try require("layer_norm_epsilon", is: [.number(1e-5)], orAbsent: true, in: values, path)
        try require("tie_word_embeddings", is: [.bool(true)], orAbsent: true, in: values, path)
        try require("scale_attn_weights", is: [.bool(true)], orAbsent: true, in: values, path)
        for key in ["scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn", "add_cross_attention"] {
            try require(key, is: [.bool(false)], orAbsent: true, in: values, path)
        }
        try require("quantization_config", is: [.null], orAbsent: true, in: values, path)
    }

    private static func require(
        _ key: String, is allowed: [ConfigurationValue], orAbsent mayBeAbsent: Bool,
        in values: [String: ConfigurationValue], _ path: String
    ) throws {
        guard let value = values[key] else {
            if mayBeAbsent { return }
            throw CheckpointError(.unsuitable, "\(path) does not name its \(key); only GPT-2 models can be read")
        }
        if !allowed.contains(value) {
            let computed = allowed.map(\.description).joined(separator: " or ")
            throw CheckpointError(
                .unsuitable,
                "\(path): \(key) is \(value), and this trainer computes only \(computed); use another model")
        }
    }

    /// `config.json` with every key that changes what `GPT2LMHeadModel` computes.
    ///
    /// - Parameter endOfText: the token that begins and ends a text, when the vocabulary has one.
    func rendered(endOfText: Int?) -> [UInt8] {
        let token = endOfText.map(String.init) ?? "null"
        return Array(
            """
            {
              "activation_function": "gelu_new",
              "add_cross_attention": false,
              "architectures": ["GPT2LMHeadModel"],
              "attn_pdrop": 0.0,
              "bos_token_id": \(token),
              "dtype": "float32",
              "embd_pdrop": 0.0,
              "eos_token_id": \(token),
              "initializer_range": 0.02,
              "layer_norm_epsilon": 1e-05,
              "model_type": "gpt2",
              "n_embd": \(width),
              "n_head": \(heads),
              "n_inner": null,
              "n_layer": \(layers),
              "n_positions": \(context),
              "reorder_and_upcast_attn": false,
              "resid_pdrop": 0.0,
              "scale_attn_by_inverse_layer_idx": false,
              "scale_attn_weights": true,
              "tie_word_embeddings": true,
              "use_cache": true,
              "vocab_size": \(vocabulary)
            }

            """.utf8)
    }
}

/// A value in `config.json`; what is inside lists and objects does not matter here.
enum ConfigurationValue: Decodable, Hashable, CustomStringConvertible {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case compound

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else {
            self = .compound
        }
    }

    var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
        case .text(let value): "\"\(value)\""
        case .compound: "a list or an object"
        }
    }
}

extension [String: ConfigurationValue] {
    fileprivate func text(_ key: String) -> String { self[key]?.description ?? "missing" }
}
