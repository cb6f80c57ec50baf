import Crypto
import Foundation

extension RunConfig {
    /// The resolved configuration, complete, in the order of the documentation: what a run folder holds.
    public var yaml: String {
        let patience = evaluate.patience.map { ", patience: \($0)" } ?? ""
        let decay = schedule.decaySteps.map { ", decay_steps: \($0)" } ?? ""
        let pinned = checkpoint.at.isEmpty ? "" : ", at: \(checkpoint.at)"
        return """
            name: \(quoted(name))
            precision: \(precision.rawValue)
            \(model.yaml)\
            corpus:     \(corpusYAML)
            batch:      {sequences: \(batch.sequences), slot: \(batch.slot)}
            optimizer:  {kind: \(optimizer.kind.rawValue), beta1: \(optimizer.beta1), beta2: \(optimizer.beta2), \
            epsilon: \(optimizer.epsilon), weight_decay: \(optimizer.weightDecay), clip: \(orNull(optimizer.clip))}
            schedule:   {kind: \(schedule.kind.rawValue), peak: \(schedule.peak), floor: \(schedule.floor), \
            warmup_steps: \(schedule.warmupSteps)\(decay)}
            steps: \(steps)
            evaluate:   {every: \(orNull(evaluate.every)), tokens: \(evaluate.tokens)\(patience)}
            checkpoint: {every: \(orNull(checkpoint.every)), keep: \(checkpoint.keep)\(pinned)}
            reduction: \(reduction.rawValue)
            recompute: \(recompute)
            seed: {init: \(seed.initialization), data: \(seed.data)}

            """
    }

    /// SHA-256 (hex) over all that the run's arithmetic depends on; how often it is saved and what is recomputed do not.
    public var hash: String {
        var arithmetic = self
        arithmetic.checkpoint = CheckpointConfig()
        arithmetic.recompute = false
        return SHA256.hash(data: Data(arithmetic.yaml.utf8)).hexadecimal
    }

    private var corpusYAML: String {
        var parts: [String] = []
        if let calibration = corpus.calibration {
            parts.append(
                "calibration: {alphabet: \(calibration.alphabet), key: \(calibration.key), "
                    + "value: \(calibration.value), exponent: \(calibration.exponent), tokens: \(calibration.tokens)}")
        } else if let prepared = corpus.prepared {
            parts.append("prepared: \(quoted(prepared))")
            if !corpus.sources.isEmpty { parts.append(sourcesYAML) }
        } else {
            parts.append(
                corpus.sources.isEmpty ? "paths: [\(corpus.paths.map(quoted).joined(separator: ", "))]" : sourcesYAML)
            parts.append("tokenizer: \(quoted(corpus.tokenizer))")
            parts.append("field: \(quoted(corpus.field))")
            parts.append("invalid: \(corpus.invalid.rawValue)")
            parts.append("filter: \(corpus.filter.yaml)")
        }
        parts.append("limit_tokens: \(orNull(corpus.limitTokens))")
        return "{\(parts.joined(separator: ", "))}"
    }
}

extension RunConfig {
    private var sourcesYAML: String {
        let sources = corpus.sources.map { source in
            let paths = source.paths.isEmpty ? "" : "paths: [\(source.paths.map(quoted).joined(separator: ", "))], "
            return "{name: \(quoted(source.name)), \(paths)weight: \(orNull(source.weight)), epochs: \(source.epochs)}"
        }
        return "sources: [\(sources.joined(separator: ", "))]"
    }
}

extension EvaluateConfig.Amount: CustomStringConvertible {
    public var description: String {
        switch self {
        case .all: "all"
        case .tokens(let count): "\(count)"
        }
    }
}

private func orNull<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "null" }

/// A YAML scalar that reads back to the same text, whatever it holds.
private func quoted(_ text: String) -> String {
    let plain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/".contains($0)) }
    if plain, let first = text.first, first.isLetter || first == "/" || first == ".",
        !["null", "true", "false", "yes", "no", "on", "off"].contains(text.lowercased())
    {
        return text
    }
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": escaped += "\\\""
        case "\\": escaped += "\\\\"
        // Controls, and what YAML takes for the end of a line or of the text's mark.
        case "\u{0}"..<" ", "\u{7F}"..."\u{A0}", "\u{2028}", "\u{2029}", "\u{FEFF}":
            let digits = String(scalar.value, radix: 16)
            escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return "\"\(escaped)\""
}
