import ArgumentParser
import Corpus
import Experiment
import Foundation
import Reports

struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Before a run: its memory, hours and traffic; or the best N and D for a budget, by a law.",
        discussion: """
            With a configuration: parameters, tokens, FLOPs, memory per rank and host, hours, bytes on the wire.

            Memory is the sum of what the trainer will allocate and of what a process takes by itself. Bytes per rank are \
            its resident memory at the peak, as the system counts it (VmHWM): what is private to it, and what it touches \
            of the memory that the ranks of its host share. Bytes per host are the private memory of its ranks and what \
            they share, once.

            Hours come from a probe of some seconds: a run of the same shape on random tokens, on this host. Where the \
            shape is too large for this host they are estimated from the measured rate of matrix products. Between hosts \
            a link of 10 Gbit/s is assumed.

            What does not fit the hosts' memory is refused with exit code 2, after the plan, with settings that would fit.

            Without one, --budget or --target-loss asks a law, published or fitted: N, D, tokens per parameter and loss, \
            with intervals from a fit's bootstrap; what it costs to be off the best N; and which run would narrow the \
            intervals most.

            Examples:
              apus plan --budget 1e21 --law epoch
              apus plan --budget 1e18 --fit tables/runs.csv --gflops 100 --ranks 8
              apus plan --target-loss 2.2 --fit fit.json --deployment-n 1e9 3e9
              apus plan configs/books.yaml
              apus plan configs/books.yaml --ranks 8 --hosts 4 --host-memory 64GB --json
              apus plan configs/gpt3-175b.yaml --ranks 256 --hosts 256 --host-memory 4TB --no-probe
            """)

    @Argument(help: "The configuration.") var config: String?
    @OptionGroup(title: "By a law") var law: BudgetArguments
    @Option(
        help: ArgumentHelp(
            "Ranks; default: this host's cores, for each of the hosts, at most one per slot.", valueName: "p"))
    var ranks: Int?
    @Option(help: ArgumentHelp("Hosts that the ranks are spread over.", valueName: "h")) var hosts = 1
    @Option(
        help: ArgumentHelp(
            "Memory of a host, as in 64GB or 60GiB; default: what this host and its control groups grant.",
            valueName: "size"))
    var hostMemory: ByteSize?
    @Flag(inversion: .prefixedNo, help: "Measure times and the size of a process with a short run.") var probe = true
    @Flag(help: "One JSON object.") var json = false
    @Option(help: ArgumentHelp("Replace a value of the configuration; may be repeated.", valueName: "key=value"))
    var set: [String] = []
    @Option(help: ArgumentHelp("The mpirun to use; default: the one in the PATH.", valueName: "path"))
    var mpirun: String?

    func validate() throws {
        guard hosts > 0 else { throw ValidationError("--hosts \(hosts): there must be at least one.") }
        guard (config != nil) != law.isAsked else {
            throw ValidationError(
                config == nil
                    ? "What is planned? Name a configuration, or ask with --budget C or --target-loss L."
                    : "A configuration and a budget ask two questions; give one.")
        }
    }

    func run() async throws {
        guard let config else {
            let report = try BudgetReport(law, law: try BudgetLaw(law), ranks: ranks)
            Console.show(json ? report.json : report.text)
            return
        }
        let file = URL(fileURLWithPath: config)
        let run = try RunConfig(file: file, overrides: set)
        let count = try RankCount(
            asked: ranks, hostfile: nil, cores: hosts * Host.cores, slots: run.slots, sequences: run.batch.sequences)
        guard hosts <= count.ranks else {
            throw Failure(.usage, "\(count.ranks) ranks cannot be on \(hosts) hosts; every host needs one.")
        }
        let asked = PlanProbe(
            config: file.path, settings: set, ranks: count.ranks, hosts: hosts, hostBytes: hostMemory?.bytes,
            mpirun: mpirun)
        let plan = try await plan(run, asked)
        Console.show(json ? try plan.json : plan.text)
        if let hint = count.hint, !json { Console.show(Console.style.plain(hint) + "\n") }
        if let refusal = plan.memory.refusal { throw Failure(.usage, refusal) }
    }

    private func plan(_ run: RunConfig, _ asked: PlanProbe) async throws -> RunPlan {
        let shape = run.model.shape(tokenizerVocabulary: try run.corpus.vocabulary)
        var memory = try await asked.memory(measured: nil)
        var measured: (report: ProbeReport, secondsOfStart: Double)?
        var reason = "--no-probe"
        if !memory.fits {
            reason = "it does not fit"
        } else if probe, let size = memory.probe {
            switch try await asked.measure(size) {
            case .measured(let report, let secondsOfStart):
                measured = (report, secondsOfStart)
                memory = try await asked.memory(measured: report)
            case .nothing(let why): reason = why
            }
        } else if probe {
            reason = memory.probeSkipped ?? "no probe"
        }
        let time = TimePlan(config: run, shape: shape, memory: memory, cores: Host.cores, probe: measured)
        return RunPlan(
            config: run, shape: shape, memory: memory, time: time, reasonForEstimate: measured == nil ? reason : nil)
    }
}

/// A size as people write it: 64GB, 60GiB, 512M, 1000000.
struct ByteSize: ExpressibleByArgument, Equatable {
    let bytes: Int

    init?(argument: String) {
        let digits = argument.prefix { $0.isNumber || $0 == "." }
        let unit = argument.dropFirst(digits.count).lowercased()
        let letters = ["k", "m", "g", "t"]
        guard let value = Double(digits), value > 0 else { return nil }
        guard let letter = unit.first else {
            bytes = Int(min(value, 1e18))
            return
        }
        guard let power = letters.firstIndex(of: String(letter)), ["", "b", "ib"].contains(String(unit.dropFirst()))
        else { return nil }
        let base = unit.hasSuffix("ib") ? 1_024.0 : 1_000.0
        bytes = Int(min(value * (0...power).reduce(1) { product, _ in product * base }, 1e18))
    }
}
