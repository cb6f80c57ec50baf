import Foundation
import Yams

extension SweepConfig {
    /// Heads are this wide unless the sizes say otherwise.
    private static let usualHead = 16
    /// Bounds of a run's own configuration.
    private static let (mostWidth, mostLayers, mostSequences) = (1 << 20, 10_000, 1 << 24)

    /// - Returns: the sizes, and the layers that are not worth telling in a name.
    static func decodeSizes(
        _ top: inout StrictMapping, baseLayers: Int?, problems: ProblemList
    ) -> (sizes: [Size], layers: Int?) {
        guard let node = top.node("sizes") else { return ([], baseLayers) }
        if let list = node.sequence {
            let sizes = list.enumerated().compactMap { index, item in
                var section = StrictMapping(item, path: "sizes[\(index)]", problems: problems)
                let size = decodeSize(&section, path: "sizes[\(index)]", layers: baseLayers, problems: problems)
                section.refuseUnknownKeys()
                return size
            }
            return (sizes, baseLayers)
        }
        var section = StrictMapping(node, path: "sizes", problems: problems)
        let widths = section.require(
            section.list("widths", what: "whole numbers from 1 to \(mostWidth)") { whole($0, atMost: mostWidth) },
            "widths", or: [])
        let head = section.integer("head", atLeast: 1) ?? usualHead
        let givenLayers = section.integer("layers", atLeast: 1, atMost: mostLayers)
        let aspect = section.number("aspect", "above 0") { $0 > 0 }
        section.refuseUnknownKeys()
        if givenLayers != nil, aspect != nil { problems.add("give either `sizes.layers` or `sizes.aspect`, not both.") }
        let layers = aspect == nil ? givenLayers ?? baseLayers : nil
        if layers == nil, aspect == nil {
            problems.add("`sizes.layers` is missing; or give `sizes.aspect`, width/layers.")
        }
        let sizes = widths.compactMap { width -> Size? in
            guard let depth = layers ?? layerCount(width: width, aspect: aspect ?? 1, problems: problems) else {
                return nil
            }
            guard let heads = heads(width: width, head: head, path: "sizes", problems: problems) else { return nil }
            return Size(layers: depth, width: width, heads: heads)
        }
        return (sizes, layers)
    }

    /// The nearest whole number of layers, at least one.
    private static func layerCount(width: Int, aspect: Double, problems: ProblemList) -> Int? {
        let depth = max(1, (Double(width) / aspect).rounded())
        guard depth <= Double(mostLayers) else {
            problems.add(
                "`sizes.aspect` \(aspect) gives the width \(width) more than \(mostLayers) layers; it is width/layers.")
            return nil
        }
        return Int(depth)
    }

    private static func decodeSize(
        _ section: inout StrictMapping, path: String, layers: Int?, problems: ProblemList
    ) -> Size? {
        let width = section.require(section.integer("width", atLeast: 1, atMost: mostWidth), "width", or: 0)
        let depth = section.integer("layers", atLeast: 1, atMost: mostLayers) ?? layers
        let given = section.integer("heads", atLeast: 1, atMost: 1 << 16)
        guard let depth else {
            problems.add("`\(path).layers` is missing.")
            return nil
        }
        guard width > 0, let heads = given ?? heads(width: width, head: usualHead, path: path, problems: problems)
        else { return nil }
        return Size(layers: depth, width: width, heads: heads)
    }

    /// A model narrower than a head has one.
    private static func heads(width: Int, head: Int, path: String, problems: ProblemList) -> Int? {
        guard width > head else { return 1 }
        guard width % head == 0 else {
            problems.add("`\(path)` has the width \(width), which is no multiple of a head's \(head).")
            return nil
        }
        return width / head
    }

    static func decodeHorizons(_ top: inout StrictMapping, problems: ProblemList) -> [Horizon] {
        guard var section = top.sectionIfPresent("horizons") else { return [] }
        let tokens = section.list("tokens", what: "numbers above 0", quantity)?.map(Horizon.tokens)
        let ratios = section.list("tokens_per_parameter", what: "numbers above 0", quantity)?
            .map(Horizon.tokensPerParameter)
        let budgets = section.list("budgets", what: "numbers above 0", quantity)?.map(Horizon.budget)
        section.refuseUnknownKeys()
        let given = [tokens, ratios, budgets].compactMap { $0 }
        guard given.count == 1 else {
            problems.add(
                "`horizons` needs exactly one of `tokens`, `tokens_per_parameter` and `budgets` (FLOPs); "
                    + "\(given.count) are given.")
            return []
        }
        return given[0]
    }

    static func decodeLimits(_ top: inout StrictMapping, problems: ProblemList) -> ClosedRange<Double>? {
        guard var section = top.sectionIfPresent("limits") else { return nil }
        let ends = section.require(section.list("tokens", what: "two numbers", quantity), "tokens", or: [0, 0])
        section.refuseUnknownKeys()
        guard ends.count == 2, ends[0] <= ends[1] else {
            problems.add("`limits.tokens` must be the least and the most tokens of a run, as in [1M, 50M].")
            return nil
        }
        return ends[0]...ends[1]
    }

    static func decodeSeeds(_ top: inout StrictMapping, problems: ProblemList) -> [Seed]? {
        seeds(&top, path: "seeds", problems: problems)
    }

    private static func seeds(_ section: inout StrictMapping, path: String, problems: ProblemList) -> [Seed]? {
        guard let node = section.node("seeds") else { return nil }
        let items = node.sequence.map(Array.init) ?? [node]
        if items.isEmpty { problems.add("`\(path)` must name at least one seed.") }
        return items.enumerated().compactMap { seed($0.element, path: "\(path)[\($0.offset)]", problems: problems) }
    }

    private static func seed(_ item: Node, path: String, problems: ProblemList) -> Seed? {
        if item.mapping != nil {
            var pair = StrictMapping(item, path: path, problems: problems)
            let seed = Seed(
                initialization: pair.require(pair.seed("init"), "init", or: 1),
                data: pair.require(pair.seed("data"), "data", or: 1))
            pair.refuseUnknownKeys()
            return seed
        }
        guard let both = item.scalar.flatMap({ UInt64($0.string) }) else {
            problems.add("`\(path)` must be a whole number from 0 to 2^64 - 1, or {init: …, data: …}.")
            return nil
        }
        return Seed(both)
    }

    static func decodeReplicates(_ top: inout StrictMapping, problems: ProblemList) -> [Replicate] {
        (top.sections("replicates") ?? []).enumerated().map { index, section in
            var section = section
            let path = "replicates[\(index)]"
            let replicate = Replicate(
                width: section.integer("width", atLeast: 1), layers: section.integer("layers", atLeast: 1),
                horizon: horizon(&section, path: path, problems: problems),
                seeds: section.require(seeds(&section, path: "\(path).seeds", problems: problems), "seeds", or: []))
            section.refuseUnknownKeys()
            return replicate
        }
    }

    /// At most one of a horizon's keys.
    private static func horizon(_ section: inout StrictMapping, path: String, problems: ProblemList) -> Horizon? {
        func one(_ key: String, _ horizon: (Double) -> Horizon) -> Horizon? {
            let values = section.list(key, what: "numbers above 0", quantity) ?? []
            if values.count > 1 {
                problems.add(
                    "`\(path).\(key)` has \(values.count) numbers; give one here, and an entry for each other.")
            }
            return values.first.map(horizon)
        }
        let given = [
            one("tokens", Horizon.tokens), one("tokens_per_parameter", Horizon.tokensPerParameter),
            one("budget", Horizon.budget),
        ].compactMap { $0 }
        if given.count > 1 {
            problems.add("`\(path)` must have only one of `tokens`, `tokens_per_parameter` and `budget`.")
        }
        return given.first
    }

    static func decodeExtras(_ top: inout StrictMapping, layers: Int?, problems: ProblemList) -> [Extra] {
        var extras: [Extra] = []
        for (index, given) in (top.sections("runs") ?? []).enumerated() {
            var section = given
            let path = "runs[\(index)]"
            let name = section.require(section.text("name"), "name", or: "")
            let size = decodeSize(&section, path: path, layers: layers, problems: problems)
            let length = horizon(&section, path: path, problems: problems)
            let ownSeed = section.node("seed").flatMap { seed($0, path: "\(path).seed", problems: problems) }
            let peak = section.number("peak", "above 0") { $0 > 0 }
            section.refuseUnknownKeys()
            if length == nil { problems.add("`\(path)` needs `tokens`, `tokens_per_parameter` or `budget`.") }
            guard let size, let length else { continue }
            extras.append(Extra(name: name, size: size, horizon: length, seed: ownSeed, peak: peak))
        }
        return extras
    }

    static func decodeLearningRate(_ top: inout StrictMapping, problems: ProblemList) -> LearningRate {
        guard var section = top.sectionIfPresent("learning_rate") else { return .base }
        let rule = section.text("rule")
        let values = section.list("values", what: "numbers above 0", quantity)
        let peak = section.number("peak", "above 0") { $0 > 0 }
        let width = section.number("width", "from 1 to \(mostWidth)") { (1...Double(mostWidth)).contains($0) }
        let exponent = section.number("exponent", "from -10 to 10") { abs($0) <= 10 }
        section.refuseUnknownKeys()
        let forms = [rule != nil, values != nil, peak != nil].count { $0 }
        if forms != 1 {
            problems.add("`learning_rate` needs exactly one of `peak`, `rule` and `values`; \(forms) are given.")
        }
        if (width == nil) != (exponent == nil) || (width != nil && peak == nil) {
            problems.add("`learning_rate` must have `peak`, `width` and `exponent` together: peak (width/…)^exponent.")
        }
        if let rule { return .rule(rule) }
        if let values { return .values(values) }
        return .power(peak: peak ?? 1, width: width ?? 1, exponent: exponent ?? 0)
    }

    static func decodeBatch(_ top: inout StrictMapping, problems: ProblemList) -> Batch {
        guard var section = top.sectionIfPresent("batch") else { return .base }
        let rule = section.text("rule")
        let values = section.list("values", what: "whole numbers from 1 to \(mostSequences)") {
            whole($0, atMost: mostSequences)
        }
        let sequences = section.integer("sequences", atLeast: 1, atMost: mostSequences)
        section.refuseUnknownKeys()
        let forms = [rule != nil, values != nil, sequences != nil].count { $0 }
        if forms != 1 {
            problems.add("`batch` needs exactly one of `sequences`, `rule` and `values`; \(forms) are given.")
        }
        if let rule { return .rule(rule) }
        return .values(values ?? sequences.map { [$0] } ?? [])
    }

    static func decodeSchedule(_ top: inout StrictMapping, problems: ProblemList) -> Schedule {
        if top.isText("schedule", "cosine") {
            _ = top.node("schedule")
            return .cosine
        }
        guard let node = top.node("schedule") else { return .base }
        guard node.mapping != nil else {
            problems.add("`schedule` must be cosine, or {wsd: {decay: 0.2}}.")
            return .base
        }
        var section = StrictMapping(node, path: "schedule", problems: problems)
        var wsd = section.section("wsd")
        let decay = wsd.number("decay", "above 0 and below 1") { $0 > 0 && $0 < 1 } ?? 0.2
        wsd.refuseUnknownKeys()
        section.refuseUnknownKeys()
        return .wsd(decay: decay)
    }

    /// A number above 0 as people write it: 1_200_000, 1.2e6, 1.2M.
    static func quantity(_ text: String) -> Double? {
        let plain = text.replacingOccurrences(of: "_", with: "")
        let units: [Character: Double] = ["k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12]
        let unit = plain.last.flatMap { units[$0] }
        guard let value = Double(unit == nil ? plain : String(plain.dropLast())), value > 0, value.isFinite
        else { return nil }
        return unit.map { (value * $0).rounded() } ?? value
    }

    private static func whole(_ text: String, atMost high: Int) -> Int? {
        Int(text.replacingOccurrences(of: "_", with: "")).flatMap { (1...high).contains($0) ? $0 : nil }
    }
}
