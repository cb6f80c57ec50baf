extension RunConfig {
    /// Notes every pair of values that clash, with the numbers and a remedy.
    func validate(into problems: ProblemList) {
        validateModel(into: problems)
        validateCorpus(into: problems)
        if batch.sequences % batch.slot != 0 {
            problems.add(
                "`batch.sequences` \(batch.sequences) is not divisible by `batch.slot` \(batch.slot); "
                    + "take a slot of \(nearestDivisor(of: batch.sequences, to: batch.slot)).")
        }
        if steps < 1 {
            problems.add("`tokens` is less than one global batch of \(tokensPerStep) tokens.")
        }
        if Double(steps) * Double(tokensPerStep) > 0x1p60 {
            problems.add("`steps` \(steps) of \(tokensPerStep) tokens are more than 2^60 tokens; take fewer.")
        }
        if schedule.floor > schedule.peak {
            problems.add("`schedule.floor` \(schedule.floor) is above `schedule.peak` \(schedule.peak).")
        }
        if schedule.warmupSteps > steps {
            problems.add(
                "`schedule.warmup_steps` \(schedule.warmupSteps) is more than the run's \(steps) steps; warm up in fewer."
            )
        }
        if schedule.kind == .wsd, schedule.warmupSteps + decayStepsOfWSD > steps {
            problems.add(
                "warm-up (\(schedule.warmupSteps)) and decay (\(decayStepsOfWSD)) together are longer than "
                    + "the run's \(steps) steps.")
        }
        if schedule.kind != .wsd, schedule.decaySteps != nil {
            problems.add("`schedule.decay_steps` belongs to kind wsd, not to \(schedule.kind.rawValue); leave it out.")
        }
        if let beyond = checkpoint.at.last, beyond > steps {
            problems.add("`checkpoint.at` names step \(beyond), but the run has \(steps) steps.")
        }
        if evaluate.patience != nil, evaluate.every == nil {
            problems.add("`evaluate.patience` counts evaluations; give `evaluate.every` too.")
        }
    }

    /// The last steps of a WSD schedule in which the rate falls; a fifth of the run unless given (Hägele et al. 2024).
    public var decayStepsOfWSD: Int { schedule.decaySteps ?? max(1, steps / 5) }

    private func validateModel(into problems: ProblemList) {
        if name.isEmpty || name.count > 100 || name.hasPrefix(".") || !name.allSatisfy(isAllowedInName) {
            problems.add(
                "`name` \"\(name)\" must be 1 to 100 letters, digits, dots, dashes or underscores: it names a folder.")
        }
        if model.width % model.heads != 0 {
            problems.add(
                "`model.width` \(model.width) is not divisible by `model.heads` \(model.heads); "
                    + "take \(nearestDivisor(of: model.width, to: model.heads)) heads, or a width of "
                    + "\((model.width / model.heads + 1) * model.heads).")
        }
        validateMuP(into: problems)
        if let vocabulary = model.vocabulary, let known = corpus.knownVocabulary, vocabulary < known {
            problems.add(
                "`model.vocabulary` \(vocabulary) is smaller than the \(known) ids of the corpus; leave it out.")
        }
    }

    /// Attention scores are divided by the root of the head width, which is right only while that stays.
    private func validateMuP(into problems: ProblemList) {
        guard let mup = model.mup, model.width % model.heads == 0 else { return }
        let headWidth = model.width / model.heads
        let heads = mup.baseHeads ?? max(1, mup.baseWidth / headWidth)
        guard heads * headWidth != mup.baseWidth else { return }
        let base = mup.baseHeads.map { "\(mup.baseWidth) of \($0) heads" } ?? "\(mup.baseWidth)"
        let remedy =
            mup.baseHeads.flatMap { heads in
                mup.baseWidth % heads == 0 && model.width % (mup.baseWidth / heads) == 0
                    ? "take \(model.width / (mup.baseWidth / heads)) heads" : nil
            } ?? "take a base width that is a multiple of \(headWidth)"
        problems.add(
            "`model.mup` has a base width of \(base), which is not made of the model's heads of "
                + "\(headWidth) (width \(model.width) / \(model.heads) heads): the head width must stay the same while "
                + "the number of heads grows; \(remedy).")
    }

    private func validateCorpus(into problems: ProblemList) {
        let named = !corpus.sources.isEmpty && corpus.prepared == nil
        let given = [!corpus.paths.isEmpty, named, corpus.calibration != nil, corpus.prepared != nil].count { $0 }
        if given != 1 {
            problems.add(
                "`corpus` needs exactly one of `paths`, `sources`, `prepared` and `calibration`; \(given) are given.")
        } else if corpus.paths.isEmpty, !named, corpus.tokenizer != CorpusConfig().tokenizer {
            problems.add(
                "`corpus.tokenizer` \(corpus.tokenizer) is for text only (`corpus.paths`, `corpus.sources`): a prepared "
                    + "corpus and the calibration source have their own; leave it out.")
        }
        validateSources(into: problems)
        guard let calibration = corpus.calibration else { return }
        if model.context % calibration.factLength != 0 {
            problems.add(
                "`model.context` \(model.context) is not a multiple of the calibration facts' key + value = "
                    + "\(calibration.factLength) symbols; take \((model.context / calibration.factLength + 1) * calibration.factLength)."
            )
        }
        let facts = PortableMath.power(Double(calibration.alphabet), Double(calibration.key))
        if facts > Double(1 << 26) {
            problems.add(
                "`corpus.calibration` has \(calibration.alphabet)^\(calibration.key) facts, more than 2^26; take a shorter key."
            )
        }
    }
}

extension RunConfig {
    private func validateSources(into problems: ProblemList) {
        for (i, source) in corpus.sources.enumerated() {
            let key = "`corpus.sources[\(i)]"
            if source.name.isEmpty || source.name.count > 50 || !source.name.allSatisfy(isAllowedInSourceName) {
                problems.add(
                    "\(key).name` \"\(source.name)\" must be 1 to 50 letters, digits, dashes or underscores: it names files."
                )
            }
            if corpus.sources[..<i].contains(where: { $0.name == source.name }) {
                problems.add("\(key).name` \(source.name) is taken already; give each source a name of its own.")
            }
            if corpus.prepared != nil, !source.paths.isEmpty {
                problems.add("\(key).paths` cannot be given with `corpus.prepared`, which has its text already.")
            } else if corpus.prepared == nil, source.paths.isEmpty {
                problems.add("\(key).paths` is missing: the files and folders of \(source.name).")
            }
        }
        let weights = corpus.sources.compactMap(\.weight).count
        if weights != 0, weights != corpus.sources.count {
            problems.add(
                "`corpus.sources` has \(weights) weights for \(corpus.sources.count) sources; give each one a weight, or none."
            )
        }
    }
}

extension SourceConfig {
    /// - Throws: `Failure(.usage)` for a name that cannot name files.
    public init(checking name: String, paths: [String]) throws {
        if let problem = Self.problem(ofName: name) { throw Failure(.usage, "The source's name \(problem)") }
        self.init(name: name, paths: paths)
    }

    /// What is wrong with a source's name; nil for a good one.
    public static func problem(ofName name: String) -> String? {
        guard name != "all" else { return "\"all\" stands for all sources together; take another name." }
        guard name.isEmpty || name.count > 50 || !name.allSatisfy(isAllowedInSourceName) else { return nil }
        return "\"\(name)\" must be 1 to 50 letters, digits, dashes or underscores: it names files."
    }
}

private func isAllowedInSourceName(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "_-".contains(character))
}

private func isAllowedInName(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
}

/// The divisor of `value` that is closest to `wanted`.
private func nearestDivisor(of value: Int, to wanted: Int) -> Int {
    (1...value).filter { value % $0 == 0 }.min { abs($0 - wanted) < abs($1 - wanted) } ?? 1
}
