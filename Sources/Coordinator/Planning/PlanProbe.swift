import Experiment
import Foundation
import Subprocess

/// What `apus plan` asks of workers: sizes by arithmetic, and times by a short run on random tokens.
struct PlanProbe {
    /// The configuration's absolute path.
    let config: String
    let settings: [String]
    let ranks: Int
    let hosts: Int
    /// Of a host, where the user tells.
    let hostBytes: Int?
    let mpirun: String?
    /// The kernel set; nil for the strongest of this host.
    var kernels: String?
    /// More arguments for `mpirun`.
    var mpiArguments: [String] = []

    /// - Parameter measured: a probe, whose processes tell what a process takes by itself.
    func memory(measured: ProbeReport?) async throws -> MemoryReport {
        var arguments = ["plan", config] + settings.flatMap { ["--set", $0] }
        arguments += ["--ranks", "\(ranks)", "--hosts", "\(hosts)", "--cores", "\(Host.cores)", "--json"]
        arguments += kernels.map { ["--kernels", $0] } ?? []
        arguments += hostBytes.map { ["--host-bytes", "\($0)"] } ?? []
        if let measured {
            arguments += [
                "--base-bytes", "\(measured.baseBytes)", "--shared-base-bytes", "\(measured.sharedBaseBytes)",
            ]
        }
        return try Self.decode(MemoryReport.self, try await WorkerExecutable.output(arguments))
    }

    /// Runs a probe.
    /// - Returns: what it measured and how long it took to start and end; or why there is nothing.
    func measure(_ size: ProbeSize) async throws -> Outcome {
        let scratch = try Scratch(ranks: size.ranks)
        defer { scratch.remove() }
        do {
            let folder = try Self.folder(orElse: scratch.session)
            defer { try? FileManager.default.removeItem(at: folder) }
            let launch = Launch(
                mpirun: try Launch.findMPIRun(mpirun), worker: try WorkerExecutable.path(),
                workerArguments: ["plan", config, "--probe-slots", "\(size.slotsPerRank)"]
                    + (kernels.map { ["--kernels", $0] } ?? []) + settings.flatMap { ["--set", $0] },
                ranks: size.ranks, hostfile: nil, cores: Host.cores, scratch: scratch,
                extraArguments: ["-wdir", folder.path] + Launch.argumentsFromEnvironment + mpiArguments)
            return try await run(launch)
        } catch let failure as Failure {
            return .nothing(because: failure.message)
        }
    }

    enum Outcome {
        case measured(ProbeReport, secondsOfStart: Double)
        case nothing(because: String)
    }

    private func run(_ launch: Launch) async throws -> Outcome {
        let begun = Stopwatch()
        let child = Task {
            try await Subprocess.run(
                .path(.init(launch.mpirun)), arguments: Arguments(launch.arguments),
                environment: launch.processEnvironment, input: .none,
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        }
        let result = try await Interrupts.shared.handled { _ in
            child.cancel()
        } during: {
            try await child.value
        }
        if Interrupts.shared.wasAsked { throw WorkerEnded(code: .interrupted, sentence: nil) }
        guard result.terminationStatus.isSuccess else {
            let said = result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
            return .nothing(because: "the probe failed: \(said.isEmpty ? "mpirun said nothing" : said)")
        }
        let seconds = begun.seconds
        let report = try Self.decode(ProbeReport.self, result.standardOutput)
        return .measured(report, secondsOfStart: max(0, seconds - report.secondsInAll))
    }

    /// A folder of its own where runs go, since a checkpoint's time is its disk's; elsewhere where none can be made.
    private static func folder(orElse scratch: URL) throws -> URL {
        let name = ".plan-" + UUID().uuidString.prefix(8).lowercased()
        let current = URL(fileURLWithPath: FileManager.default.currentDirectoryPath).appendingPathComponent(name)
        if (try? FileManager.default.createDirectory(at: current, withIntermediateDirectories: false)) != nil {
            return current
        }
        let other = scratch.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: false)
        return other
    }

    private static func decode<Value: Decodable>(_: Value.Type, _ text: String) throws -> Value {
        do {
            return try SnakeCaseJSON.decode(Value.self, from: text)
        } catch {
            throw Failure(.worker, "apus-worker plan answered what cannot be read (\(error)): \(text.prefix(200))")
        }
    }
}
