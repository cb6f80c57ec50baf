import Communication
import Experiment
import Foundation
import Tensors
import Training

extension ProbeSize {
    /// Seconds that a step of a probe may be expected to take at half of the matrix-product rate.
    private static let usualSeconds = 0.5
    private static let mostSeconds = 4.0

    /// As many slots as a short step takes, at least one; or why there can be no probe here.
    static func choose(for plan: MemoryPlan, cores: Int, sgemmGigaflops: Double) -> (size: ProbeSize?, reason: String?)
    {
        let perHost = (plan.reduction.ranks + plan.reduction.hosts - 1) / plan.reduction.hosts
        let ranks = max(1, min(perHost, cores))
        let flops = Double(plan.shape.flopsPerToken) * Double(plan.config.batch.slot * plan.shape.context)
        let seconds = flops / (0.5e9 * sgemmGigaflops)
        guard seconds < mostSeconds else {
            return (nil, "a slot takes about \(rounded(seconds, 0)) s on this machine, too long for a probe")
        }
        guard plan.shape.context > 1 else { return (nil, "a context of one token cannot be probed") }
        let slots = max(1, min(plan.slotsOfBusiestRank, Int(usualSeconds / seconds)))
        let probe = MemoryPlan(
            config: Probe.config(plan.config, shape: plan.shape, slots: ranks * slots), shape: plan.shape, ranks: ranks,
            hosts: 1, baseBytes: plan.baseBytes)
        guard MemoryCheck(probe, hostBytes: HostMemory.limitBytes).fits else {
            return (nil, "the model does not fit this machine's memory")
        }
        return (ProbeSize(ranks: ranks, slotsPerRank: slots), nil)
    }
}

/// A run of a configuration's shape on random tokens, a few seconds long, in the current folder: through everything that
/// a run does, steps, ledger, evaluations and a checkpoint, with a clock beside it.
struct Probe {
    let config: RunConfig
    let shape: ModelShape
    let kernels: Kernels
    let slotsPerRank: Int

    private static let seconds = 5.0
    private static let leastSteps = 5

    func run() throws {
        guard Launch.isParallel else { return try measure(link: OneProcess()) }
        let link = try MPICommunicator()
        do {
            try measure(link: link)
            try link.finalize()
        } catch {
            Main.abort(link, error)
        }
    }

    private func measure<Link: Communicator>(link: Link) throws {
        let probed = Self.config(config, shape: shape, slots: link.ranks * slotsPerRank)
        let directory = RunDirectory(URL(fileURLWithPath: "run"))
        let settings = LaunchSettings(
            directory: directory, kernels: kernels.set, fresh: false, allowsOtherArithmetic: false,
            host: ProcessInfo.processInfo.hostName, mpiLibrary: "", version: ApusWorker.version)
        let clock = ProbeClock()
        let run = try TrainingRun(config: probed, settings: settings, link: link, report: clock.note)
        clock.start()
        _ = try run.run(stopRequested: { clock.seconds > Self.seconds && clock.steps.count > Self.leastSteps })

        let plan = MemoryPlan(
            config: probed, shape: shape, ranks: link.ranks, hosts: 1, baseBytes: 0,
            corpusBytes: PlannedCorpus(probed).bytes)
        let files = HostMemory.residentFileBytes - plan.corpusBytes
        let beyond = try link.allGather([HostMemory.peakResidentBytes - plan.bytes(ofRank: link.rank)])
        guard link.rank == 0 else { return }
        let timings = try ProbeTimings(directory.timings)
        let report = ProbeReport(
            ranks: link.ranks, slotsPerRank: slotsPerRank, steps: clock.steps.count,
            secondsPerStep: Array(clock.steps.dropFirst(2)).median,
            secondsOfReduction: try timings.median("seconds_reduction"),
            secondsOfOptimizer: try timings.median("seconds_optimizer"),
            secondsPerEvaluation: Array(clock.evaluations.dropFirst()).median, secondsPerCheckpoint: clock.checkpoint,
            secondsInAll: clock.seconds,
            partialsOfAllRanks: (0..<link.ranks).reduce(0) { $0 + plan.reduction.partials(ofRank: $1).count },
            baseBytes: max(0, beyond.map { $0[0] }.max() ?? 0), sharedBaseBytes: max(0, files))
        print(try SnakeCaseJSON.text(report))
    }

    /// The configuration of a probe: the model, slot, optimizer and reduction of a run; fewer slots, random tokens.
    static func config(_ config: RunConfig, shape: ModelShape, slots: Int) -> RunConfig {
        var probe = config
        let sequences = slots * config.batch.slot
        probe.name = "probe"
        probe.model.vocabulary = shape.vocabulary
        probe.batch.sequences = sequences
        probe.steps = 1_000_000
        probe.schedule = ScheduleConfig(kind: .constant, peak: 1e-5)
        probe.evaluate = EvaluateConfig(every: 3, tokens: .tokens(sequences * shape.context))
        probe.checkpoint = CheckpointConfig(every: nil, keep: 1)
        // A fact's symbols must divide the context: two of them, or the whole odd context.
        let value = shape.context % 2 == 0 ? 1 : shape.context - 1
        // 5 % of the tokens are held out; both sides need whole batches.
        let tokens = max(65_536, 20 * sequences * (shape.context + 1))
        let calibration = CalibrationConfig(
            alphabet: min(shape.vocabulary, 65_536), key: 1, value: value, exponent: 0.5, tokens: tokens)
        probe.corpus = CorpusConfig(calibration: calibration)
        return probe
    }
}

/// Seconds between the events of a probe.
private final class ProbeClock {
    private(set) var steps: [Double] = []
    private(set) var evaluations: [Double] = []
    private(set) var checkpoint = 0.0
    private var whole = Stopwatch()
    private var last = Stopwatch()

    func start() {
        whole = Stopwatch()
        last = whole
    }

    var seconds: Double { whole.seconds }

    func note(_ event: RunEvent) {
        switch event {
        case .step: steps.append(lap())
        case .evaluated: evaluations.append(lap())
        case .checkpointed: checkpoint = lap()
        case .started, .message, .ended: last = Stopwatch()
        }
    }

    private func lap() -> Double {
        defer { last = Stopwatch() }
        return last.seconds
    }
}

/// Columns of a probe's timings.
private struct ProbeTimings {
    private let names: [Substring]
    private let rows: [[Double]]

    init(_ file: URL) throws {
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        names = lines.first?.split(separator: ",") ?? []
        rows = lines.dropFirst().map { line in line.split(separator: ",").map { Double($0) ?? 0 } }
    }

    /// Of a column's rows after two to warm up.
    /// - Throws: `Failure(.worker)` for a column that is not there.
    func median(_ name: String) throws -> Double {
        guard let column = names.firstIndex(of: Substring(name)) else {
            throw Failure(.worker, "The probe's timings have no column \(name).")
        }
        return rows.dropFirst(2).compactMap { $0.indices.contains(column) ? $0[column] : nil }.median
    }
}
