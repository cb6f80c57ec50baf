import Foundation
import Yams

extension RunConfig {
    /// Reads a configuration file. Relative paths in it are relative to the file's folder.
    /// - Parameter overrides: `key=value` settings that replace the file's (`--set`).
    /// - Throws: `ConfigurationError` with every problem, or `Failure` when the file cannot be read.
    public init(file: URL, overrides: [String] = []) throws {
        let text: String
        do {
            text = try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw Failure(.usage, "Cannot read the configuration \(file.path): \(error.localizedDescription)")
        }
        try self.init(
            yaml: text, source: file.path, folder: file.standardizedFileURL.deletingLastPathComponent(),
            overrides: overrides)
    }

    /// Reads a configuration from YAML text.
    /// - Throws: `ConfigurationError` with every problem.
    public init(yaml: String, source: String, folder: URL, overrides: [String] = []) throws {
        let problems = ProblemList()
        var root: Node
        do {
            guard let node = try Yams.compose(yaml: yaml) else {
                throw ConfigurationError(source: source, problems: ["the file is empty."])
            }
            guard node.mapping != nil else {
                throw ConfigurationError(source: source, problems: ["the file must be a mapping of keys to values."])
            }
            root = node
            for override in overrides { try apply(override, to: &root) }
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(source: source, problems: ["not readable as YAML: \(error)"])
        }
        var top = StrictMapping(root, path: "", problems: problems)
        name = top.require(top.text("name"), "name", or: "")
        precision = top.choice("precision", of: Precision.self) ?? .float32
        model = decodeModel(top.section("model"))
        corpus = decodeCorpus(top.section("corpus"), folder: folder)
        batch = decodeBatch(top.section("batch"))
        optimizer = decodeOptimizer(top.section("optimizer"))
        schedule = decodeSchedule(top.section("schedule"))
        evaluate = decodeEvaluate(top.section("evaluate"))
        checkpoint = decodeCheckpoint(top.section("checkpoint"))
        reduction = top.choice("reduction", of: Reduction.self) ?? .tree
        recompute = top.flag("recompute") ?? false
        seed = decodeSeed(&top)
        let lengths = ["steps", "tokens"].count(where: top.isGiven)
        let givenSteps = top.integer("steps", atLeast: 1)
        let givenTokens = top.integer("tokens", atLeast: 1)
        steps = givenSteps ?? (givenTokens ?? 0) / max(1, batch.sequences * model.context)
        top.refuseUnknownKeys()
        if lengths != 1 {
            problems.add("give either `steps` or `tokens`, as the length of the run.")
        }
        if problems.sentences.isEmpty { validate(into: problems) }
        guard problems.sentences.isEmpty else {
            throw ConfigurationError(source: source, problems: problems.sentences)
        }
    }
}

/// Replaces or adds one value: `a.b=c`, where c is read as YAML.
private func apply(_ override: String, to root: inout Node) throws {
    let parts = override.split(separator: "=", maxSplits: 1).map(String.init)
    let keys = parts.first?.split(separator: ".").map(String.init) ?? []
    guard parts.count == 2, !keys.isEmpty else {
        throw ConfigurationError(
            source: "--set \(override)", problems: ["must read key=value, as in --set batch.sequences=64."])
    }
    let value = try Yams.compose(yaml: parts[1]) ?? Node("")
    // `seed: 7` is short for both seeds; one of them by itself keeps the other.
    if keys.first == "seed", keys.count == 2, root.mapping?["seed"]?.mapping == nil {
        let both = root.mapping?["seed"].flatMap(\.scalar).map { Node($0.string) } ?? Node("1")
        var mapping = root.mapping ?? Node.Mapping([])
        mapping["seed"] = Node([(Node("init"), both), (Node("data"), both)])
        root = .mapping(mapping)
    }
    func set(_ node: inout Node, _ keys: ArraySlice<String>) {
        guard let key = keys.first else {
            node = value
            return
        }
        var child = node.mapping?[Node(key)] ?? Node([] as [(Node, Node)])
        set(&child, keys.dropFirst())
        var mapping = node.mapping ?? Node.Mapping([])
        mapping[Node(key)] = child
        node = .mapping(mapping)
    }
    set(&root, keys[...])
}

func decodeModel(_ section: StrictMapping) -> ModelConfig {
    var section = section
    let model = ModelConfig(
        layers: section.require(section.integer("layers", atLeast: 1, atMost: 10_000), "layers", or: 1),
        width: section.require(section.integer("width", atLeast: 1, atMost: 1 << 20), "width", or: 1),
        heads: section.require(section.integer("heads", atLeast: 1, atMost: 1 << 16), "heads", or: 1),
        context: section.require(section.integer("context", atLeast: 1, atMost: 1 << 20), "context", or: 1),
        vocabulary: section.integer("vocabulary", atLeast: 2, atMost: 1 << 24),
        dropout: section.number("dropout", "at least 0 and below 1") { (0..<1).contains($0) } ?? 0,
        mup: section.sectionIfPresent("mup").map(decodeMuP))
    section.refuseUnknownKeys()
    return model
}

private func decodeMuP(_ section: StrictMapping) -> MuPConfig {
    var section = section
    let mup = MuPConfig(
        baseWidth: section.require(section.integer("base_width", atLeast: 1, atMost: 1 << 20), "base_width", or: 1),
        baseHeads: section.integer("base_heads", atLeast: 1, atMost: 1 << 16))
    section.refuseUnknownKeys()
    return mup
}

private func decodeCorpus(_ section: StrictMapping, folder: URL) -> CorpusConfig {
    var section = section
    func absolute(_ path: String) -> String { URL(fileURLWithPath: path, relativeTo: folder).standardizedFileURL.path }
    let named = section.text("tokenizer") ?? "bytes"
    let corpus = CorpusConfig(
        paths: (section.texts("paths") ?? []).map(absolute),
        sources: (section.sections("sources") ?? []).map { decodeSource($0, absolute: absolute) },
        tokenizer: namesTokenizerFile(named) ? absolute(named) : named,
        field: section.text("field") ?? "text",
        invalid: section.choice("invalid", of: InvalidText.self) ?? .error,
        filter: section.sectionIfPresent("filter").map(decodeFilter) ?? FilterConfig(),
        limitTokens: section.integer("limit_tokens", atLeast: 1),
        calibration: section.sectionIfPresent("calibration").map(decodeCalibration),
        prepared: section.text("prepared").map(absolute))
    section.refuseUnknownKeys()
    return corpus
}

/// A tokenizer is `bytes`, `bpe:N`, or else a file.
private func namesTokenizerFile(_ name: String) -> Bool { name != "bytes" && !name.hasPrefix("bpe:") }

private func decodeSource(_ section: StrictMapping, absolute: (String) -> String) -> SourceConfig {
    var section = section
    let source = SourceConfig(
        name: section.require(section.text("name"), "name", or: ""),
        paths: (section.texts("paths") ?? []).map(absolute),
        weight: section.number("weight", "above 0") { $0 > 0 },
        epochs: section.number("epochs", "above 0 and at most 1000") { $0 > 0 && $0 <= 1_000 } ?? 1)
    section.refuseUnknownKeys()
    return source
}

private func decodeCalibration(_ section: StrictMapping) -> CalibrationConfig {
    var section = section
    let calibration = CalibrationConfig(
        alphabet: section.require(section.integer("alphabet", atLeast: 2, atMost: 65_536), "alphabet", or: 2),
        key: section.require(section.integer("key", atLeast: 1, atMost: 24), "key", or: 1),
        value: section.require(section.integer("value", atLeast: 1, atMost: 1_000), "value", or: 1),
        exponent: section.require(
            section.number("exponent", "above 0 and at most 10") { $0 > 0 && $0 <= 10 }, "exponent", or: 1),
        tokens: section.require(section.integer("tokens", atLeast: 1), "tokens", or: 1))
    section.refuseUnknownKeys()
    return calibration
}

private func decodeBatch(_ section: StrictMapping) -> BatchConfig {
    var section = section
    let sequences = section.require(section.integer("sequences", atLeast: 1, atMost: 1 << 24), "sequences", or: 1)
    let batch = BatchConfig(sequences: sequences, slot: section.integer("slot", atLeast: 1) ?? gcd(sequences, 8))
    section.refuseUnknownKeys()
    return batch
}

private func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }

private func decodeOptimizer(_ section: StrictMapping) -> OptimizerConfig {
    var section = section
    _ = section.choice("kind", of: OptimizerConfig.Kind.self)
    let clipsByDefault = !section.isExplicitNull("clip")
    let optimizer = OptimizerConfig(
        beta1: section.number("beta1", "at least 0 and below 1") { (0..<1).contains($0) } ?? 0.9,
        beta2: section.number("beta2", "at least 0 and below 1") { (0..<1).contains($0) } ?? 0.95,
        epsilon: section.number("epsilon", "from 1e-30 to 1") { (1e-30...1).contains($0) } ?? 1e-8,
        weightDecay: section.number("weight_decay", "0 or more") { $0 >= 0 } ?? 0.1,
        clip: section.number("clip", "above 0, or null for no clip") { $0 > 0 } ?? (clipsByDefault ? 1 : nil))
    section.refuseUnknownKeys()
    return optimizer
}

private func decodeSchedule(_ section: StrictMapping) -> ScheduleConfig {
    var section = section
    let peak = section.require(section.number("peak", "above 0") { $0 > 0 }, "peak", or: 1)
    let schedule = ScheduleConfig(
        kind: section.choice("kind", of: ScheduleConfig.Kind.self) ?? .cosine, peak: peak,
        floor: section.number("floor", "0 or more") { $0 >= 0 } ?? 0,
        warmupSteps: section.integer("warmup_steps", atLeast: 0) ?? 0,
        decaySteps: section.integer("decay_steps", atLeast: 1))
    section.refuseUnknownKeys()
    return schedule
}

private func decodeEvaluate(_ section: StrictMapping) -> EvaluateConfig {
    var section = section
    let every = section.integer("every", atLeast: 1)
    let tokens: EvaluateConfig.Amount
    if section.isText("tokens", "all") {
        _ = section.text("tokens")
        tokens = .all
    } else {
        tokens = .tokens(section.integer("tokens", atLeast: 1) ?? 65_536)
    }
    let evaluate = EvaluateConfig(every: every, tokens: tokens, patience: section.integer("patience", atLeast: 1))
    section.refuseUnknownKeys()
    return evaluate
}

private func decodeCheckpoint(_ section: StrictMapping) -> CheckpointConfig {
    var section = section
    let checkpoint = CheckpointConfig(
        every: section.integer("every", atLeast: 1), keep: section.integer("keep", atLeast: 1) ?? 2,
        at: Array(Set(section.integers("at", atLeast: 1) ?? [])).sorted())
    section.refuseUnknownKeys()
    return checkpoint
}

private func decodeSeed(_ top: inout StrictMapping) -> Seed {
    guard top.isMapping("seed") else { return Seed(top.seed("seed") ?? 1) }
    var section = top.section("seed")
    let seed = Seed(
        initialization: section.require(section.seed("init"), "init", or: 1),
        data: section.require(section.seed("data"), "data", or: 1))
    section.refuseUnknownKeys()
    return seed
}
