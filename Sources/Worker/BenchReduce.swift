import ArgumentParser
import Communication
import Experiment
import Tensors
import Transformer

/// The sum of gradients over all ranks and the gathering of parameters, without a model's work beside them.
struct BenchReduce: RankedBench {
    static let configuration = CommandConfiguration(
        commandName: "reduce", abstract: "Seconds of the tree reduction and of the gathering of parameters.",
        discussion: """
            Every rank brings the partial gradients that it has in a run of this shape, and gets the sum over its shards; \
            then all ranks get all parameters. Nothing is hidden behind a backward pass. `library` is the sum in the \
            message library's own order (`reduction: mpi`), over all of the gradient. Seconds are those of the slowest \
            rank, medians of the repeats; GB/s are bytes of one gradient, or of one copy of the parameters, over them.

            Examples:
              apus bench reduce --ranks 2
              apus bench reduce --layers 12 --width 768 --heads 12 --vocabulary 50304 --ranks 2 --repeats 5 --json
            """)

    @OptionGroup var shape: BenchShape
    @Option(help: "Reductions to measure, after one to warm up; the medians count.") var repeats = 9
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard repeats > 0 else { throw ValidationError("--repeats \(repeats): at least 1 is measured.") }
    }

    struct Result: BenchResult {
        /// Of one gradient, or one copy of the parameters, padding included.
        let bytes: Int
        /// Sent in messages by the rank that sends most: gradients and parameters together.
        let bytesSent: Int
        /// Ranks of rank 0's host that read each other's memory instead of sending, rank 0 included.
        let ranksSharingMemory: Int
        /// Subtrees of slots whose sums rank 0 brings.
        let partials: Int
        let reduceSeconds: Double
        let libraryReduceSeconds: Double
        let gatherSeconds: Double
        let reduceGigabytesPerSecond: Double
        let libraryReduceGigabytesPerSecond: Double
        let gatherGigabytesPerSecond: Double
        let repeats: Int
        let ranks: Int
    }

    func measure<Link: Communicator>(_ kernels: Kernels, link: Link) throws -> Result {
        try shape.requireSlots(ranks: link.ranks)
        let tree = try Exchange(.tree, shape: shape, link: link, kernels: kernels)
        let library = try Exchange(.library, shape: shape, link: link, kernels: kernels)
        var reductions: [Double] = []
        var libraryReductions: [Double] = []
        var gatherings: [Double] = []
        for repetition in 0...repeats {
            let values = [try tree.reduce(), try library.reduce(), try tree.gather()]
            guard repetition > 0 else { continue }
            reductions.append(values[0])
            libraryReductions.append(values[1])
            gatherings.append(values[2])
        }
        let bytes = tree.bytes
        func rate(_ seconds: [Double]) -> Double { Double(bytes) / max(seconds.median, 1e-9) / 1e9 }
        return Result(
            bytes: bytes, bytesSent: try link.allGather([tree.reduction.bytesSent]).map { $0[0] }.max() ?? 0,
            ranksSharingMemory: tree.reduction.ranksSharingMemory, partials: tree.reduction.ownPartials.count,
            reduceSeconds: reductions.median,
            libraryReduceSeconds: libraryReductions.median, gatherSeconds: gatherings.median,
            reduceGigabytesPerSecond: rate(reductions), libraryReduceGigabytesPerSecond: rate(libraryReductions),
            gatherGigabytesPerSecond: rate(gatherings), repeats: repeats, ranks: link.ranks)
    }
}

/// A reduction with gradients and parameters of its own.
private struct Exchange<Link: Communicator> {
    let reduction: TreeReduction<Link>
    private let link: Link

    init(_ order: TreeReduction<Link>.Order, shape: BenchShape, link: Link, kernels: Kernels) throws {
        let layout = GPT2(shape: shape.model, kernels: kernels).layout
        self.link = link
        reduction = try TreeReduction(
            link: link, tree: SlotTree(slots: shape.slots),
            shards: Shards(blocks: layout.blocks, blockSize: ParameterLayout.blockSize, ranks: link.ranks),
            kernels: kernels, order: order)
        if reduction.isFirstOfGroup { reduction.parameters.fill(1) }
    }

    var bytes: Int { reduction.parameters.count * MemoryLayout<Float>.stride }

    /// Seconds of the slowest rank, from gradients that were just written.
    func reduce() throws -> Double {
        try reduction.begin()
        for partial in reduction.partials { partial.fill(1) }
        return try slowest { try reduction.finish() }
    }

    func gather() throws -> Double { try slowest { try reduction.shareParameters() } }

    private func slowest(_ work: () throws -> Void) throws -> Double {
        try link.barrier()
        return try link.allGather([seconds(of: work)]).map { $0[0] }.max() ?? 0
    }
}

extension BenchReduce.Result {
    var text: String {
        func line(_ name: String, _ seconds: Double, _ rate: Double) -> String {
            let space = String(repeating: " ", count: 26 - name.count)
            return "\(name)\(space)\(rounded(seconds * 1e3, 2)) ms, \(rounded(rate, 2)) GB/s\n"
        }
        return
            "\(rounded(Double(bytes) / 1e6, 1)) MB of gradients on \(ranks) rank(s), \(partials) partial(s) on rank 0\n"
            + line("reduced along the tree", reduceSeconds, reduceGigabytesPerSecond)
            + line("in the library's order", libraryReduceSeconds, libraryReduceGigabytesPerSecond)
            + (bytesSent > 0 || ranks == 1
                ? line("parameters gathered", gatherSeconds, gatherGigabytesPerSecond)
                : "parameters are shared: nothing is gathered\n")
            + "at most \(rounded(Double(bytesSent) / 1e6, 1)) MB sent by a rank and step; \(ranksSharingMemory) share memory"
    }
}
