import ArgumentParser
import Communication
import Corpus
import Experiment
import Foundation
import Tensors
import Training

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the training step against the core's own matrix-product rate.",
        discussion: """
            Examples:
              apus bench step --layers 6 --width 384 --heads 6 --context 256 --vocabulary 4096 --sequences 16
              apus bench gemm --width 768 --context 512 --json
            """,
        subcommands: [BenchStep.self, BenchGemm.self], defaultSubcommand: BenchStep.self)
}

/// The model and batch that a bench is about.
struct BenchShape: ParsableArguments {
    @Option(help: "Blocks.") var layers = 6
    @Option(help: "Width of the residual stream.") var width = 384
    @Option(help: "Attention heads.") var heads = 6
    @Option(help: "Tokens of a sequence.") var context = 256
    @Option(help: "Token ids.") var vocabulary = 4_096
    @Option(help: "Sequences of a global batch.") var sequences = 16
    @Option(help: "Sequences of a slot.") var slot = 8
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        guard layers > 0, width > 0, heads > 0, context > 0, sequences > 0, slot > 0, (2...65_536).contains(vocabulary)
        else { throw ValidationError("All numbers must be 1 or more, and --vocabulary 2 to 65536.") }
        guard width % heads == 0 else {
            throw ValidationError("--width \(width) is not divisible by --heads \(heads).")
        }
        guard sequences % min(slot, sequences) == 0 else {
            throw ValidationError("--sequences \(sequences) is not divisible by --slot \(slot).")
        }
    }

    var shape: ModelShape {
        ModelShape(layers: layers, width: width, heads: heads, context: context, vocabulary: vocabulary)
    }
}

/// Whole training steps, optimizer and reduction included, on random tokens.
struct BenchStep: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step", abstract: "Tokens per second of whole steps, and their share of the SGEMM rate.")

    @OptionGroup var shape: BenchShape
    @Option(help: "Steps to measure, after two to warm up; the median counts.") var steps = 5
    @OptionGroup var kernelOption: KernelOption

    /// Keys that others rely on (DESIGN §5); more stand beside them.
    struct Result: Codable {
        var tokensPerSecond: Double
        var gflops: Double
        var sgemmGflops: Double
        var shareOfSgemm: Double
        var peakRssBytes: Int
        var shares: [String: Double]
        var secondsPerStep: Double
        var parameters: Int
        var kernels: String
        var ranks: Int
    }

    func run() throws {
        let kernels = try kernelOption.pinned()
        guard Launch.isParallel else { return try measure(kernels, link: OneProcess()) }
        let link = try MPICommunicator()
        do {
            try measure(kernels, link: link)
            try link.finalize()
        } catch {
            Main.abort(link, error)
        }
    }

    private func measure<Link: Communicator>(_ kernels: Kernels, link: Link) throws {
        let trainer = try makeTrainer(kernels, link: link)
        let sgemm = MatrixProductRate.measure()
        for _ in 0..<2 { _ = try trainer.takeStepWithReceipt() }
        let seconds = try (0..<max(1, steps)).map { _ in try trainer.takeStepWithReceipt().0.seconds }
        let median = seconds.sorted { $0.total < $1.total }[seconds.count / 2]
        guard link.rank == 0 else { return }
        let rate = Double(shape.sequences * shape.context) / median.total
        let gflops = rate * Double(shape.shape.flopsPerToken) / 1e9
        let result = Result(
            tokensPerSecond: rate, gflops: gflops, sgemmGflops: sgemm,
            shareOfSgemm: gflops / (sgemm * Double(link.ranks)), peakRssBytes: peakResidentBytes(),
            shares: median.shares, secondsPerStep: median.total, parameters: shape.shape.totalParameters,
            kernels: kernels.set.rawValue, ranks: link.ranks)
        try show(result)
    }

    /// A trainer on random tokens, through the same corpus, batches and hashes as a run's.
    private func makeTrainer<Link: Communicator>(_ kernels: Kernels, link: Link) throws -> Trainer<Link> {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "apus-bench-\(ProcessInfo.processInfo.processIdentifier)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = CalibrationConfig(
            alphabet: shape.vocabulary, key: 1, value: 1, exponent: 0.5,
            tokens: max(2, (steps + 2)) * shape.sequences * (shape.context + 1) + 2)
        var config = try RunConfig(yaml: Self.template, source: "bench", folder: folder)
        config.model = ModelConfig(
            layers: shape.layers, width: shape.width, heads: shape.heads, context: shape.context)
        config.corpus.calibration = source
        config.batch = BatchConfig(sequences: shape.sequences, slot: min(shape.slot, shape.sequences))
        config.evaluate.tokens = .tokens(shape.context)
        let corpus = try CorpusPreparation.prepare(config.corpus, cache: folder)
        let trainer = try Trainer(config: config, corpus: corpus, link: link, kernels: kernels)
        try trainer.initialize()
        return trainer
    }

    private static let template = """
        name: bench
        model: {layers: 1, width: 8, heads: 1, context: 2}
        corpus: {calibration: {alphabet: 2, key: 1, value: 1, exponent: 0.5, tokens: 10}}
        batch: {sequences: 1, slot: 1}
        schedule: {kind: constant, peak: 1e-4}
        steps: 1000
        """

    private func show(_ result: Result) throws {
        if shape.json { return print(try jsonText(result)) }
        let shares = result.shares.sorted { $0.value > $1.value }.map { "\($0.key) \(rounded(100 * $0.value, 1)) %" }
        print(
            """
            \(Int(result.tokensPerSecond)) tokens/s, \(rounded(result.gflops, 1)) GFLOP/s of the model on \
            \(result.ranks) rank(s), kernels \(result.kernels)
            \(rounded(100 * result.shareOfSgemm, 1)) % of the SGEMM rate (\(rounded(result.sgemmGflops, 1)) GFLOP/s per core)
            \(rounded(result.secondsPerStep * 1e3, 1)) ms per step: \(shares.joined(separator: ", "))
            peak memory \(result.peakRssBytes >> 20) MiB, \(result.parameters) parameters
            """)
    }
}

extension StepSeconds {
    /// Parts of the step that sum to 1.
    var shares: [String: Double] {
        Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.seconds / total) })
    }
}

/// SGEMM at the shapes that a step's products have.
struct BenchGemm: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gemm", abstract: "GFLOP/s of the matrix products that a step is made of.")

    @OptionGroup var shape: BenchShape
    @OptionGroup var kernelOption: KernelOption

    /// One product's rate.
    struct Row: Codable {
        var product: String
        var rows: Int
        var columns: Int
        var inner: Int
        var gflops: Double
    }

    func run() throws {
        _ = try kernelOption.pinned()
        let tokens = min(shape.slot, shape.sequences) * shape.context
        let d = shape.width
        let products: [(String, Int, Int, Int)] = [
            ("queries, keys, values", tokens, 3 * d, d), ("projection", tokens, d, d), ("up", tokens, 4 * d, d),
            ("down", tokens, d, 4 * d), ("up, weight gradient", d, 4 * d, tokens),
            ("scores of a tile", 64, min(512, shape.context), d / shape.heads), ("reference", 1_024, 1_024, 1_024),
        ]
        let rows = products.map { name, rows, columns, inner in
            Row(
                product: name, rows: rows, columns: columns, inner: inner,
                gflops: MatrixProductRate.measure(rows: rows, columns: columns, inner: inner))
        }
        if shape.json { return print(try jsonText(rows)) }
        for row in rows {
            let size = "\(row.rows) x \(row.columns) x \(row.inner)"
            print(
                row.product.padding(toLength: 24, withPad: " ", startingAt: 0)
                    + size.padding(toLength: 22, withPad: " ", startingAt: 0) + "\(rounded(row.gflops, 1)) GFLOP/s")
        }
    }
}

/// JSON as others read it: snake case, sorted keys.
func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// VmHWM: the most memory that this process has had.
func peakResidentBytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { $0.split(separator: " ").compactMap { Int($0) }.first }.map { $0 << 10 } ?? 0
}
