import Experiment
import Foundation
import Reports
import ScalingLaws

/// What a comparison comes to: words first, then numbers.
struct ComparisonVerdict {
    let first: ComparedSide
    let second: ComparedSide
    let paired: PairedComparison?
    let between: SeedComparison?
    let hasReplicates: Bool

    var text: String {
        var lines = [verdict, ""]
        if let paired {
            lines.append(
                "on \(paired.sequences) held-out sequences, pair by pair: \(numbers(paired.difference, paired.standardError, paired.interval, paired.probability))"
            )
            lines.append(
                "  the pairs' standard error is \(Humanly.significant(paired.unpairedError / max(paired.standardError, 1e-300), 2)) times smaller than two separate measurements'"
            )
        }
        if let between {
            lines.append(
                "against the noise of seeds (\(between.source.rawValue), \(Humanly.significant(between.degreesOfFreedom, 2)) degrees of freedom): "
                    + numbers(between.difference, between.standardError, between.interval, between.probability))
            lines.append(
                "  one run's standard deviation over seeds is \(Humanly.significant(between.seedDeviation, 2)) nats per token"
            )
        }
        for (side, label) in [(first, "A"), (second, "B")] where !side.finals.isEmpty {
            let mean = side.finals.reduce(0, +) / Double(side.finals.count)
            lines.append(
                "\(label)  \(side.path): \(Humanly.loss(mean)) nats per token"
                    + (side.finals.count > 1 ? ", mean of \(side.finals.count) runs" : ""))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The seeds have the word where they are known: they are the larger noise.
    private var verdict: String {
        if let between {
            let better = between.difference < 0 ? second.path : first.path
            return between.isSignificant
                ? "They differ by more than their seeds do: \(better) is better (p = \(probability(between.probability)))."
                : "No difference is shown: seeds alone bring one like this (p = \(probability(between.probability)))."
        }
        guard let paired else { return "Nothing could be compared." }
        let better = paired.difference < 0 ? second.path : first.path
        let found =
            paired.isSignificant
            ? "These two sets of weights differ on this text: \(better) is better (p = \(probability(paired.probability)))."
            : "These two sets of weights show no difference on this text (p = \(probability(paired.probability)))."
        return found
            + " With one seed each nothing is said of the two ways to train: another seed may move either loss by more. "
            + "Give replicates with --seeds, or folders with several seeds."
    }

    private func numbers(
        _ difference: Double, _ error: Double, _ interval: ClosedRange<Double>, _ p: Double
    ) -> String {
        "B − A = \(Humanly.significant(difference, 3)) ± \(Humanly.significant(error, 2)) nats per token, 95 % "
            + "\(Humanly.significant(interval.lowerBound, 3)) … \(Humanly.significant(interval.upperBound, 3)), p = "
            + probability(p)
    }

    private func probability(_ p: Double) -> String { p < 1e-4 ? "less than 0.0001" : Humanly.significant(p, 2) }

    var json: String {
        get throws {
            try SnakeCaseJSON.text(
                Answer(
                    verdict: verdict, differ: between?.isSignificant ?? paired?.isSignificant ?? false,
                    decidedBy: between == nil ? "paired" : "seeds",
                    paired: paired.map {
                        Numbers(
                            difference: $0.difference, standardError: $0.standardError,
                            interval: [$0.interval.lowerBound, $0.interval.upperBound], p: $0.probability,
                            sequences: $0.sequences, unpairedStandardError: $0.unpairedError)
                    },
                    seeds: between.map {
                        Numbers(
                            difference: $0.difference, standardError: $0.standardError,
                            interval: [$0.interval.lowerBound, $0.interval.upperBound], p: $0.probability,
                            degreesOfFreedom: $0.degreesOfFreedom, seedDeviation: $0.seedDeviation,
                            source: $0.source.rawValue)
                    }, a: Side(path: first.path, losses: first.finals),
                    b: Side(path: second.path, losses: second.finals)))
        }
    }

    private struct Answer: Encodable {
        let verdict: String
        let differ: Bool
        let decidedBy: String
        let paired: Numbers?
        let seeds: Numbers?
        let a: Side, b: Side
    }

    private struct Side: Encodable {
        let path: String
        let losses: [Double]
    }

    private struct Numbers: Encodable {
        let difference: Double, standardError: Double
        let interval: [Double]
        let p: Double
        var sequences: Int?
        var unpairedStandardError: Double?
        var degreesOfFreedom: Double?
        var seedDeviation: Double?
        var source: String?
    }
}
