import ArgumentParser
import Communication
import Experiment
import Foundation
import Tensors

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the training step and its parts, against the core's own matrix-product rate.",
        discussion: """
            `apus bench … --ranks P` launches P ranks; here, mpirun does.

            Examples:
              apus bench step --layers 6 --width 384 --heads 6 --context 256 --vocabulary 4096 --sequences 16 --ranks 2
              apus bench gemm --width 768 --heads 12 --context 512 --json
              apus bench checkpoint --layers 12 --width 768 --heads 12 --vocabulary 50304 --dir /scratch
              apus bench corpus data/books
              apus bench reduce --ranks 2
            """,
        subcommands: [BenchStep.self, BenchGemm.self, BenchCheckpoint.self, BenchCorpus.self, BenchReduce.self],
        defaultSubcommand: BenchStep.self)
}

/// Options of every bench.
struct BenchOptions: ParsableArguments {
    @OptionGroup var kernelOption: KernelOption
    @Flag(help: "One JSON object.") var json = false
}

/// What a bench found: one JSON object, or lines for a person.
protocol BenchResult: Encodable {
    var text: String { get }
}

/// A bench that all ranks carry out together, or one process alone; rank 0 tells what came of it.
protocol RankedBench: ParsableCommand {
    associatedtype Result: BenchResult
    var options: BenchOptions { get }
    func measure<Link: Communicator>(_ kernels: Kernels, link: Link) throws -> Result
}

extension RankedBench {
    func run() throws {
        let kernels = try options.kernelOption.pinned()
        guard Launch.isParallel else { return try show(measure(kernels, link: OneProcess())) }
        let link = try MPICommunicator()
        do {
            let result = try measure(kernels, link: link)
            if link.rank == 0 { try show(result) }
            try link.finalize()
        } catch {
            Main.abort(link, error)
        }
    }

    private func show(_ result: Result) throws { print(options.json ? try SnakeCaseJSON.text(result) : result.text) }
}

extension Communicator {
    /// What rank 0 measures while the others sleep, for all.
    func alone(_ measure: () throws -> Double) throws -> Double {
        try idleBarrier()
        let own = rank == 0 ? try measure() : 0
        try idleBarrier()
        return try allGather([own])[0][0]
    }

    /// The mean of what all ranks measure at once.
    func allBusy(_ measure: () throws -> Double) throws -> Double {
        try barrier()
        return try allGather([measure()]).reduce(0) { $0 + $1[0] } / Double(ranks)
    }
}

/// Seconds that some work takes.
func seconds(of work: () throws -> Void) rethrows -> Double {
    let begun = Stopwatch()
    try work()
    return begun.seconds
}

extension [Double] {
    /// The middle value; the upper one of two; 0 for none.
    var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
