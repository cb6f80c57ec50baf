import Corpus
import Experiment
import Foundation
import Reports

/// What is left of a sweep, in time.
struct SweepEstimate {
    let pace: SweepPace
    let memory: SweepMemory?
    let cores: Int
    /// Until all runs are complete.
    let seconds: Double

    /// - Parameters:
    ///   - found: how far the runs are; nil for nothing done.
    ///   - mostSecondsUnprobed: a sweep that the rate of matrix products says is longer than this is probed, by short runs of
    ///     its smallest and largest size.
    /// - Throws: `Failure(.usage)` when this host's memory is too small for the largest run, and what workers fail with.
    init(_ plan: SweepPlan, found: SweepState?, options: LaunchOptions, mostSecondsUnprobed: Double) async throws {
        let hostfile = try options.readHostfile()
        let cores = try options.places(hostfile)
        self.cores = cores
        let open = plan.runs.indices.filter { index in !(found?.runs[index].isSettled ?? false) }
        guard let smallest = plan.runs.min(by: { $0.shape.flopsPerToken < $1.shape.flopsPerToken }),
            let largest = plan.runs.max(by: { $0.shape.flopsPerToken < $1.shape.flopsPerToken }), !open.isEmpty
        else {
            (pace, memory, seconds) = (SweepPace(sgemmGigaflops: 100), nil, 0)
            return
        }
        let asked = try SweepProbe(options: options)
        defer { asked.remove() }
        let sizes = try await asked.memory(largest, ranks: 1)
        if let refusal = sizes.refusal { throw Failure(.usage, "\(largest.name): \(refusal)") }
        let memory =
            hostfile == nil
            ? try await SweepMemory(open.map { plan.runs[$0] }, cores: cores, largest: sizes, ask: asked.memory) : nil
        func left(_ pace: SweepPace) -> Double {
            let jobs = SweepJob.jobs(plan, open, found, pace, memory)
            return open.isEmpty ? 0 : Packing(jobs, cores: cores, bytes: memory?.hostBytes ?? .infinity).makespan
        }
        let heldOutTokens = Double(sizes.evaluationSequences) * Double(largest.shape.context)
        var pace = SweepPace(sgemmGigaflops: sizes.sgemmGflops, heldOutTokens: heldOutTokens)
        if left(pace) > mostSecondsUnprobed {
            // Side by side, as the runs will be, where there is room for two; on one core they would halve each other.
            let isAlone = min(cores, Host.cores) == 1 || memory != nil
            let first = isAlone ? try await asked.probe(smallest) : nil
            async let second = isAlone ? nil : asked.probe(smallest)
            async let third = asked.probe(largest)
            if let large = try await third, let small = try await second ?? first {
                pace = SweepPace(small: small, large: large, heldOutTokens: heldOutTokens)
            }
        }
        self.pace = pace
        self.memory = memory
        seconds = left(pace)
    }

    var sentence: String {
        let source = pace.isProbed ? "probed" : "a guess from the rate of matrix products"
        return "about \(Humanly.duration(seconds: seconds)) on \(cores) \(cores == 1 ? "core" : "cores") (\(source))"
    }
}

/// Asks workers how fast a run of a sweep would be here, and what it would hold of the memory.
private struct SweepProbe {
    private let scratch: Scratch
    private let options: LaunchOptions

    init(options: LaunchOptions) throws {
        scratch = try Scratch(ranks: 1)
        self.options = options
    }

    func remove() { scratch.remove() }

    private func asked(_ run: SweepRun, ranks: Int) throws -> PlanProbe {
        let file = scratch.session.appendingPathComponent("\(run.name).yaml")
        try Data(run.config.yaml.utf8).write(to: file)
        return PlanProbe(
            config: file.path, settings: [], ranks: ranks, hosts: 1, hostBytes: nil, mpirun: options.mpirun,
            kernels: options.kernels, mpiArguments: options.mpiArg)
    }

    func memory(_ run: SweepRun, ranks: Int) async throws -> MemoryReport {
        try await asked(run, ranks: ranks).memory(measured: nil)
    }

    /// Nil where it cannot be probed.
    func probe(_ run: SweepRun) async throws -> SweepPace.Probe? {
        let probe = try asked(run, ranks: 1)
        guard let size = try await probe.memory(measured: nil).probe else { return nil }
        guard case .measured(let report, let start) = try await probe.measure(size) else { return nil }
        return SweepPace.Probe(run: run, report: report, secondsOfStart: start)
    }
}
