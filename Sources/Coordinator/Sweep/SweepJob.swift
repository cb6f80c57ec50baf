import Checkpoints
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
    /// What the runs take of the host; nil where it has room for as many as it has cores, or where nobody asked.
    var memory: SweepMemory?
    let found: SweepState

    /// Runs all that is left.
    /// - Throws: `WorkerEnded` when it was interrupted, after the tables of what there is were written.
    /// - Returns: what failed, for another reason than divergence, by name.
    func run() async throws -> [(run: String, reason: String)] {
        // What is missing is told before anything begins.
        _ = (try Launch.findMPIRun(options.mpirun), try WorkerExecutable.path())
        let kernels = try await SweepKernels(plan, in: folder, found: found, options: options)
        let display = SweepDisplay(plan, found, pace: pace)
        let endings = try await train(display, kernels)
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

    /// The tables of all runs that were begun, in the order of the plan. Those that do not read are told of.
    @discardableResult
    func writeTables() throws -> RunTables {
        let records = plan.runs.map { folder.directory(of: $0) }.filter(\.holdsRun).compactMap { directory in
            do {
                return try RunRecord(directory)
            } catch {
                Console.tell("apus: left out of the tables: \(error)")
                return nil
            }
        }
        let tables = RunTables(records: records)
        try tables.runs.write(to: folder.runs)
        try tables.curves.write(to: folder.curves)
        try tables.evaluations?.write(to: folder.evaluations)
        return tables
    }

    // MARK: Scheduling

    private func train(_ display: SweepDisplay, _ kernels: SweepKernels) async throws -> [SweepEnding] {
        let hostfile = try options.readHostfile()
        let cores = try options.places(hostfile)
        var endings: [SweepEnding] = found.runs.map {
            switch $0 {
            case .complete: .complete
            case .diverged: .diverged
            case .waiting, .partial: .interrupted
            }
        }
        let trunks = plan.trunks
        let open = plan.runs.indices.filter { !found.runs[$0].isSettled }
        let claims = self.claims(of: open, cores: cores, hostfile: hostfile)
        var waiting = claims.order
        var room = Room(cores: cores, bytes: memory?.hostBytes ?? .infinity)
        await withTaskGroup(of: (Int, SweepEnding).self) { group in
            while true {
                while !Interrupts.shared.wasAsked, room.cores > 0,
                    let place = waiting.firstIndex(where: { index in
                        // What it would go on from is there, or will never be.
                        room.takes(claims.of[index]) && trunks[index].map { endings[$0].isSettled } ?? true
                    })
                {
                    let index = waiting.remove(at: place)
                    let claim = claims.of[index]
                    room.give(claim)
                    let channel = display.begin(index)
                    // A trunk that diverged is none: then the run is made alone, to the same bits.
                    let trunk = trunks[index].flatMap { endings[$0] == .complete ? plan.runs[$0] : nil }
                    let launch = RunLaunch(
                        index: index, ranks: claim.ranks, cores: cores, hostfile: hostfile, trunk: trunk,
                        kernels: kernels)
                    group.addTask { (index, await carryOut(launch, channel)) }
                }
                guard let (index, ending) = await group.next() else { return }
                room.takeBack(claims.of[index])
                endings[index] = ending
                display.end(index, ending)
            }
        }
        for index in waiting where !Interrupts.shared.wasAsked {
            let trunk = plan.runs[index].trunk
            endings[index] = .failed(
                trunk.map { "its trunk \($0) is not complete." }
                    ?? "it was never begun, and the same command begins it.")
        }
        return endings
    }

    /// In the order in which runs are offered the host, and what each takes of it, by its place in the plan; nothing of
    /// runs that are settled. On one host they are packed.
    private func claims(of open: [Int], cores: Int, hostfile: Hostfile?) -> (order: [Int], of: [Room.Claim]) {
        guard hostfile == nil else {
            // Every mpirun counts the hosts' cores from the first, so that runs side by side would meet on the same ones.
            let order = open.sorted { plan.runs[$0].flops > plan.runs[$1].flops }
            return (order, plan.runs.map { Room.Claim(ranks: min(cores, $0.config.slots), cores: cores) })
        }
        let jobs = Self.jobs(plan, open, found, pace, memory)
        let packing = Packing(jobs, cores: cores, bytes: memory?.hostBytes ?? .infinity)
        var claims = plan.runs.map { _ in Room.Claim(ranks: 1, cores: 1) }
        for (place, index) in open.enumerated() { claims[index] = jobs[place].claim(ranks: packing.ranks[place]) }
        return (packing.order.map { open[$0] }, claims)
    }

    /// The runs `open`, as the packing sees them.
    static func jobs(
        _ plan: SweepPlan, _ open: [Int], _ found: SweepState?, _ pace: SweepPace, _ memory: SweepMemory?
    ) -> [Packing.Job] {
        let trunks = plan.trunks
        let places = Dictionary(uniqueKeysWithValues: open.enumerated().map { ($0.element, $0.offset) })
        return open.map { index in
            let run = plan.runs[index]
            return Packing.Job(
                seconds: pace.seconds(run, from: found?.runs[index].step ?? 0), mostRanks: run.config.slots,
                after: trunks[index].flatMap { places[$0] }, memory: memory?.need(of: run) ?? .none)
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
        let trunk: SweepRun?
        let kernels: SweepKernels

        var sharesHost: Bool { hostfile == nil && ranks < cores }
    }

    private func carryOut(_ launch: RunLaunch, _ channel: SweepDisplay.Channel) async -> SweepEnding {
        let run = plan.runs[launch.index]
        let directory = folder.directory(of: run)
        let kernels = launch.kernels.arguments(for: directory)
        var arguments = [folder.config(of: run).path, "--run", directory.url.standardizedFileURL.path]
        if let trunk = launch.trunk {
            let other = folder.directory(of: trunk)
            if Self.canBegin(run, with: other) {
                arguments += ["--from", other.url.standardizedFileURL.path]
            } else {
                channel.complain(
                    "apus: its trunk \(trunk.name) has no good checkpoint up to step \(run.branchStep); it takes all steps "
                        + "itself, to the same bits.")
            }
        }
        do {
            try await options.launch(
                arguments + kernels + options.workerArguments, ranks: launch.ranks, hostfile: launch.hostfile,
                sharesHost: launch.sharesHost, kernelsAreChosen: options.kernels != nil || !kernels.isEmpty,
                display: channel, announce: { channel.complain("apus: \($0)") })
            return .complete
        } catch {
            if Interrupts.shared.wasAsked { return .interrupted }
            if let record = try? RunRecord(directory), record.status == .diverged { return .diverged }
            let report = ErrorReport(error)
            if report.code == .interrupted { return .failed("it was stopped from outside; the same command goes on.") }
            return .failed(report.text.isEmpty ? "its worker said why, above." : report.text)
        }
    }

    /// Whether the trunk has a good checkpoint of steps that are also the run's. One that was complete before the sweep got
    /// a shorter length kept none so early, and a full disk may have cost another its own.
    private static func canBegin(_ run: SweepRun, with trunk: RunDirectory) -> Bool {
        let saved = CheckpointFolder(trunk.checkpoints)
        let steps = ((try? saved.steps()) ?? []).filter { $0 > 0 && $0 <= run.branchStep }
        return steps.reversed().contains { (try? saved.checkpoint(step: $0)) != nil }
    }
}

extension SweepPlan {
    /// Of each run, the place of the one that it would go on from.
    fileprivate var trunks: [Int?] {
        let places = Dictionary(runs.indices.map { (runs[$0].name, $0) }) { first, _ in first }
        return runs.map { $0.trunk.flatMap { places[$0] } }
    }
}
