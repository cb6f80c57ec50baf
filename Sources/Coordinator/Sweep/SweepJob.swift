import Corpus
import Experiment
import Foundation
import Reports

/// Carries out a sweep, going on where an earlier call stopped: runs are packed over the cores, each a launch of its own,
/// and the tables are made at the end. What is in the tables depends on neither.
struct SweepJob {
    let plan: SweepPlan
    let folder: SweepFolder
    let options: LaunchOptions
    let pace: SweepPace
    let found: SweepState

    /// Runs all that is left.
    /// - Throws: `WorkerEnded` when it was interrupted, after the tables of what there is were written.
    /// - Returns: what failed, for another reason than divergence, by name.
    func run() async throws -> [(run: String, reason: String)] {
        // What is missing is told before anything begins.
        _ = (try Launch.findMPIRun(options.mpirun), try WorkerExecutable.path())
        let display = SweepDisplay(plan, found, pace: pace)
        let endings = try await train(display)
        display.printer.clear()
        if Interrupts.shared.wasAsked {
            try writeTables()
            let complete = endings.count { $0 == .complete }
            throw WorkerEnded(
                code: .interrupted,
                sentence: "interrupted with \(complete) of \(plan.runs.count) runs complete; the same command goes on.")
        }
        return zip(plan.runs, endings).compactMap { run, ending in
            if case .failed(let reason) = ending { (run.name, reason) } else { nil }
        }
    }

    /// The tables of all runs that were begun, in the order of the plan.
    @discardableResult
    func writeTables() throws -> RunTables {
        let directories = plan.runs.map { folder.directory(of: $0) }.filter(\.holdsRun)
        let tables = RunTables(records: try directories.map { try RunRecord($0) })
        try tables.runs.write(to: folder.runs)
        try tables.curves.write(to: folder.curves)
        try tables.evaluations?.write(to: folder.evaluations)
        return tables
    }

    // MARK: Scheduling

    private func train(_ display: SweepDisplay) async throws -> [SweepEnding] {
        let hostfile = try options.readHostfile()
        let cores = options.ranks ?? hostfile?.slots ?? Host.cores
        var endings: [SweepEnding] = found.runs.map {
            switch $0 {
            case .complete: .complete
            case .diverged: .diverged
            case .waiting, .partial: .interrupted
            }
        }
        let open = plan.runs.indices.filter { !found.runs[$0].isSettled }
        let ranks = self.ranks(of: open, cores: cores, hostfile: hostfile)
        var waiting = ranks.order
        var free = cores
        await withTaskGroup(of: (Int, SweepEnding).self) { group in
            while true {
                while !Interrupts.shared.wasAsked,
                    let place = waiting.firstIndex(where: {
                        ranks.count[$0, default: 1] <= free && isReady($0, endings)
                    })
                {
                    let index = waiting.remove(at: place)
                    let count = ranks.count[index, default: 1]
                    free -= count
                    let channel = display.begin(index)
                    // A trunk that diverged is none: then the run is made alone, to the same bits.
                    let trunk = trunk(of: index).flatMap {
                        endings[$0] == .complete ? folder.directory(of: plan.runs[$0]) : nil
                    }
                    let launch = RunLaunch(index: index, ranks: count, cores: cores, hostfile: hostfile, trunk: trunk)
                    group.addTask { (index, await carryOut(launch, channel)) }
                }
                guard let (index, ending) = await group.next() else { return }
                free += ranks.count[index, default: 1]
                endings[index] = ending
                display.end(index, ending)
            }
        }
        for index in waiting where !Interrupts.shared.wasAsked {
            endings[index] = .failed("its trunk \(plan.runs[index].trunk ?? "") is not complete.")
        }
        return endings
    }

    /// What it would go on from is there, or will never be.
    private func isReady(_ index: Int, _ endings: [SweepEnding]) -> Bool {
        trunk(of: index).map { endings[$0].isSettled } ?? true
    }

    /// The run that it would go on from, by its place.
    private func trunk(of index: Int) -> Int? {
        plan.runs[index].trunk.flatMap { name in plan.runs.firstIndex { $0.name == name } }
    }

    /// With a hostfile every run has all hosts, one run after the other; on one host they are packed.
    private func ranks(of open: [Int], cores: Int, hostfile: Hostfile?) -> (order: [Int], count: [Int: Int]) {
        if hostfile != nil {
            let order = open.sorted { plan.runs[$0].flops > plan.runs[$1].flops }
            return (order, Dictionary(uniqueKeysWithValues: order.map { ($0, min(cores, plan.runs[$0].config.slots)) }))
        }
        let packing = Packing(Self.jobs(plan, open, found, pace), cores: cores)
        return (
            packing.order.map { open[$0] },
            Dictionary(uniqueKeysWithValues: open.indices.map { (open[$0], packing.ranks[$0]) })
        )
    }

    /// The runs `open`, as the packing sees them.
    static func jobs(_ plan: SweepPlan, _ open: [Int], _ found: SweepState?, _ pace: SweepPace) -> [Packing.Job] {
        open.map { index in
            let run = plan.runs[index]
            let trunk = plan.runs.firstIndex { $0.name == run.trunk }
            return Packing.Job(
                seconds: pace.seconds(run, from: found?.runs[index].step ?? 0), mostRanks: run.config.slots,
                after: trunk.flatMap { open.firstIndex(of: $0) })
        }
    }

    // MARK: One run

    /// A run's launch, and what it has to itself.
    private struct RunLaunch: Sendable {
        let index: Int
        let ranks: Int
        let cores: Int
        let hostfile: Hostfile?
        /// A complete run that this one begins with.
        let trunk: RunDirectory?

        var sharesHost: Bool { hostfile == nil && ranks < cores }
    }

    private func carryOut(_ launch: RunLaunch, _ channel: SweepDisplay.Channel) async -> SweepEnding {
        let run = plan.runs[launch.index]
        let directory = folder.directory(of: run)
        var arguments = [folder.config(of: run).path, "--run", directory.url.standardizedFileURL.path]
        if let trunk = launch.trunk { arguments += ["--from", trunk.url.standardizedFileURL.path] }
        do {
            try await options.launch(
                arguments + options.workerArguments, ranks: launch.ranks, hostfile: launch.hostfile,
                sharesHost: launch.sharesHost, kernelsAreChosen: options.kernels != nil, display: channel,
                announce: { channel.complain("apus: \($0)") })
            return .complete
        } catch {
            if Interrupts.shared.wasAsked { return .interrupted }
            if let record = try? RunRecord(directory), record.status == .diverged { return .diverged }
            let report = ErrorReport(error)
            if report.code == .interrupted { return .failed("it was stopped from outside; the same command goes on.") }
            return .failed(report.text.isEmpty ? "its worker said why, above." : report.text)
        }
    }
}
