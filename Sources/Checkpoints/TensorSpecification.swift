/// The name and shape of a float32 tensor, as Hugging Face gives them.
public struct TensorSpecification: Hashable, Sendable {
    /// For example `transformer.h.0.attn.c_attn.weight`.
    public let name: String
    /// Outermost dimension first; every extent is at least 1.
    public let shape: [Int]

    /// A tensor called `name` of `shape`.
    public init(name: String, shape: [Int]) {
        self.name = name
        self.shape = shape
    }

    /// How many floats the tensor holds. The shape must have been validated.
    public var count: Int { shape.reduce(1, *) }

    /// Refuses what no file can hold: no tensors, names that are empty, doubled or a path, extents below 1, sizes
    /// beyond the address space.
    static func validate(_ tensors: [TensorSpecification]) throws {
        if tensors.isEmpty {
            throw CheckpointError(.unsuitable, "a checkpoint needs at least one tensor; none was given")
        }
        var names: Set<String> = []
        for tensor in tensors {
            try tensor.validate()
            if !names.insert(tensor.name).inserted {
                throw CheckpointError(.unsuitable, "two tensors are called \(tensor.name); names must differ")
            }
        }
    }

    private func validate() throws {
        if name.isEmpty || name == "." || name == ".." || name.utf8.contains(where: { $0 == 0 || $0 == 0x2F }) {
            throw CheckpointError(.unsuitable, "a tensor cannot be called '\(name)'; use a name without '/'")
        }
        if shape.isEmpty || shape.count > 32 || shape.contains(where: { $0 < 1 }) {
            throw CheckpointError(
                .unsuitable, "tensor \(name) has the shape \(shape); give 1 to 32 dimensions of at least 1 each")
        }
        if Self.checkedCount(shape) == nil {
            throw CheckpointError(.unsuitable, "tensor \(name) of shape \(shape) is larger than any file")
        }
    }

    /// The product of the extents; nil when one is negative or the product is beyond 2⁴⁸, more than any file holds.
    static func checkedCount(_ shape: [Int]) -> Int? {
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            if extent < 0 || overflow || product > 1 << 48 { return nil }
            count = product
        }
        return count
    }
}

/// The three data sets that a checkpoint holds for every parameter.
public enum TensorGroup: String, CaseIterable, Sendable {
    /// The parameters themselves.
    case parameters = "parameters"
    /// AdamW's running mean of gradients.
    case firstMoment = "optimizer/first_moment"
    /// AdamW's running mean of squared gradients.
    case secondMoment = "optimizer/second_moment"
}

/// What a checkpoint says about itself beside its tensors.
public struct CheckpointHeader: Hashable, Sendable {
    /// The version of the file format that this code writes and reads.
    public static let schema = 1

    /// How many updates the parameters have seen.
    public var step: Int
    /// How many tokens they have seen.
    public var tokens: Int
    /// The resolved configuration of the run, YAML.
    public var config: String
    /// Further attributes of the file's root, by name.
    public var attributes: [String: String]

    /// The counters and texts of a checkpoint.
    public init(step: Int, tokens: Int, config: String, attributes: [String: String] = [:]) {
        self.step = step
        self.tokens = tokens
        self.config = config
        self.attributes = attributes
    }

    static let reservedNames: Set<String> = ["schema", "step", "tokens", "config", "digest"]

    /// An attribute lives in one message of an object header, which HDF5 limits to 64 KiB; some room is HDF5's own.
    static let largestText = 60_000

    func validate() throws {
        if step < 0 || tokens < 0 {
            throw CheckpointError(.unsuitable, "step \(step) and tokens \(tokens) of a checkpoint cannot be negative")
        }
        for name in attributes.keys {
            if name.isEmpty || name.utf8.count > 255 || name.utf8.contains(0) || Self.reservedNames.contains(name) {
                throw CheckpointError(
                    .unsuitable, "an attribute cannot be called '\(name)': the name is reserved, empty or too long")
            }
        }
        for (name, text) in Array(attributes) + [("config", config)] {
            if text.utf8.count > Self.largestText || text.utf8.contains(0) {
                throw CheckpointError(
                    .unsuitable,
                    "attribute '\(name)' of \(text.utf8.count) bytes does not fit in a checkpoint: "
                        + "at most \(Self.largestText) bytes, none of them zero")
            }
        }
    }
}
