import ArgumentParser
import Corpus
import Experiment
import Foundation
import Tensors
import Training

/// Whether a configuration's activations keep their size when the model gets wider.
struct Coordinates: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a few steps at several widths, and tell which activations grow with the width.",
        discussion: """
            Each width has the configuration's layers, context and batches, and heads of the same width. What training \
            has changed should be as large at every width: then a learning rate that is best at one width is about \
            best at the others (muP, Yang et al. 2022). With `model: {mup: {base_width: 64}}` it is; without, attention, \
            feed-forward and logits grow.

            Examples:
              apus-worker coordinates configs/books.yaml --widths 64,128,256,512
              apus-worker coordinates configs/books.yaml --set 'model.mup={base_width: 64}' --steps 3 --json
            """)

    @Argument(help: "The configuration; its width is one of many here.") var config: String
    @Option(name: .customLong("set"), help: "Replace one value of the configuration, as in schedule.peak=3e-3.")
    var settings: [String] = []
    @Option(help: "Widths, with commas between them.") var widths = "64,128,256,512"
    @Option(help: "Updates at each width.") var steps = 5
    @Flag(help: "One JSON object.") var json = false
    @OptionGroup var kernelOption: KernelOption

    func run() throws {
        let numbers = widths.split(separator: ",").map { Int($0.trimmingCharacters(in: .whitespaces)) }
        guard numbers.allSatisfy({ $0 != nil }), !numbers.isEmpty else {
            throw Failure(.usage, "--widths \(widths) is not a list of whole numbers, as in --widths 64,128,256.")
        }
        let config = try RunConfig(file: URL(fileURLWithPath: config), overrides: settings)
        let kernels = try kernelOption.pinned()
        let corpus = try CorpusPreparation.prepare(config.corpus, cache: RunDirectory.corpora)
        let check = try CoordinateCheck(
            config, widths: numbers.compactMap { $0 }, steps: steps, corpus: corpus, kernels: kernels)
        let result = Result(check, config: config)
        print(json ? try SnakeCaseJSON.text(result) : result.text)
    }

    struct Result: Codable {
        var name: String
        /// Of muP; none for the standard parametrization.
        var baseWidth: Int?
        var widths: [Int]
        var steps: Int
        var quantities: [Quantity]

        /// One activation. Slopes are of ln(mean |.|) on ln(width).
        struct Quantity: Codable {
            var name: String
            var trend: CoordinateCheck.Trend
            /// By step from 0: of its size, and of what has changed of it since step 0 (from step 1).
            var slopesOfSize: [Double]
            var slopesOfChange: [Double]
            /// [width][step], steps from 0.
            var size: [[Double]]
            var change: [[Double]]
        }

        init(_ check: CoordinateCheck, config: RunConfig) {
            (name, baseWidth) = (config.name, config.model.mup?.baseWidth)
            (widths, steps) = (check.widths, check.steps)
            quantities = CoordinateCheck.Quantity.allCases.map { quantity in
                let sizes = check.sizes[quantity] ?? []
                return Quantity(
                    name: quantity.rawValue, trend: check.trend(of: quantity),
                    slopesOfSize: (0...check.steps).map { check.slope(of: quantity, \.value, step: $0) },
                    slopesOfChange: (1...check.steps).map { check.slope(of: quantity, \.change, step: $0) },
                    size: sizes.map { $0.map(\.value) }, change: sizes.map { $0.map(\.change) })
            }
        }

        var text: String {
            let parametrization = baseWidth.map { "muP with base width \($0)" } ?? "the standard parametrization"
            var lines = [
                "\(name), \(parametrization): mean |change| after \(steps) \(steps == 1 ? "step" : "steps"), by width"
            ]
            lines.append(row("", widths.map(String.init), ["slope", ""]))
            for quantity in quantities {
                let slope = quantity.slopesOfChange.last ?? 0
                lines.append(
                    row(
                        quantity.name, quantity.change.map { scientific($0.last ?? 0) },
                        [rounded(slope, 3), quantity.trend.rawValue]))
            }
            lines.append("slopes of the change by step")
            for quantity in quantities {
                lines.append(row(quantity.name, quantity.slopesOfChange.map { rounded($0, 3) }, []))
            }
            lines.append(verdict)
            return lines.joined(separator: "\n")
        }

        private var verdict: String {
            let growing = quantities.filter { $0.trend == .growing }.map(\.name)
            return growing.isEmpty
                ? "Nothing grows with the width: learning rates carry over."
                : "These grow with the width, so the best learning rate falls with it: "
                    + "\(growing.joined(separator: ", "))."
        }

        private func row(_ name: String, _ numbers: [String], _ more: [String]) -> String {
            func padded(_ text: String, _ width: Int) -> String {
                String(repeating: " ", count: max(0, width - text.count)) + text
            }
            let first = name + String(repeating: " ", count: max(0, 20 - name.count))
            return first + (numbers + more).map { padded($0, 11) }.joined()
        }
    }
}

/// Three digits and an exponent.
private func scientific(_ value: Double) -> String { String(format: "%.3e", value) }
