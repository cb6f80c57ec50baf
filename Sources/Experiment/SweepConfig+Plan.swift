import Foundation

extension SweepConfig {
    /// Makes the runs.
    /// - Parameters:
    ///   - vocabulary: of the corpus; parameters are counted with it.
    ///   - rules: who answers for published rules.
    /// - Throws: `ConfigurationError` with every problem.
    public func plan(vocabulary: Int, rules: SweepRules = .none, source: String) throws -> SweepPlan {
        var planner = SweepPlanner(sweep: self, vocabulary: template.model.vocabulary ?? vocabulary, rules: rules)
        return try planner.plan(source: source)
    }
}

/// Makes a sweep's runs, noting problems and what is left out.
private struct SweepPlanner {
    let sweep: SweepConfig
    let vocabulary: Int
    let rules: SweepRules
    private var runs: [SweepRun] = []
    private var dropped: [String] = []
    /// A problem, and the runs that have it.
    private var problems: [(sentence: String, runs: [String])] = []
    private var shortenedWarmups = 0

    init(sweep: SweepConfig, vocabulary: Int, rules: SweepRules) {
        self.sweep = sweep
        self.vocabulary = vocabulary
        self.rules = rules
    }

    /// One combination.
    private struct Candidate {
        let name: String
        let size: SweepConfig.Size
        let horizon: SweepConfig.Horizon
        let seed: Seed
        var peak: Double?
        var sequences: Int?
        /// A single run by its own name, which no limit of the grid leaves out.
        var isNamed = false
    }

    mutating func plan(source: String) throws -> SweepPlan {
        guard sweep.problems.isEmpty else { throw ConfigurationError(source: source, problems: sweep.problems) }
        let candidates = grid() + sweep.extras.map(candidate)
        for candidate in candidates { add(candidate) }
        checkNames()
        if runs.isEmpty, problems.isEmpty {
            note("every combination was left out: \(dropped.joined(separator: " "))", "")
        }
        guard problems.isEmpty else {
            throw ConfigurationError(
                source: source, problems: problems.map { sentence(of: $0, count: candidates.count) })
        }
        if sweep.sharesTrunks { SweepBranches.lay(&runs) }
        // The smallest work first; equal work by name, so that the order is the file's meaning alone.
        runs.sort { ($0.flops, $0.name) < ($1.flops, $1.name) }
        let notes =
            shortenedWarmups == 0
            ? [] : ["In \(shortenedWarmups) short runs the warm-up is a third of the run instead of \(warmup) steps."]
        return SweepPlan(
            name: sweep.name, runs: runs, dropped: dropped, notes: notes, corpus: sweep.template.corpus)
    }

    // MARK: Combinations

    private mutating func grid() -> [Candidate] {
        var candidates: [Candidate] = []
        for size in sweep.sizes {
            for horizon in sweep.horizons {
                for seed in sweep.seeds { candidates += scans(size, horizon, seed) }
            }
        }
        for (index, replicate) in sweep.replicates.enumerated() {
            var matches = 0
            for size in sweep.sizes where replicate.fits(size) {
                for horizon in sweep.horizons where replicate.horizon.map({ $0 == horizon }) ?? true {
                    matches += 1
                    for seed in replicate.seeds where !sweep.seeds.contains(seed) {
                        candidates += scans(size, horizon, seed)
                    }
                }
            }
            if matches == 0 {
                note(
                    "`replicates[\(index)]` fits no combination of `sizes` and `horizons`; "
                        + "runs outside of the grid go under `runs`.", "")
            }
        }
        return candidates
    }

    /// The combination with every learning rate and batch of a scan.
    private func scans(_ size: SweepConfig.Size, _ horizon: SweepConfig.Horizon, _ seed: Seed) -> [Candidate] {
        let stem = SweepName.stem(size, horizon, seed, standardLayers: sweep.base.layers)
        var peaks: [(String, Double?)] = [("", nil)]
        if case .values(let values) = sweep.learningRate { peaks = values.map { ("-lr\(SweepName.short($0))", $0) } }
        var batches: [(String, Int?)] = [("", nil)]
        if case .values(let values) = sweep.batch {
            batches = values.map { (values.count == 1 ? "" : "-b\($0)", $0) }
        }
        return peaks.flatMap { peak in
            batches.map { batch in
                Candidate(
                    name: stem + peak.0 + batch.0, size: size, horizon: horizon, seed: seed, peak: peak.1,
                    sequences: batch.1)
            }
        }
    }

    private func candidate(_ extra: SweepConfig.Extra) -> Candidate {
        // One number is all runs'; which of a scan it should be, nobody says.
        var sequences: Int?
        if case .values(let values) = sweep.batch, values.count == 1 { sequences = values[0] }
        return Candidate(
            name: extra.name, size: extra.size, horizon: extra.horizon,
            seed: extra.seed ?? sweep.seeds.first ?? Seed(1), peak: extra.peak, sequences: sequences, isNamed: true)
    }

    // MARK: From a combination to a run

    private mutating func add(_ candidate: Candidate) {
        let size = candidate.size
        let context = sweep.template.model.context
        let shape = ModelShape(
            layers: size.layers, width: size.width, heads: size.heads, context: context, vocabulary: vocabulary)
        let tokens = candidate.horizon.tokens(parameters: shape.totalParameters)
        guard tokens <= 0x1p60 else {
            note("\(SweepName.short(tokens)) tokens are more than 2^60; take a shorter length.", candidate.name)
            return
        }
        guard tokens >= 1 else {
            dropped.append("\(candidate.name): \(SweepName.short(tokens)) tokens are fewer than one.")
            return
        }
        if !candidate.isNamed, let limits = sweep.tokenLimits, !limits.contains(tokens) {
            let isShort = tokens < limits.lowerBound
            let side =
                "\(isShort ? "fewer" : "more") than "
                + SweepName.short(isShort ? limits.lowerBound : limits.upperBound)
            dropped.append("\(candidate.name): \(SweepName.short(tokens)) tokens are \(side).")
            return
        }
        guard let sequences = sequences(candidate, shape, tokens: tokens) else { return }
        let steps = self.steps(candidate.horizon, tokens: tokens, tokensPerStep: sequences * context)
        guard steps > 0 else {
            dropped.append(
                "\(candidate.name): \(SweepName.short(tokens)) tokens are fewer than a global batch of "
                    + "\(sequences * context).")
            return
        }
        guard let peak = peak(candidate, shape, tokens: tokens) else { return }
        let settings = settings(candidate, sequences: sequences, steps: steps, peak: peak)
        do {
            let config = try RunConfig(
                yaml: sweep.base.yaml, source: "base", folder: sweep.base.folder, overrides: settings)
            runs.append(SweepRun(config: config, shape: shape))
        } catch let error as ConfigurationError {
            for sentence in error.problems { note(sentence, candidate.name) }
        } catch {
            note("\(error)", candidate.name)
        }
    }

    /// Whole steps: of a number of tokens those that fit in, of a budget the nearest.
    private func steps(_ horizon: SweepConfig.Horizon, tokens: Double, tokensPerStep: Int) -> Int {
        let steps = tokens / Double(tokensPerStep)
        if case .tokens = horizon { return Int(steps) }
        return Int(steps.rounded())
    }

    private mutating func sequences(_ candidate: Candidate, _ shape: ModelShape, tokens: Double) -> Int? {
        let batch = sweep.template.batch
        guard case .rule(let rule) = sweep.batch else { return candidate.sequences ?? batch.sequences }
        guard rules.names.contains(rule) else { return unknown(rule, "batch", candidate) }
        guard let wanted = rules.batchTokens(rule, shape, tokens) else {
            note("`batch.rule` \(rule) gives no batch for this size.", candidate.name)
            return nil
        }
        let slots = (wanted / Double(batch.slot * shape.context)).rounded()
        return max(1, Int(min(slots, 1e6, Double((1 << 24) / batch.slot)))) * batch.slot
    }

    private mutating func peak(_ candidate: Candidate, _ shape: ModelShape, tokens: Double) -> Double? {
        if let peak = candidate.peak { return peak }
        switch sweep.learningRate {
        case .base: return sweep.template.schedule.peak
        case .power(let peak, let width, let exponent):
            return SweepName.rounded(peak * PortableMath.power(Double(shape.width) / width, exponent))
        case .values(let values): return values.first
        case .rule(let rule):
            guard rules.names.contains(rule) else { return unknown(rule, "learning_rate", candidate) }
            guard let rate = rules.learningRate(rule, shape, tokens) else {
                note("`learning_rate.rule` \(rule) gives no rate for this size.", candidate.name)
                return nil
            }
            return SweepName.rounded(rate)
        }
    }

    private mutating func unknown<Value>(_ rule: String, _ key: String, _ candidate: Candidate) -> Value? {
        let nearest = rules.names.min { editDistance($0, rule) < editDistance($1, rule) }
        note(
            "`\(key).rule` \(rule) is not known; there are \(rules.names.joined(separator: ", "))."
                + (nearest.map { " Did you mean \($0)?" } ?? ""), "")
        return nil
    }

    private var warmup: Int { sweep.base.warmupSteps }

    private mutating func settings(_ candidate: Candidate, sequences: Int, steps: Int, peak: Double) -> [String] {
        let size = candidate.size
        let quarter = max(1, steps / 4)
        if warmup > steps / 3 { shortenedWarmups += 1 }
        var settings = [
            "name=\(candidate.name)", "model.layers=\(size.layers)", "model.width=\(size.width)",
            "model.heads=\(size.heads)", "model.vocabulary=\(vocabulary)", "batch.sequences=\(sequences)",
            "schedule.peak=\(peak)", "schedule.warmup_steps=\(min(warmup, steps / 3))", "steps=\(steps)",
            "seed={init: \(candidate.seed.initialization), data: \(candidate.seed.data)}",
        ]
        if let fraction = sweep.base.floorFraction {
            settings.append("schedule.floor=\(SweepName.rounded(peak * fraction))")
        }
        if !sweep.base.givesEvaluations, !sweep.sharesTrunks { settings.append("evaluate.every=\(quarter)") }
        if !sweep.base.givesCheckpoints { settings += ["checkpoint.every=\(quarter)", "checkpoint.keep=1"] }
        switch sweep.schedule {
        case .base: break
        case .cosine: settings.append("schedule.kind=cosine")
        case .wsd(let decay):
            let fall = max(1, Int((Double(steps) * decay).rounded()))
            settings += ["schedule.kind=wsd", "schedule.decay_steps=\(min(fall, steps))"]
        }
        return settings
    }

    // MARK: Problems

    private mutating func note(_ sentence: String, _ run: String) {
        if let index = problems.firstIndex(where: { $0.sentence == sentence }) {
            problems[index].runs.append(run)
        } else {
            problems.append((sentence, [run]))
        }
    }

    private func sentence(of problem: (sentence: String, runs: [String]), count: Int) -> String {
        guard let first = problem.runs.first, !first.isEmpty, problem.runs.count < count else {
            return problem.sentence
        }
        let others = problem.runs.count == 1 ? "" : " and \(problem.runs.count - 1) more"
        return "\(first)\(others): \(problem.sentence)"
    }

    /// Names of folders in the sweep's own that are not runs'.
    private static let taken = ["configs"]

    private mutating func checkNames() {
        let named = Dictionary(grouping: runs, by: \.name)
        for (name, same) in named.sorted(by: { $0.key < $1.key }) {
            let heads = Set(same.map(\.shape.heads)).sorted()
            if heads.count > 1 {
                note(
                    "two runs would be called \(name), one with \(heads[0]) heads and one with \(heads[1]): heads are in no "
                        + "name; put one of them under `runs`, with a name of its own.", "")
            } else if same.count > 1 {
                note("two runs would be called \(name); sizes, lengths, rates and seeds must differ.", "")
            }
            if Self.taken.contains(name) {
                note("a run cannot be called \(name): the sweep has a folder of that name.", "")
            }
        }
    }
}

extension SweepConfig {
    /// Runs of different lengths go on from one another, and so must be evaluated at the same steps.
    fileprivate var sharesTrunks: Bool { if case .wsd = schedule { true } else { false } }
}

extension SweepConfig.Replicate {
    func fits(_ size: SweepConfig.Size) -> Bool {
        (width.map { $0 == size.width } ?? true) && (layers.map { $0 == size.layers } ?? true)
    }
}
