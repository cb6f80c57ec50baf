import Foundation

/// A GPT-2 in the layout of Hugging Face: a folder with `config.json` and `model.safetensors`.
public struct HuggingFaceFolder: Sendable {
    /// The model's shape.
    public let configuration: HuggingFaceConfiguration

    private let file: SafetensorsFile
    /// The name in the file for every canonical name.
    private let storedNames: [String: String]

    private static let prefix = "transformer."

    /// Opens the folder at `url`, and checks that the file holds every tensor of the model in its shape and no other.
    ///
    /// Names may have the prefix `transformer.` or lack it. The causal masks that old versions stored are ignored, and so
    /// is a head that equals the token embedding.
    ///
    /// Throws `CheckpointError`: `cannotRead`, `damaged`, or `unsuitable` with the names that are wrong.
    public init(_ url: URL) throws {
        configuration = try HuggingFaceConfiguration(url.appendingPathComponent("config.json"))
        file = try SafetensorsFile(url.appendingPathComponent("model.safetensors"))
        storedNames = try Self.match(configuration, file, url.path)
        try refuseUntiedHead(url.path)
    }

    /// The model's parameters in Hugging Face's order, by canonical name, with the prefix.
    public var tensors: [TensorSpecification] { configuration.tensors }

    /// A parameter by its canonical name, row by row.
    public func floats(_ name: String) throws -> [Float] {
        guard let stored = storedNames[name] else {
            throw CheckpointError(.unsuitable, "a GPT-2 of \(configuration.layers) layers has no tensor \(name)")
        }
        return try file.floats(stored)
    }

    /// Writes `config.json` into the folder `url`, which is made when it is not there, and begins
    /// `model.safetensors`; write the `configuration.tensors` into it in their order and commit it.
    ///
    /// - Parameter endOfText: the token that begins and ends a text, when the vocabulary has one.
    /// - Throws: `CheckpointError` of kind `cannotWrite`.
    public static func begin(
        _ url: URL, configuration: HuggingFaceConfiguration, endOfText: Int?
    ) throws -> SafetensorsWriter {
        try makeFolder(url)
        let path = url.standardizedFileURL.appendingPathComponent("config.json", isDirectory: false).path
        try writeAtomically(configuration.rendered(endOfText: endOfText), to: path)
        return try SafetensorsWriter(
            url.appendingPathComponent("model.safetensors", isDirectory: false), tensors: configuration.tensors)
    }

    private static func match(
        _ configuration: HuggingFaceConfiguration, _ file: SafetensorsFile, _ path: String
    ) throws -> [String: String] {
        // Before a list of all names is made, whose length is whatever config.json says.
        if configuration.layers > file.names.count {
            throw CheckpointError(
                .unsuitable,
                "the model in \(path) has \(file.names.count) tensors, too few for the "
                    + "\(configuration.layers) layers of its config.json; get both again")
        }
        var stored: [String: String] = [:]
        var problems: [String] = []
        let expected = Dictionary(uniqueKeysWithValues: configuration.tensors.map { ($0.name, $0.shape) })
        for name in file.names where !isIgnored(name) {
            let canonical = name.hasPrefix(prefix) ? name : prefix + name
            guard let shape = expected[canonical] else {
                problems.append("\(name) is not part of a GPT-2 of \(configuration.layers) layers")
                continue
            }
            if let found = file.shape(name), found != shape {
                problems.append("\(name) has the shape \(found) instead of \(shape)")
            }
            if let other = stored.updateValue(name, forKey: canonical) {
                problems.append("\(name) and \(other) are the same tensor")
            }
        }
        for tensor in configuration.tensors where stored[tensor.name] == nil {
            problems.append("\(tensor.name) is missing")
        }
        if problems.isEmpty { return stored }
        let more = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
        throw CheckpointError(
            .unsuitable,
            "the model in \(path) does not fit its config.json: "
                + problems.prefix(5).joined(separator: "; ") + more)
    }

    /// The head, looked at elsewhere, and the causal masks of old versions: `h.<layer>.attn.bias`, `….masked_bias`.
    private static func isIgnored(_ name: String) -> Bool {
        name == "lm_head.weight" || name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias")
    }

    /// The head of a GPT-2 is its token embedding; one with other values is another model.
    private func refuseUntiedHead(_ path: String) throws {
        guard file.names.contains("lm_head.weight") else { return }
        let head = try file.floats("lm_head.weight").map(\.bitPattern)
        if try head != floats("transformer.wte.weight").map(\.bitPattern) {
            throw CheckpointError(
                .unsuitable,
                "lm_head.weight in \(path) differs from the token embedding, and this trainer ties them; use another model"
            )
        }
    }
}
