import ArgumentParser
import Communication
import Experiment
import Foundation
import Tensors
import Training

extension RunConfig.Reduction: ExpressibleByArgument {}

/// Whole training steps, optimizer and reduction included, on random tokens.
struct BenchStep: RankedBench {
    static let configuration = CommandConfiguration(
        commandName: "step", abstract: "Tokens per second of whole steps, and their share of the SGEMM rate.",
        discussion: """
            `share_of_sgemm` is the model's GFLOP/s over that of SGEMM (1024 x 1024 x 1024) on as many cores, \
            measured by rank 0 while the other ranks sleep; `sgemm_gflops_all_busy` is a rank's mean when all measure at \
            once.

            Examples:
              apus bench step --layers 6 --width 384 --heads 6 --context 256 --vocabulary 4096 --sequences 16
              apus bench step --ranks 2 --steps 9 --json
              apus bench step --ranks 2 --reduction mpi
              apus bench step --layers 12 --width 768 --heads 12 --context 512 --sequences 2 --slot 1 --recompute
            """)

    @OptionGroup var shape: BenchShape
    @Option(help: "Steps to measure, after two to warm up; the median counts.") var steps = 5
    @Option(help: "How slot gradients are added: tree, or mpi for the library's own order, a yardstick.")
    var reduction = RunConfig.Reduction.tree
    @Flag(help: "Compute activations again in backward: less memory, more time.") var recompute = false
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard steps > 0 else { throw ValidationError("--steps \(steps): at least 1 step is measured.") }
    }

    /// Keys that others rely on (DESIGN §5); more stand beside them.
    struct Result: BenchResult {
        let tokensPerSecond: Double
        let gflops: Double
        let sgemmGflops: Double
        let sgemmGflopsAllBusy: Double
        let shareOfSgemm: Double
        let peakRssBytes = HostMemory.peakResidentBytes
        let shares: [String: Double]
        /// The median step's, and the fastest one's.
        let secondsPerStep: Double
        let fastestSecondsPerStep: Double
        let parameters: Int
        let kernels: String
        let reduction: String
        let recompute: Bool
        /// By rank 0 in a step, in messages; and what of it was begun while backward ran. Shared memory sends nothing.
        let bytesSent: Int
        let bytesSentInBackward: Int
        /// Seconds of the median step that went into adding and exchanging, on rank 0: what was not hidden.
        let exposedReductionSeconds: Double
        let ranks: Int
    }

    func measure<Link: Communicator>(_ kernels: Kernels, link: Link) throws -> Result {
        let warmUp = 2
        let trainer = try shape.trainer(
            steps: warmUp + steps, reduction: reduction, recomputes: recompute, link: link, kernels: kernels)
        let alone = try link.alone { MatrixProductRate.measure() }
        let allBusy = link.ranks == 1 ? alone : try link.allBusy { MatrixProductRate.measure() }
        for _ in 0..<warmUp { _ = try trainer.takeStepWithReceipt() }
        let seconds = try (0..<steps).map { _ in try trainer.takeStepWithReceipt().0.seconds }.sorted {
            $0.total < $1.total
        }
        let median = seconds[seconds.count / 2]
        let rate = Double(shape.sequences * shape.context) / median.total
        let gflops = rate * Double(shape.model.flopsPerToken) / 1e9
        return Result(
            tokensPerSecond: rate, gflops: gflops, sgemmGflops: alone, sgemmGflopsAllBusy: allBusy,
            shareOfSgemm: gflops / (alone * Double(link.ranks)), shares: median.shares, secondsPerStep: median.total,
            fastestSecondsPerStep: seconds[0].total, parameters: shape.model.totalParameters,
            kernels: kernels.set.rawValue, reduction: reduction.rawValue, recompute: recompute,
            bytesSent: trainer.bytesSent.all, bytesSentInBackward: trainer.bytesSent.begunInBackward,
            exposedReductionSeconds: median.reduction, ranks: link.ranks)
    }
}

extension BenchStep.Result {
    var text: String {
        let parts = shares.sorted { $0.value > $1.value }.map { "\($0.key) \(rounded(100 * $0.value, 1)) %" }
        return """
            \(Int(tokensPerSecond)) tokens/s, \(rounded(gflops, 1)) GFLOP/s of the model on \(ranks) rank(s), \
            kernels \(kernels), reduction \(reduction)\(recompute ? ", activations recomputed" : "")
            \(rounded(100 * shareOfSgemm, 1)) % of the SGEMM rate (\(rounded(sgemmGflops, 1)) GFLOP/s per core alone, \
            \(rounded(sgemmGflopsAllBusy, 1)) with all ranks busy)
            \(rounded(secondsPerStep * 1e3, 1)) ms per step (fastest \(rounded(fastestSecondsPerStep * 1e3, 1))): \
            \(parts.joined(separator: ", "))
            peak memory \(peakRssBytes >> 20) MiB, \(parameters) parameters\(messages)
            """
    }

    private var messages: String {
        guard bytesSent > 0 else { return "" }
        let megabytes = "\(rounded(Double(bytesSent) / 1e6, 1)) MB"
        let share = "\(rounded(100 * Double(bytesSentInBackward) / Double(bytesSent), 0)) %"
        return "; rank 0 sent \(megabytes), \(share) of it begun while backward ran"
    }
}

extension StepSeconds {
    /// Parts of the step that sum to 1.
    var shares: [String: Double] {
        Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.seconds / total) })
    }
}
