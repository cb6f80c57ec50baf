import Foundation
import Yams

extension SweepConfig {
    /// Reads a sweep's file. Relative paths in it are relative to its folder, those of `base: FILE` to that file's.
    /// - Throws: `ConfigurationError` with every problem, or `Failure` when a file cannot be read.
    public init(file: URL) throws {
        try self.init(
            yaml: try Self.text(of: file, what: "sweep"), source: file.path,
            folder: file.standardizedFileURL.deletingLastPathComponent())
    }

    /// Reads a sweep from YAML text.
    /// - Throws: `ConfigurationError` with every problem.
    public init(yaml text: String, source: String, folder: URL) throws {
        let problems = ProblemList()
        guard let root = try Self.compose(text, source: source) else {
            throw ConfigurationError(source: source, problems: ["the file must be a mapping of keys to values."])
        }
        var top = StrictMapping(root, path: "", problems: problems)
        name = top.require(top.text("name"), "name", or: "sweep")
        var (baseNode, baseFolder) = try Self.baseNode(&top, folder: folder, problems: problems)
        schedule = Self.decodeSchedule(&top, problems: problems)
        learningRate = Self.decodeLearningRate(&top, problems: problems)
        batch = Self.decodeBatch(&top, problems: problems)
        let floorFraction = Self.takeFloorFraction(&baseNode, problems: problems)
        let layers = Self.integer(baseNode, "model", "layers")
        let (sizes, standardLayers) = Self.decodeSizes(&top, baseLayers: layers, problems: problems)
        self.sizes = sizes
        horizons = Self.decodeHorizons(&top, problems: problems)
        tokenLimits = Self.decodeLimits(&top, problems: problems)
        let givenSeeds = Self.decodeSeeds(&top, problems: problems)
        replicates = Self.decodeReplicates(&top, problems: problems)
        extras = Self.decodeExtras(&top, layers: standardLayers, problems: problems)
        top.refuseUnknownKeys()
        Self.checkShape(name: name, sizes: sizes, horizons: horizons, extras: extras, problems: problems)
        base = Base(
            yaml: try Yams.serialize(node: baseNode), folder: baseFolder, floorFraction: floorFraction,
            givesEvaluations: baseNode.mapping?["evaluate"]?.mapping?["every"] != nil,
            givesCheckpoints: baseNode.mapping?["checkpoint"]?.mapping?["every"] != nil,
            warmupSteps: Self.warmupSteps(baseNode, problems: problems), layers: standardLayers)
        let probe = sizes.first ?? extras.first?.size ?? Size(layers: 1, width: 1, heads: 1)
        do {
            template = try Self.template(base, name: name, size: probe, givesRate: learningRate != .base)
        } catch let error as ConfigurationError {
            for sentence in error.problems { problems.add("base: \(sentence)") }
            throw ConfigurationError(source: source, problems: problems.sentences)
        }
        seeds = givenSeeds ?? [template.seed]
        yaml = try Self.resolved(root, base: baseNode, fraction: floorFraction, corpus: template)
        guard problems.sentences.isEmpty else {
            throw ConfigurationError(source: source, problems: problems.sentences)
        }
    }

    private static func text(of file: URL, what: String) throws -> String {
        do {
            return try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw Failure(.usage, "Cannot read the \(what) \(file.path): \(error.localizedDescription)")
        }
    }

    /// The root of a file; nil when it is no mapping.
    private static func compose(_ text: String, source: String) throws -> Node? {
        do {
            let node = try Yams.compose(yaml: text)
            return node?.mapping == nil ? nil : node
        } catch {
            throw ConfigurationError(source: source, problems: ["not readable as YAML: \(error)"])
        }
    }

    /// The base configuration, without what the sweep gives: name, length and seed of a whole configuration file are
    /// replaced; written into the sweep itself, the first two are a mistake.
    private static func baseNode(
        _ top: inout StrictMapping, folder: URL, problems: ProblemList
    ) throws -> (Node, URL) {
        let empty = Node([] as [(Node, Node)])
        guard let given = top.node("base") else {
            problems.add("`base` is missing: the configuration that all runs have in common, or a file with it.")
            return (empty, folder)
        }
        var (node, place) = (given, folder)
        if let path = given.scalar?.string {
            let file = URL(fileURLWithPath: path, relativeTo: folder).standardizedFileURL
            guard let read = try compose(try text(of: file, what: "base configuration"), source: file.path) else {
                throw ConfigurationError(source: file.path, problems: ["the file must be a mapping of keys to values."])
            }
            (node, place) = (read, file.deletingLastPathComponent())
            for key in ["name", "steps", "tokens"] { node = without(node, key) }
        }
        guard node.mapping != nil else {
            problems.add("`base` must be a mapping of keys to values, or the name of a configuration file.")
            return (empty, folder)
        }
        for (key, giver) in [("name", "name"), ("steps", "horizons"), ("tokens", "horizons")]
        where node.mapping?[Node(key)] != nil {
            problems.add("`base.\(key)` is given by `\(giver)`; leave it out.")
            node = without(node, key)
        }
        return (node, place)
    }

    private static func without(_ node: Node, _ key: String) -> Node {
        guard let mapping = node.mapping else { return node }
        return Node(mapping.filter { $0.key.scalar?.string != key }.map { ($0.key, $0.value) })
    }

    static func replacing(_ node: Node, _ key: String, with value: Node) -> Node {
        Node(node.mapping?.map { ($0.key, $0.key.scalar?.string == key ? value : $0.value) } ?? [])
    }

    /// `schedule.floor_fraction`, which a run's own configuration does not know; a tenth unless a floor is given
    /// (Hoffmann et al. 2022 let the rate fall tenfold).
    private static func takeFloorFraction(_ base: inout Node, problems: ProblemList) -> Double? {
        guard let schedule = base.mapping?["schedule"], schedule.mapping != nil else { return 0.1 }
        let hasFloor = schedule.mapping?["floor"] != nil
        guard let given = schedule.mapping?["floor_fraction"] else { return hasFloor ? nil : 0.1 }
        base = replacing(base, "schedule", with: without(schedule, "floor_fraction"))
        if hasFloor { problems.add("give either `base.schedule.floor` or `base.schedule.floor_fraction`, not both.") }
        guard let fraction = given.scalar.flatMap({ Double($0.string) }), (0...1).contains(fraction) else {
            problems.add("`base.schedule.floor_fraction` must be a number from 0 to 1.")
            return 0.1
        }
        return fraction
    }

    /// `schedule.warmup_steps`, which runs get after their length; none where the key or its value is missing.
    private static func warmupSteps(_ base: Node, problems: ProblemList) -> Int {
        guard let node = base.mapping?["schedule"], node.mapping != nil else { return 0 }
        var schedule = StrictMapping(node, path: "base.schedule", problems: problems)
        return schedule.integer("warmup_steps", atLeast: 0) ?? 0
    }

    private static func integer(_ base: Node, _ section: String, _ key: String) -> Int? {
        base.mapping?[Node(section)]?.mapping?[Node(key)]?.scalar
            .flatMap { Int($0.string.replacingOccurrences(of: "_", with: "")) }
    }

    /// A configuration of the base with one size, one step long.
    private static func template(_ base: Base, name: String, size: Size, givesRate: Bool) throws -> RunConfig {
        var settings = [
            "name=\(name)", "model.layers=\(size.layers)", "model.width=\(size.width)", "model.heads=\(size.heads)",
            "steps=1", "schedule.warmup_steps=0", "schedule.kind=constant", "schedule.decay_steps=null",
        ]
        if base.floorFraction != nil { settings.append("schedule.floor=0") }
        if givesRate { settings.append("schedule.peak=1") }
        return try RunConfig(yaml: base.yaml, source: "base", folder: base.folder, overrides: settings)
    }

    private static func resolved(_ root: Node, base: Node, fraction: Double?, corpus: RunConfig) throws -> String {
        var base = base
        if let node = try Yams.compose(yaml: corpus.yaml)?.mapping?["corpus"] {
            base = replacing(base, "corpus", with: node)
        }
        if let fraction, let schedule = base.mapping?["schedule"]?.mapping {
            let pairs = schedule.map { ($0.key, $0.value) } + [(Node("floor_fraction"), Node("\(fraction)"))]
            base = replacing(base, "schedule", with: Node(pairs))
        }
        return try Yams.serialize(node: replacing(root, "base", with: base))
    }

    private static func checkShape(
        name: String, sizes: [Size], horizons: [Horizon], extras: [Extra], problems: ProblemList
    ) {
        let isName = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        if name.isEmpty || name.count > 100 || name.hasPrefix(".") || !isName {
            problems.add("`name` \"\(name)\" must be 1 to 100 letters, digits, dots, dashes or underscores.")
        }
        guard problems.sentences.isEmpty else { return }
        if sizes.isEmpty != horizons.isEmpty {
            problems.add(sizes.isEmpty ? "`sizes` is missing." : "`horizons` is missing.")
        } else if sizes.isEmpty, extras.isEmpty {
            problems.add(
                "`sizes` and `horizons` are missing, and there are no `runs` either: nothing is to be trained.")
        }
    }
}
