import ArgumentParser
import Corpus
import Experiment
import Foundation
import Tensors
import Training

/// What a run will take: of memory by arithmetic alone, of time by a short probe when it is asked for.
struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bytes per rank and host of a run, from the sizes of the trainer's own arenas; nothing is trained.",
        discussion: """
            `apus plan` asks this command, and has it probe the machine under mpirun; people want `apus plan`.

            Examples:
              apus-worker plan configs/books.yaml --ranks 8 --hosts 2 --json
              mpirun -n 2 apus-worker plan /path/to/books.yaml --probe-slots 1
            """)

    @Argument(help: "The configuration.") var config: String
    @Option(name: .customLong("set"), help: "Replace one value of the configuration, as in batch.sequences=64.")
    var settings: [String] = []
    @Option(help: "Ranks of the run.") var ranks = 1
    @Option(help: "Hosts that the ranks are on.") var hosts = 1
    @Option(help: "Bytes of a host; what this host and its control groups grant unless given.") var hostBytes: Int?
    @Option(help: "Bytes of a process before its first arena; those of this process unless given.") var baseBytes: Int?
    @Option(help: "Bytes of these that are pages of files.") var sharedBaseBytes: Int?
    @Option(help: "Ranks that a probe on this host can have.") var cores = 1
    @Option(help: "Probe: train on random tokens in the current folder, with so many slots for each rank of mpirun.")
    var probeSlots: Int?
    @Flag(help: "One JSON object; always so.") var json = false
    @OptionGroup var kernelOption: KernelOption

    func run() throws {
        let run = try RunConfig(file: URL(fileURLWithPath: config), overrides: settings)
        let shape = run.model.shape(tokenizerVocabulary: try run.corpus.vocabulary)
        let kernels = try kernelOption.pinned()
        if let probeSlots {
            return try Probe(config: run, shape: shape, kernels: kernels, slotsPerRank: probeSlots).run()
        }
        guard ranks > 0, hosts > 0, hosts <= ranks, ranks <= run.slots else {
            throw Failure(
                .usage,
                "\(ranks) ranks on \(hosts) hosts cannot be: every host needs a rank, and every rank one of the "
                    + "\(run.slots) slots.")
        }
        print(try SnakeCaseJSON.text(result(run, shape)))
    }

    private func result(_ run: RunConfig, _ shape: ModelShape) -> MemoryReport {
        let sgemm = MatrixProductRate.measure()
        let corpus = PlannedCorpus(run)
        let plan = MemoryPlan(
            config: run, shape: shape, ranks: ranks, hosts: hosts,
            baseBytes: baseBytes ?? HostMemory.peakResidentBytes,
            sharedBaseBytes: sharedBaseBytes ?? HostMemory.residentFileBytes, corpusBytes: corpus.bytes)
        let check = MemoryCheck(plan, hostBytes: hostBytes ?? HostMemory.limitBytes)
        let probe = ProbeSize.choose(for: plan, cores: cores, sgemmGigaflops: sgemm)
        return MemoryReport(
            ranks: ranks, hosts: hosts, ranksPerHost: plan.reduction.ranks(ofHost: plan.largestHost).count,
            bytesPerRank: plan.bytes(ofRank: plan.largestRank), bytesPerHost: plan.bytes(ofHost: plan.largestHost),
            sharedBytesPerHost: plan.sharedBytes(ofHost: plan.largestHost), baseBytes: plan.baseBytes,
            sharedBaseBytes: plan.sharedBaseBytes,
            memory: plan.parts(ofRank: plan.largestRank), bytesNeeded: check.neededBytes, hostBytes: check.hostBytes,
            availableBytes: HostMemory.availableBytes, fits: check.fits, refusal: check.refusal?.message,
            suggestions: check.fits ? [] : check.suggestions, bytesSentPerRankAndStep: plan.bytesSentPerRank,
            messagesSentPerRankAndStep: plan.messagesSentPerRank, bytesSentPerHostAndStep: plan.bytesSentPerHost,
            slotsOfBusiestRank: plan.slotsOfBusiestRank,
            partialsOfAllRanks: (0..<ranks).reduce(0) { $0 + plan.reduction.partials(ofRank: $1).count },
            evaluationSequences: corpus.evaluationSequences(run), sgemmGflops: sgemm, probe: probe.size,
            probeSkipped: probe.reason)
    }
}
