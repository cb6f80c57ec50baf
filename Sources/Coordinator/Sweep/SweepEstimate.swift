import Corpus
import Experiment
import Foundation
import Reports

/// What is left of a sweep, in time.
struct SweepEstimate {
    let pace: SweepPace
    let cores: Int
    /// Until all runs are complete.
    let seconds: Double

    /// - Parameters:
    ///   - found: how far the runs are; nil for nothing done.
    ///   - mostSecondsUnprobed: a sweep that the rate of matrix products says is longer than this is probed, by short runs of
    ///     its smallest and largest size.
    init(_ plan: SweepPlan, found: SweepState?, options: LaunchOptions, mostSecondsUnprobed: Double) async throws {
        let hostfile = try options.readHostfile()
        cores = options.ranks ?? hostfile?.slots ?? Host.cores
        let open = plan.runs.indices.filter { index in !(found?.runs[index].isSettled ?? false) }
        func left(_ pace: SweepPace, _ cores: Int) -> Double {
            open.isEmpty ? 0 : Packing(SweepJob.jobs(plan, open, found, pace), cores: cores).makespan
        }
        guard let smallest = plan.runs.min(by: { $0.shape.flopsPerToken < $1.shape.flopsPerToken }),
            let largest = plan.runs.max(by: { $0.shape.flopsPerToken < $1.shape.flopsPerToken }), !open.isEmpty
        else {
            (pace, seconds) = (SweepPace(sgemmGigaflops: 100), 0)
            return
        }
        let asked = try SweepProbe(options: options)
        defer { asked.remove() }
        var pace = SweepPace(sgemmGigaflops: try await asked.sgemmGigaflops(largest))
        if left(pace, cores) > mostSecondsUnprobed {
            async let small = asked.probe(smallest)
            async let large = asked.probe(largest)
            if let small = try await small, let large = try await large { pace = SweepPace(small: small, large: large) }
        }
        self.pace = pace
        seconds = left(pace, cores)
    }

    var sentence: String {
        let source = pace.isProbed ? "probed" : "a guess from the rate of matrix products"
        return "about \(Humanly.duration(seconds: seconds)) on \(cores) \(cores == 1 ? "core" : "cores") (\(source))"
    }
}

/// Asks workers how fast a run of a sweep would be here.
private struct SweepProbe {
    private let scratch: Scratch
    private let mpirun: String?

    init(options: LaunchOptions) throws {
        scratch = try Scratch(ranks: 1)
        mpirun = options.mpirun
    }

    func remove() { scratch.remove() }

    private func asked(_ run: SweepRun) throws -> PlanProbe {
        let file = scratch.session.appendingPathComponent("\(run.name).yaml")
        try Data(run.config.yaml.utf8).write(to: file)
        return PlanProbe(config: file.path, settings: [], ranks: 1, hosts: 1, hostBytes: nil, mpirun: mpirun)
    }

    /// - Throws: `Failure(.usage)` when this host's memory is too small for the run.
    func sgemmGigaflops(_ run: SweepRun) async throws -> Double {
        let report = try await asked(run).memory(measured: nil)
        if let refusal = report.refusal { throw Failure(.usage, "\(run.name): \(refusal)") }
        return report.sgemmGflops
    }

    /// Nil where it cannot be probed.
    func probe(_ run: SweepRun) async throws -> SweepPace.Probe? {
        let probe = try asked(run)
        guard let size = try await probe.memory(measured: nil).probe else { return nil }
        guard case .measured(let report, let start) = try await probe.measure(size) else { return nil }
        return SweepPace.Probe(run: run, report: report, secondsOfStart: start)
    }
}
