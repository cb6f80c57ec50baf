import ArgumentParser
import Experiment

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the training step and its parts, against the core's own matrix-product rate.",
        discussion: """
            step (the default), gemm, checkpoint, corpus or reduce, and its options; `apus bench gemm --help` tells them.

            With --ranks P (default 1) P ranks carry it out together, launched as `apus train` launches them; --hostfile, \
            --mpirun and --mpi-arg are the same too.

            Examples:
              apus bench step --layers 6 --width 384 --heads 6 --context 256 --vocabulary 4096 --sequences 16
              apus bench step --ranks 2 --json
              apus bench gemm --width 768 --heads 12 --context 512 --ranks 2
              apus bench checkpoint --dir /scratch
              apus bench corpus data/books
              apus bench reduce --ranks 2
            """)

    @Argument(parsing: .captureForPassthrough, help: "What to measure, and options.") var words: [String] = []

    func run() async throws {
        if let first = words.first, ["--help", "-h"].contains(first) { throw CleanExit.helpRequest(self) }
        let (launchWords, benchWords) = Self.split(words)
        let options = try Self.launchOptions(launchWords)
        let hostfile = try options.readHostfile()
        let ranks = options.ranks ?? hostfile?.slots ?? 1
        guard ranks > 0 else { throw Failure(.usage, "\(ranks) ranks were asked for; at least 1 is needed.") }
        if ranks == 1, hostfile == nil { return try await WorkerExecutable.forward(["bench"] + benchWords) }
        try await options.launch(
            ["bench"] + benchWords, ranks: ranks, hostfile: hostfile, resumes: false,
            kernelsAreChosen: Self.choosesKernels(words),
            display: PlainDisplay(), announce: { Console.tell("apus: \($0)") })
    }

    private static func launchOptions(_ words: [String]) throws -> LaunchOptions {
        do {
            return try LaunchOptions.parse(words)
        } catch {
            throw Failure(.usage, LaunchOptions.message(for: error))
        }
    }

    /// Options of the launch, with their values, and all other words, which are the worker's.
    static func split(_ words: [String]) -> (launch: [String], bench: [String]) {
        let names = ["--ranks", "--hostfile", "--mpirun", "--mpi-arg"]
        var (launch, bench): ([String], [String]) = ([], [])
        var takesValue = false
        for word in words {
            if takesValue || names.contains(where: { word == $0 || word.hasPrefix("\($0)=") }) {
                launch.append(word)
                takesValue = !takesValue && names.contains(word)
            } else {
                bench.append(word)
            }
        }
        return (launch, bench)
    }

    private static func choosesKernels(_ words: [String]) -> Bool {
        words.contains { $0 == "--kernels" || $0.hasPrefix("--kernels=") }
    }
}

/// What the workers print, as it is.
private struct PlainDisplay: RunDisplay {
    func show(_ event: RunEvent) {}
    func pass(_ line: String) { Console.show(line + "\n") }
    func complain(_ line: String) { Console.tell(line) }
    func finish() {}
}
